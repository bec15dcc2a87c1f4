import { expect } from 'chai';

import { originOf, resolveUrl } from '../../../examples/crawler/url.js';

describe('crawler · resolveUrl', () => {
  const same: [what: string, reference: string, expected: string][] = [
    ['a relative path', 'b', 'http://a.test/x/b'],
    ['dots', '../b/./c', 'http://a.test/b/c'],
    ['an absolute path', '/b', 'http://a.test/b'],
    ['no scheme', '//b.test/c', 'http://b.test/c'],
    ['capitals in scheme and host', 'HTTP://A.test/B', 'http://a.test/B'],
    ['the default port', 'http://a.test:80/', 'http://a.test/'],
    ['a fragment', '/b#c', 'http://a.test/b'],
    ['a fragment alone', '#c', 'http://a.test/x/y'],
    ['an empty query', '/b?', 'http://a.test/b'],
    ['a query', '/b?c=1&d', 'http://a.test/b?c=1&d'],
    ['an escaped letter', '/%7eb%2D', 'http://a.test/~b-'],
    ['an escape in small letters', '/b%2fc', 'http://a.test/b%2Fc'],
    ['letters of the world', '/café', 'http://a.test/caf%C3%A9'],
    ['blanks around', ' \n/b\t', 'http://a.test/b'],
    ['backslashes', '\\b\\c', 'http://a.test/b/c'],
    ['odd ways to write an address', 'http://0x7f.1/', 'http://127.0.0.1/'],
  ];
  for (const [what, reference, expected] of same) {
    it(`has one spelling for ${what}`, () => {
      expect(resolveUrl(reference, 'http://a.test/x/y')).to.equal(expected);
    });
  }

  const nothing: [what: string, reference: string][] = [
    ['mail', 'mailto:a@b.test'],
    ['a script', 'javascript:void(0)'],
    ['a file', 'file:///etc/hostname'],
    ['data', 'data:text/html,a'],
    ['ftp', 'ftp://a.test/'],
    ['a password', 'http://user:secret@a.test/'],
    ['a user', 'http://user@a.test/'],
    ['no URL', 'http://['],
    ['one that has no end', `/${'a'.repeat(3000)}`],
  ];
  for (const [what, reference] of nothing) {
    it(`follows no link to ${what}`, () => {
      expect(resolveUrl(reference, 'http://a.test/')).to.equal(undefined);
    });
  }

  it('is the same the second time', () => {
    const once = resolveUrl('/%7e%2f%c3%a9?%7e', 'http://a.test/');
    expect(resolveUrl(once ?? '')).to.equal(once);
  });
});

describe('crawler · originOf', () => {
  it('is the scheme, the host and the port', () => {
    expect(originOf('https://a.test:8443/b?c')).to.equal('https://a.test:8443');
  });
});
