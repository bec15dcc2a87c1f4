import { TaskletExit, TimeoutError } from 'evergreen-tasklets';
import { expect } from 'chai';

import { AddressRefusedError } from '../../../examples/crawler/address.js';
import { BodyError } from '../../../examples/crawler/body.js';
import { isPassing, pauseBefore, troubleOf } from '../../../examples/crawler/trouble.js';

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('crawler · troubleOf', () => {
  it('knows what may pass', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']) {
      expect(troubleOf(coded(code)), code).to.have.property('passing', true);
    }
    expect(troubleOf(new TimeoutError('late'))).to.deep.equal({
      problem: 'no answer in time',
      passing: true,
    });
  });

  it('knows what will not', () => {
    for (const code of ['ENOTFOUND', 'HPE_INVALID_CONSTANT', 'Z_DATA_ERROR', 'CERT_HAS_EXPIRED', 'EPROTO']) {
      expect(troubleOf(coded(code)), code).to.have.property('passing', false);
    }
    const refused = new AddressRefusedError('a.test is a private address');
    expect(troubleOf(refused)).to.deep.equal({ problem: refused.message, passing: false });
    const large = new BodyError('ERR_BODY_TOO_LARGE', 'larger than 1 bytes');
    expect(troubleOf(large)).to.deep.equal({ problem: large.message, passing: false });
  });

  it('takes neither a kill nor a mistake of ours for a broken link', () => {
    for (const error of [
      new TaskletExit(),
      new TypeError('a mistake'),
      coded('ERR_INVALID_ARG_TYPE'),
      'text',
      null,
    ]) {
      expect(troubleOf(error)).to.equal(undefined);
    }
  });
});

describe('crawler · isPassing', () => {
  it('is true of statuses that mean "not now"', () => {
    expect([200, 301, 404, 408, 429, 500, 502, 503, 504].filter(isPassing)).to.deep.equal([
      408, 429, 502, 503, 504,
    ]);
    expect(isPassing(undefined)).to.equal(false);
  });
});

describe('crawler · pauseBefore', () => {
  it('doubles each time, up to a minute, and is never exact', () => {
    const longest = [1, 2, 3, 4, 20].map((attempt) => pauseBefore(attempt, undefined, () => 1));
    expect(longest).to.deep.equal([250, 500, 1000, 2000, 60_000]);
    const shortest = [1, 2, 3, 4, 20].map((attempt) => pauseBefore(attempt, undefined, () => 0));
    expect(shortest).to.deep.equal([125, 250, 500, 1000, 30_000]);
  });

  it('is what the site asks for, in seconds or as a date', () => {
    expect(pauseBefore(1, '7')).to.equal(7000);
    expect(pauseBefore(1, '0')).to.equal(0);
    const inTen = pauseBefore(1, new Date(Date.now() + 10_000).toUTCString());
    expect(inTen).to.be.within(8000, 10_000);
    expect(pauseBefore(1, new Date(0).toUTCString())).to.equal(0);
  });

  it('is not worth it when that is more than a minute', () => {
    expect(pauseBefore(1, '61')).to.equal(undefined);
    expect(pauseBefore(1, '9'.repeat(400))).to.equal(undefined);
  });

  it('is the usual one when what the site asks for makes no sense', () => {
    expect(pauseBefore(1, 'soon', () => 1)).to.equal(250);
    expect(pauseBefore(1, '', () => 1)).to.equal(250);
  });
});
