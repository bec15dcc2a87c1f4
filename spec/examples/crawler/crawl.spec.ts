import { Channel, run, spawn } from 'evergreen-tasklets';
import { expect } from 'chai';

import { crawl } from '../../../examples/crawler/crawl.js';
import type { Crawl } from '../../../examples/crawler/crawl.js';
import { Frontier } from '../../../examples/crawler/frontier.js';
import { Pace } from '../../../examples/crawler/pace.js';
import type { Page } from '../../../examples/crawler/page.js';
import { Scope } from '../../../examples/crawler/scope.js';
import { startSite } from '../../../examples/crawler/site.js';
import type { Site } from '../../../examples/crawler/site.js';
import { Web } from '../../../examples/crawler/web.js';

describe('crawler · crawl', function () {
  // The site has slow pages, and some of these crawl it three times.
  this.timeout(20_000);

  let site: Site;
  let web: Web;

  beforeEach(async () => {
    site = await startSite();
    web = new Web({ userAgent: 'spec/1', maxBody: 100_000, reach: 'loopback' });
  });

  afterEach(async () => {
    web[Symbol.dispose]();
    await site[Symbol.asyncDispose]();
  });

  interface Wishes {
    maxPages?: number;
    earlier?: Page[];
    start?: string;
    timeout?: number;
  }

  function prepare({ maxPages = 1000, earlier = [], start = site.url, timeout = 5000 }: Wishes = {}): Crawl {
    const scope = new Scope([start]);
    const frontier = new Frontier({ perHost: 8, maxPages, refuse: (url) => scope.refuse(url) });
    const options = { concurrency: 8, timeout, retries: 0, userAgent: 'spec/1' };
    return { start, earlier, frontier, scope, web, pace: new Pace(0), options };
  }

  async function crawlIt(given: Crawl): Promise<Page[]> {
    return await run(async () => {
      const pages = new Channel<Page>();
      const crawling = spawn(crawl, given, pages);
      const got: Page[] = [];
      for await (const page of pages) got.push(page);
      await crawling.join();
      return got;
    });
  }

  function paths(pages: readonly Page[]): string[] {
    return pages.map(({ url }) => new URL(url).pathname).sort();
  }

  it('visits every page once, whatever number of pages name it', async () => {
    const pages = await crawlIt(prepare());
    expect(new Set(paths(pages)).size).to.equal(pages.length);
    expect(paths(pages)).to.include.members(['/', '/article/250', '/loop/a', '/loop/b', '/chain/end']);
  });

  it('does not go where it is not to', async () => {
    const pages = await crawlIt(prepare());
    const gone = paths(pages).filter((path) => /wrong|private\/(?!notice)|far\/7|secret/.test(path));
    expect(gone).to.deep.equal([]);
    expect(new Set(pages.map(({ url }) => new URL(url).origin))).to.deep.equal(
      new Set([new URL(site.url).origin]),
    );
  });

  it('says where it found a page', async () => {
    const pages = await crawlIt(prepare());
    const from = pages.find(({ url }) => url.endsWith('/missing/1'))?.from;
    expect(from).to.equal(`${site.url}odd/`);
  });

  it('ends after so many pages', async () => {
    expect(await crawlIt(prepare({ maxPages: 20 }))).to.have.lengthOf(20);
  });

  it('goes on where an earlier crawl has ended, and the two are one', async () => {
    const first = await crawlIt(prepare({ maxPages: 100 }));
    const second = await crawlIt(prepare({ earlier: first }));
    const whole = await crawlIt(prepare());
    expect(paths([...first, ...second])).to.deep.equal(paths(whole));
  });

  it('has nothing to do when an earlier crawl was complete', async () => {
    const whole = await crawlIt(prepare());
    expect(await crawlIt(prepare({ earlier: whole }))).to.deep.equal([]);
  });

  it('gives up a site that does not answer', async () => {
    const first = await crawlIt(prepare({ maxPages: 50 }));
    await site[Symbol.asyncDispose]();
    const { port } = new URL(site.url);
    const given = prepare({ earlier: first });
    const pages = await crawlIt(given);
    expect(pages).to.deep.equal([]);
    expect(given.frontier.refused.get('robots.txt')).to.be.greaterThan(0);
    site = await startSite(Number(port));
  });

  it('does not run ahead of whoever takes the pages', async () => {
    await run(async () => {
      const given = prepare();
      const pages = new Channel<Page>();
      const crawling = spawn(crawl, given, pages);
      await pages.receive();
      await pages.receive();
      while (pages.balance === 0) await loopTurn();
      // The third is offered and nobody takes it: workers may finish what they have, and no more.
      const { inHand, waiting } = given.frontier;
      for (let n = 0; n < 100; n += 1) await loopTurn();
      expect(given.frontier).to.include({ inHand, waiting });
      expect(pages.balance).to.equal(1);
      crawling.kill();
    });
  });

  it('ends with all its workers and requests when it is killed', async () => {
    await run(async () => {
      const pages = new Channel<Page>();
      const given = prepare();
      const crawling = spawn(crawl, given, pages);
      for (let n = 0; n < 10; n += 1) await pages.receive();
      crawling.kill();
      const error: unknown = await crawling.join().catch((e: unknown) => e);
      expect(error).to.have.property('code', 'ERR_TASKLET_KILLED');
      expect(pages.closed).to.equal(true);
    });
  });

  it('fails when one of its tasklets does: a mistake of ours is no broken link', async () => {
    const given = prepare();
    let asked = 0;
    const faulty = {
      ask(url: string, signal: AbortSignal) {
        asked += 1;
        if (asked === 20) throw new TypeError('a mistake');
        return web.ask(url, signal);
      },
    };
    const error: unknown = await crawlIt({ ...given, web: faulty as unknown as Web }).catch(
      (e: unknown) => e,
    );
    expect(error).to.be.instanceOf(TypeError).with.property('message', 'a mistake');
  });

  it('closes its channel when it can visit nothing', async () => {
    const given = prepare({ start: `${site.url}private/` });
    expect(await crawlIt(given)).to.deep.equal([]);
    expect([...given.frontier.refused]).to.deep.equal([['robots.txt', 1]]);
  });
});

function loopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
