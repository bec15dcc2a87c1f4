import { expect } from 'chai';

import { decode } from '../../../examples/crawler/charset.js';

const latin1 = Buffer.from('caf\u00e9', 'latin1');
const utf8 = Buffer.from('caf\u00e9', 'utf8');

describe('crawler · decode', () => {
  it('believes the header', () => {
    expect(decode(latin1, 'text/html; charset=ISO-8859-1')).to.equal('café');
    expect(decode(utf8, 'text/html;charset="UTF-8"')).to.equal('café');
  });

  it('believes the page where the header is silent', () => {
    const body = Buffer.concat([Buffer.from('<meta charset=windows-1251>'), Buffer.from([0xec, 0xe8, 0xf0])]);
    expect(decode(body, 'text/html')).to.equal('<meta charset=windows-1251>мир');
  });

  it('reads the older way for a page to name it', () => {
    const head = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">';
    expect(decode(Buffer.concat([Buffer.from(head), Buffer.from([0xcd])]))).to.equal(`${head}м`);
  });

  it('believes the header more than the page', () => {
    const body = Buffer.concat([Buffer.from('<meta charset=koi8-r>'), utf8]);
    expect(decode(body, 'text/html; charset=utf-8')).to.match(/café$/);
  });

  it('believes a byte order mark more than either, and drops it', () => {
    const body = Buffer.from('\ufeffcaf\u00e9', 'utf16le');
    expect(decode(body, 'text/html; charset=ISO-8859-1')).to.equal('café');
    expect(decode(Buffer.from('\ufeffcaf\u00e9'), 'text/html; charset=koi8-r')).to.equal('café');
  });

  it('takes UTF-8 for granted, and old western letters where it cannot be that', () => {
    expect(decode(utf8)).to.equal('café');
    expect(decode(latin1)).to.equal('café');
  });

  it('goes on as if nothing was said when nobody knows the name', () => {
    expect(decode(utf8, 'text/html; charset=klingon')).to.equal('café');
    expect(decode(Buffer.concat([Buffer.from('<meta charset=klingon>'), latin1]))).to.match(/café$/);
  });

  it('does not believe a readable page that says it is UTF-16', () => {
    expect(decode(Buffer.concat([Buffer.from('<meta charset=utf-16>'), utf8]))).to.match(/café$/);
  });

  it('puts a sign where bytes cannot be read', () => {
    expect(decode(latin1, 'text/html; charset=utf-8')).to.equal('caf\ufffd');
  });

  it('reads an empty page', () => {
    expect(decode(Buffer.alloc(0))).to.equal('');
  });
});
