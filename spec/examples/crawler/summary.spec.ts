import { expect } from 'chai';

import type { Page } from '../../../examples/crawler/page.js';
import { Summary, duration, size } from '../../../examples/crawler/summary.js';

function page(url: string, more: Partial<Page> = {}): Page {
  return {
    url,
    hops: 0,
    status: 200,
    type: 'text/html',
    bytes: 100,
    ms: 10,
    attempts: 1,
    links: [],
    ...more,
  };
}

function redirect(url: string, location: string, more: Partial<Page> = {}): Page {
  return page(url, { status: 301, location, links: [location], bytes: 0, ...more });
}

function summary(...pages: Page[]): Summary {
  const made = new Summary();
  for (const one of pages) made.add(one);
  return made;
}

describe('crawler · Summary', () => {
  it('counts pages, bytes and statuses', () => {
    const { documents, visits, bytes, statuses } = summary(
      page('a'),
      page('b', { type: 'image/png', bytes: 0 }),
      page('c', { status: 404 }),
      page('d', { status: undefined, problem: 'connection refused', bytes: 0 }),
    );
    expect({ documents, visits, bytes }).to.deep.equal({ documents: 1, visits: 4, bytes: 200 });
    expect([...statuses]).to.deep.equal([
      ['200', 2],
      ['404', 1],
      ['no answer', 1],
    ]);
  });

  it('tells broken links, what is wrong, and where they were found', () => {
    const found = summary(
      page('a', { links: ['c', 'd', 'b'] }),
      page('b', { links: ['c'] }),
      page('d', { status: 200, problem: 'larger than 10 bytes', from: 'a' }),
      page('c', { status: 404, from: 'a' }),
    );
    expect(found.broken()).to.deep.equal([
      { url: 'c', problem: '404', from: 'a', others: 1 },
      { url: 'd', problem: 'larger than 10 bytes', from: 'a', others: 0 },
    ]);
  });

  it('finds redirects that go in a circle, whichever was found first', () => {
    const circle = [redirect('b', 'c'), redirect('c', 'b', { hops: 1 }), redirect('a', 'b')];
    for (const pages of [circle, [...circle].reverse()]) {
      expect(summary(...pages).broken()).to.deep.equal([
        { url: 'a', problem: 'redirects in a circle', from: undefined, others: 0 },
        { url: 'b', problem: 'redirects in a circle', from: undefined, others: pages.length - 2 },
      ]);
    }
  });

  it('follows five redirects in a row, and not six', () => {
    const row = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const rows = row.slice(1).map((to, hops) => redirect(row[hops] ?? '', to, { hops }));
    expect(summary(...rows.slice(0, 5)).broken()).to.deep.equal([]);
    expect(
      summary(...rows)
        .broken()
        .map(({ url }) => url),
    ).to.deep.equal(['a']);
  });

  it('does not call a redirect broken whose page is', () => {
    const found = summary(redirect('a', 'b'), page('b', { status: 404, from: 'a', hops: 1 }));
    expect(found.broken().map(({ url }) => url)).to.deep.equal(['b']);
  });

  it('keeps the slowest pages', () => {
    const found = summary(...[3, 9, 1, 7, 5, 8, 2].map((ms) => page(String(ms), { ms })));
    expect(found.slowest.map(({ ms }) => ms)).to.deep.equal([9, 8, 7, 5, 3]);
  });

  it('tells it all in a way people can read', () => {
    const found = summary(
      page('http://a.test/', { links: ['http://a.test/b'] }),
      page('http://a.test/b', { status: 404, from: 'http://a.test/', ms: 1500, bytes: 1_234_567 }),
    );
    expect(found.render(2000, new Map([['robots.txt', 3]])).split('\n')).to.deep.equal([
      '',
      '  pages      1 of 2 URLs',
      '  bytes      1.2 MB',
      '  statuses   200 × 1   404 × 1',
      '  left out   3 (robots.txt)',
      '  time       2.0 s, 0.5 pages a second',
      '',
      '  broken links (1)',
      '    http://a.test/b: 404',
      '      on http://a.test/',
      '',
      '  slowest',
      '      1.5 s  http://a.test/b',
      '      10 ms  http://a.test/',
      '',
    ]);
  });

  it('says so when nothing is broken, and when nothing was found at all', () => {
    expect(summary(page('a')).render(1, new Map())).to.include('no broken links');
    expect(summary().render(0, new Map())).to.include('0 of 0 URLs');
  });

  it('hands no control character to the terminal', () => {
    const evil = '\u001b]0;owned\u0007';
    const found = summary(page(evil, { status: undefined, problem: evil, from: evil, ms: 99 }));
    // eslint-disable-next-line no-control-regex -- they are what must not be there
    expect(found.render(1, new Map())).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('prints fifty broken links and counts the others', () => {
    const found = summary(...Array.from({ length: 60 }, (_, n) => page(String(n), { status: 404 })));
    expect(found.render(1, new Map())).to.include('broken links (60)').and.to.include('and 10 more');
  });

  it('counts no more links than it has room for', () => {
    const small = new Summary(1);
    small.add(page('a', { links: ['b', 'c', 'b'] }));
    small.add(page('b', { status: 404, from: 'a' }));
    small.add(page('c', { status: 404, from: 'a' }));
    expect(small.broken().map(({ others }) => others)).to.deep.equal([1, 0]);
  });
});

describe('crawler · size and duration', () => {
  it('say bytes as people do', () => {
    expect([0, 999, 1000, 1499, 99_500, 999_499, 999_500, 2.5e9, 1e15].map(size)).to.deep.equal([
      ...['0 B', '999 B', '1.0 kB', '1.5 kB', '100 kB', '999 kB', '1.0 MB', '2.5 GB', '1000 TB'],
    ]);
  });

  it('say milliseconds as people do', () => {
    expect([0, 12.4, 999.4, 1000, 59_900, 61_000, 3_600_000].map(duration)).to.deep.equal([
      ...['0 ms', '12 ms', '999 ms', '1.0 s', '59.9 s', '1 min 1 s', '60 min 0 s'],
    ]);
  });
});
