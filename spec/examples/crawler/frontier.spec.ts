import { expect } from 'chai';

import { Frontier } from '../../../examples/crawler/frontier.js';
import type { FrontierOptions, Refusal } from '../../../examples/crawler/frontier.js';

function frontier(options: Partial<FrontierOptions> = {}): Frontier {
  return new Frontier({ perHost: 10, maxPages: 1000, ...options });
}

function add(to: Frontier, ...urls: string[]): boolean[] {
  return urls.map((url) => to.add({ url: `http://${url}`, hops: 0 }));
}

/** Takes the next page, and says which. */
function take(from: Frontier): string | undefined {
  return from.take()?.url.slice('http://'.length);
}

describe('crawler · Frontier', () => {
  it('offers pages in the order they were named, each once', () => {
    const edge = frontier();
    expect(add(edge, 'a/1', 'a/2', 'a/1', 'a/3')).to.deep.equal([true, true, false, true]);
    expect([take(edge), take(edge)]).to.deep.equal(['a/1', 'a/2']);
    expect(add(edge, 'a/1')).to.deep.equal([false]);
    expect([take(edge), take(edge)]).to.deep.equal(['a/3', undefined]);
  });

  it('keeps a page until it is taken', () => {
    const edge = frontier();
    add(edge, 'a/1');
    expect([edge.peek()?.url, edge.peek()?.url]).to.deep.equal(['http://a/1', 'http://a/1']);
    expect([edge.waiting, edge.inHand]).to.deep.equal([1, 0]);
    take(edge);
    expect([edge.waiting, edge.inHand]).to.deep.equal([0, 1]);
  });

  it('is finished when nothing waits and nobody is out', () => {
    const edge = frontier();
    expect(edge.finished).to.equal(true);
    add(edge, 'a/1');
    expect(edge.finished).to.equal(false);
    take(edge);
    expect(edge.finished).to.equal(false);
    edge.finish('http://a/1', true);
    expect(edge.finished).to.equal(true);
  });

  it('lets hosts take turns', () => {
    const edge = frontier();
    add(edge, 'a/1', 'a/2', 'a/3', 'b/1', 'b/2');
    expect([1, 2, 3, 4, 5].map(() => take(edge))).to.deep.equal(['a/1', 'b/1', 'a/2', 'b/2', 'a/3']);
  });

  it('has no more than so many pages of a host in hand', () => {
    const edge = frontier({ perHost: 2 });
    add(edge, 'a/1', 'a/2', 'a/3', 'b/1');
    expect([1, 2, 3, 4].map(() => take(edge))).to.deep.equal(['a/1', 'b/1', 'a/2', undefined]);
    edge.finish('http://b/1', true);
    expect(take(edge)).to.equal(undefined);
    edge.finish('http://a/1', true);
    expect(take(edge)).to.equal('a/3');
  });

  it('ends after so many pages, when the last of them is back', () => {
    const edge = frontier({ maxPages: 2 });
    add(edge, 'a/1', 'a/2', 'a/3');
    expect([take(edge), take(edge), take(edge)]).to.deep.equal(['a/1', 'a/2', undefined]);
    edge.finish('http://a/1', true);
    expect(edge.finished).to.equal(false);
    edge.finish('http://a/2', true);
    expect(edge.finished).to.equal(true);
    expect(edge.waiting).to.equal(1);
  });

  it('does not offer what an earlier crawl has visited', () => {
    const edge = frontier();
    edge.know('http://a/1');
    expect(add(edge, 'a/1')).to.deep.equal([false]);
  });

  it('counts what it refuses, each link once', () => {
    const edge = frontier({
      refuse: (url): Refusal | undefined => (url.includes('/private/') ? 'robots.txt' : undefined),
    });
    add(edge, 'a/private/1', 'a/private/1', 'a/private/2', 'a/1');
    expect([...edge.refused]).to.deep.equal([['robots.txt', 2]]);
    expect(edge.waiting).to.equal(1);
  });

  it('does not follow the sixth redirect in a row', () => {
    const edge = frontier();
    expect(edge.add({ url: 'http://a/5', hops: 5 })).to.equal(true);
    expect(edge.add({ url: 'http://a/6', hops: 6 })).to.equal(false);
    expect([...edge.refused]).to.deep.equal([['too many redirects', 1]]);
  });

  it('gives up a host that has been silent for so long, and no other', () => {
    const edge = frontier({ maxSilence: 2 });
    add(edge, 'a/1', 'b/1', 'a/2', 'a/3', 'a/4', 'a/5');
    take(edge);
    take(edge);
    take(edge);
    take(edge);
    edge.finish('http://a/1', false);
    edge.finish('http://a/2', true);
    edge.finish('http://a/3', false);
    expect(edge.waiting).to.equal(2);
    take(edge);
    edge.finish('http://a/4', false);
    expect(edge.waiting).to.equal(0);
    expect(add(edge, 'a/6', 'b/2')).to.deep.equal([false, true]);
    expect([...edge.refused]).to.deep.equal([['the host stopped answering', 2]]);
  });

  it('remembers no more than it has room for', () => {
    const edge = frontier({ capacity: 2 });
    add(edge, 'a/1', 'a/2', 'a/3', 'a/3');
    expect(edge.waiting).to.equal(2);
    expect([...edge.refused]).to.deep.equal([['no room', 2]]);
  });

  it('hands out a hundred thousand pages in their order', () => {
    const edge = frontier({ maxPages: Infinity, perHost: Infinity });
    for (let n = 0; n < 100_000; n += 1) add(edge, `a/${n}`);
    for (let n = 0; n < 100_000; n += 1) expect(take(edge)).to.equal(`a/${n}`);
    expect(take(edge)).to.equal(undefined);
  });
});
