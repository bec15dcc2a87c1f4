/**
 * The crawler's command line.
 *
 * One tasklet crawls, one listens for Ctrl-C, one draws the progress; the main one takes the
 * pages as they come, writes them down, and tells what was found. Ctrl-C kills the first: its
 * workers and their requests end with it, the pages that were sent are written, the summary is
 * told.
 */
import { constants } from 'node:os';

import { Channel, Tasklet, TaskletKilledError, every, run, spawn, wait } from 'evergreen-tasklets';
import { events } from 'evergreen-tasklets/io';

import { crawl } from './crawl.js';
import { Frontier } from './frontier.js';
import { USAGE, UsageError, readOptions } from './options.js';
import type { Options } from './options.js';
import { Output, OutputError } from './output.js';
import { Pace } from './pace.js';
import type { Page } from './page.js';
import { printable } from './printable.js';
import { progressOn } from './progress.js';
import type { Progress } from './progress.js';
import { Scope } from './scope.js';
import { startSite } from './site.js';
import { Summary, duration, size } from './summary.js';
import { Web } from './web.js';

const DONE = 0;
const FAILED = 1;
const MISUSED = 2;
/** What a shell makes of a signal: 130 for Ctrl-C. */
const BY_SIGNAL = 128;

type Press = 'SIGINT' | 'SIGTERM';

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return DONE;
  }
  if (options.start !== undefined) return await crawlFrom(options.start, options);
  await using site = await startSite(options.port);
  return await crawlFrom(site.url, options);
}

async function crawlFrom(start: string, options: Options): Promise<number> {
  await using output = await openOutput(start, options);
  using web = new Web(options);
  const scope = new Scope([start, ...options.also]);
  const capacity = Math.max(100_000, 10 * options.maxPages);
  const frontier = new Frontier({ ...options, capacity, refuse: (url) => scope.refuse(url) });
  const pace = new Pace(options.delay);
  const summary = new Summary(capacity);
  const earlier = output?.earlier ?? [];
  for (const page of earlier) summary.add(page);
  console.log(`Crawling ${printable(start)}`);

  const began = performance.now();
  const pages = new Channel<Page>({ name: 'pages' });
  const crawling = spawn(crawl, { start, earlier, frontier, scope, web, pace, options }, pages);
  const progress = progressOn(process.stderr);
  new Tasklet(listenForCtrlC, { daemon: true }).start(crawling);
  new Tasklet(draw, { daemon: true }).start(progress, summary, frontier, began);

  for await (const page of pages) {
    summary.add(page);
    if (output !== undefined) await wait(output.write(page));
  }
  const press = await howItEnded(crawling);

  progress.clear();
  console.log(summary.render(performance.now() - began, frontier.refused));
  if (press !== undefined) {
    console.log(`Interrupted with ${frontier.waiting + frontier.inHand} pages still to visit.`);
    return BY_SIGNAL + constants.signals[press];
  }
  const whole = !frontier.refused.has('the host stopped answering');
  return whole && summary.documents > 0 ? DONE : FAILED;
}

/** The file to write to, if there is to be one, with what it holds of this crawl. */
async function openOutput(start: string, { output: path, resume }: Options): Promise<Output | undefined> {
  if (path === undefined) return undefined;
  const output = await Output.open(path, resume);
  const [first] = output.earlier;
  if (first === undefined || new URL(first.url).origin === new URL(start).origin) return output;
  await output[Symbol.asyncDispose]();
  throw new OutputError(`${path} holds a crawl of ${first.url}, not of ${start}`);
}

/**
 * The first one ends the crawl and keeps what it has. Then nobody listens any more, and the next one ends
 * the program where it stands, like any other program.
 */
async function listenForCtrlC(crawling: Tasklet<void>): Promise<void> {
  using presses = events(process, 'SIGINT', 'SIGTERM');
  const { name } = await presses.receive();
  crawling.kill({ reason: name });
}

async function draw(progress: Progress, summary: Summary, frontier: Frontier, began: number): Promise<void> {
  for await (const _ of every(100)) {
    const counts = [
      `${summary.documents} pages`,
      `${frontier.waiting} waiting`,
      `${frontier.inHand} in hand`,
      `${summary.brokenCount} broken`,
      size(summary.bytes),
    ];
    progress.show(`${duration(performance.now() - began)}: ${counts.join(', ')}`);
  }
}

/** The signal that ended the crawl, or `undefined` if it came to its end. */
async function howItEnded(crawling: Tasklet<void>): Promise<Press | undefined> {
  try {
    await crawling.join();
    return undefined;
  } catch (error) {
    if (error instanceof TaskletKilledError) return error.cause as Press;
    throw error;
  }
}

/** What the user or the system did wrong is told in a line; what we did wrong with all that is known of it. */
function tell(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${printable(error.message)}\nTry --help.`);
    return MISUSED;
  }
  if (error instanceof OutputError) {
    console.error(printable(error.message));
    return MISUSED;
  }
  const ofSystem = error instanceof Error && 'syscall' in error;
  console.error(ofSystem ? printable(error.message) : error);
  return FAILED;
}

run(() => main(process.argv.slice(2))).then(
  (code) => (process.exitCode = code),
  (error: unknown) => (process.exitCode = tell(error)),
);
