import { expect } from 'chai';

import { EVERYTHING } from '../../../examples/crawler/robots.js';
import { Scope } from '../../../examples/crawler/scope.js';

describe('crawler · Scope', () => {
  it('is the scheme, host and port of the pages it is given', () => {
    const scope = new Scope(['http://a.test/x', 'https://b.test:8443/']);
    expect(scope.origins).to.deep.equal(['http://a.test', 'https://b.test:8443']);
    for (const origin of scope.origins) scope.learn(origin, EVERYTHING);
    expect(scope.refuse('http://a.test/y')).to.equal(undefined);
    expect(scope.refuse('https://b.test:8443/y')).to.equal(undefined);
    for (const other of ['https://a.test/', 'http://a.test:81/', 'http://www.a.test/', 'https://b.test/']) {
      expect(scope.refuse(other), other).to.equal('another site');
    }
  });

  it('leaves out what a site does not allow', () => {
    const scope = new Scope(['http://a.test/']);
    scope.learn('http://a.test', { allows: (url) => !url.endsWith('/x'), delay: 0 });
    expect(scope.refuse('http://a.test/x')).to.equal('robots.txt');
    expect(scope.refuse('http://a.test/y')).to.equal(undefined);
  });

  it('allows nothing before a site has said what it allows', () => {
    expect(new Scope(['http://a.test/']).refuse('http://a.test/')).to.equal('robots.txt');
  });
});
