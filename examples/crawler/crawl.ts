/**
 * The crawl: a frontier, a few workers, and the channels between them.
 *
 *     frontier ──jobs──▶ worker, worker, worker … ──visits──▶ frontier
 *                                                    └──pages──▶ whoever listens
 *
 * One tasklet keeps the frontier. It offers the next page to whichever worker is free and takes
 * back what the others have found; which of the two comes first is all it ever waits for. The
 * channels hold nothing, so nothing runs ahead: a slow listener slows the whole crawl down. They
 * all belong to one group: whichever fails takes the others with it.
 */
import { Channel, TaskGroup, never, schedule, select } from 'evergreen-tasklets';

import type { Frontier, Job } from './frontier.js';
import type { LookOptions } from './look.js';
import type { Pace } from './pace.js';
import type { Page } from './page.js';
import { askRobots } from './robots.js';
import type { Scope } from './scope.js';
import { visit } from './visit.js';
import type { Web } from './web.js';

export interface CrawlOptions extends LookOptions {
  /** How many pages are visited at once. */
  readonly concurrency: number;
  readonly userAgent: string;
}

/** What a crawl works with. */
export interface Crawl {
  readonly start: string;
  /** Pages that an earlier crawl has read, and that are not read again. */
  readonly earlier: readonly Page[];
  readonly frontier: Frontier;
  readonly scope: Scope;
  readonly web: Web;
  readonly pace: Pace;
  readonly options: CrawlOptions;
}

/**
 * Visits every page that can be reached, and sends each to `pages`, which it closes at its end.
 *
 * Killed, it takes the workers and their requests with it; what was sent was sent.
 */
export async function crawl(given: Crawl, pages: Channel<Page>): Promise<void> {
  try {
    await learnTheRules(given);
    await begin(given);
    await TaskGroup.run((group) => {
      const jobs = new Channel<Job>({ name: 'jobs' });
      const visits = new Channel<Page>({ name: 'visits' });
      group.spawn(keepFrontier, given.frontier, jobs, visits, pages);
      for (let n = 0; n < given.options.concurrency; n += 1) group.spawn(worker, given, jobs, visits);
    });
  } finally {
    pages.close();
  }
}

/** Keeps the workers busy until the frontier has nothing more to offer. */
async function keepFrontier(
  frontier: Frontier,
  jobs: Channel<Job>,
  visits: Channel<Page>,
  pages: Channel<Page>,
): Promise<void> {
  while (!frontier.finished) {
    const job = frontier.peek();
    const hit = await select({
      offer: job === undefined ? never.receiving() : jobs.sending(job),
      visit: visits.receiving(),
    });
    if (hit.case === 'visit') {
      frontier.finish(hit.value.url, hit.value.status !== undefined);
      await follow(hit.value, frontier);
      await pages.send(hit.value);
    } else {
      frontier.take();
    }
  }
  // Who waits for another job goes home.
  jobs.close();
}

/** Visits what it is given, one page at a time. */
async function worker(given: Crawl, jobs: Channel<Job>, visits: Channel<Page>): Promise<void> {
  for await (const job of jobs) {
    await visits.send(await visit(job, given.web, given.pace, given.options));
  }
}

/** Asks each site what it allows, before anything else is asked of it. */
async function learnTheRules({ scope, web, pace, options }: Crawl): Promise<void> {
  for (const origin of scope.origins) {
    const robots = await askRobots(origin, web, pace, options);
    scope.learn(origin, robots);
    pace.slowDown(origin, robots.delay);
  }
}

/** Fills the frontier: with the first page, or with what an earlier crawl had still before it. */
async function begin({ start, earlier, frontier }: Crawl): Promise<void> {
  for (const page of earlier) frontier.know(page.url);
  frontier.add({ url: start, hops: 0 });
  for (const page of earlier) await follow(page, frontier);
}

/** Adds the links of a page to the frontier. */
async function follow(page: Page, frontier: Frontier): Promise<void> {
  const hops = page.location === undefined ? 0 : page.hops + 1;
  for (const [n, url] of page.links.entries()) {
    frontier.add({ url, from: page.url, hops });
    // A page with ten thousand links lets others have their turn in between.
    if (n % 100 === 99) await schedule();
  }
}
