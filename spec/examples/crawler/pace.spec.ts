import { expect } from 'chai';

import { Pace } from '../../../examples/crawler/pace.js';

describe('crawler · Pace', () => {
  it('gives a host one turn after the other', () => {
    const pace = new Pace(100);
    expect(['http://a/1', 'http://a/2', 'http://a/3'].map((url) => pace.reserve(url, 0))).to.deep.equal([
      0, 100, 200,
    ]);
    expect(pace.reserve('http://a/4', 350)).to.equal(0);
    expect(pace.reserve('http://a/5', 400)).to.equal(50);
  });

  it('does not let one host wait for another', () => {
    const pace = new Pace(100);
    pace.reserve('http://a/', 0);
    expect(pace.reserve('http://b/', 0)).to.equal(0);
    expect(pace.reserve('http://a:81/', 0)).to.equal(0);
  });

  it('is slower where a site asks for it, and never quicker than it was told to be', () => {
    const pace = new Pace(100);
    pace.slowDown('http://a', 300);
    pace.slowDown('http://b', 1);
    expect(['http://a/', 'http://a/'].map((url) => pace.reserve(url, 0))).to.deep.equal([0, 300]);
    expect(['http://b/', 'http://b/'].map((url) => pace.reserve(url, 0))).to.deep.equal([0, 100]);
  });

  it('lets everybody go at once when it has no delay', () => {
    const pace = new Pace(0);
    expect([1, 2, 3].map(() => pace.reserve('http://a/', 5))).to.deep.equal([0, 0, 0]);
  });
});
