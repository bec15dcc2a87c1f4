import { expect } from 'chai';

import { fromLine, isBroken, isDocument, toLine } from '../../../examples/crawler/page.js';
import type { Page } from '../../../examples/crawler/page.js';

const page: Page = {
  url: 'http://a.test/',
  from: 'http://a.test/b',
  hops: 1,
  status: 200,
  type: 'text/html',
  title: 'line\u2028one\n',
  bytes: 10,
  ms: 3,
  attempts: 2,
  location: undefined,
  links: ['http://a.test/c'],
  problem: undefined,
};

describe('crawler · a page as a line', () => {
  it('comes back as it was', () => {
    expect(fromLine(toLine(page))).to.deep.equal(page);
  });

  it('is one line, whatever its title is', () => {
    expect(toLine(page)).not.to.match(/[\r\n]/);
  });

  for (const line of ['', '{', '[]', 'null', '7', '{"url":"http://a.test/"}']) {
    it(`refuses ${JSON.stringify(line)}`, () => {
      expect(() => fromLine(line)).to.throw();
    });
  }

  it('names the field that is wrong', () => {
    expect(() => fromLine(toLine({ ...page, links: [7 as unknown as string] }))).to.throw(
      TypeError,
      '"links"',
    );
  });

  it('takes nothing from a prototype', () => {
    expect(() => fromLine('{"__proto__":{"url":"http://a.test/"}}')).to.throw(TypeError, '"url"');
  });
});

describe('crawler · what a page is', () => {
  it('is a document when it is HTML and was read to its end', () => {
    expect(isDocument(page)).to.equal(true);
    expect(isDocument({ ...page, type: undefined })).to.equal(true);
    expect(isDocument({ ...page, type: 'application/pdf' })).to.equal(false);
    expect(isDocument({ ...page, status: 404 })).to.equal(false);
    expect(isDocument({ ...page, problem: 'connection broke off' })).to.equal(false);
  });

  it('is broken when it is not there, or could not be read', () => {
    expect(isBroken(page)).to.equal(false);
    expect(isBroken({ ...page, status: 301 })).to.equal(false);
    expect(isBroken({ ...page, status: 404 })).to.equal(true);
    expect(isBroken({ ...page, status: undefined })).to.equal(true);
    expect(isBroken({ ...page, problem: 'larger than 10 bytes' })).to.equal(true);
  });
});
