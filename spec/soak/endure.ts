/**
 * Doing the same thing very often, and seeing that nothing of it stays.
 *
 * It is done in rounds. After each, when all tasklets have ended and the garbage is gone, memory is weighed and all
 * that could be left is counted. What grows from round to round is a leak, however slowly; what has grown once is a
 * cache.
 */
import { leaks } from 'evergreen-tasklets/testing';
import { collectGarbage } from '../support/gc.js';

/** Something that can be done any number of times. */
export interface Work {
  readonly name: string;
  /** How many times it is done in a run of full length. */
  readonly count: number;
  /** By how many bytes the heap may grow a million times. */
  readonly limit: number;
  /** Does it `count` times, to the end. */
  go(count: number): Promise<void>;
  /** What is left of it, each in a few words, though nothing should be. */
  left?(): string[];
}

/** What came of it. */
export interface Figures {
  readonly count: number;
  readonly seconds: number;
  /** Bytes a million times. */
  readonly slope: number;
  /** The largest heap after a round, in bytes. */
  readonly peak: number;
  /** What should not be. */
  readonly faults: readonly string[];
}

/**
 * The first rounds are small and are not looked at: code is compiled in them and caches are filled. On that a heap
 * settles with the rounds, not with what is done in them, and it takes many until that is less than what is measured.
 */
const FULL = { warm: 60, rounds: 10, weighings: 2 };
const SHORT = { warm: 3, rounds: 4, weighings: 1 };
/** What a heap that is not settled goes up by, in bytes. */
const UNREST = 2_000_000;

/** Does `work` as often as it says, or only `share` of it. */
export async function endure(work: Work, share = 1): Promise<Figures> {
  const { warm, rounds, weighings } = share === 1 ? FULL : SHORT;
  const each = Math.ceil((work.count * share) / rounds);
  const faults = new Set<string>();
  const points: Point[] = [];
  let before: string | undefined;
  const start = performance.now();
  for (let round = 1 - warm; round <= rounds; round++) {
    await work.go(round > 0 ? each : Math.ceil(each / 50));
    const heap = await weigh(weighings);
    if (round > 0) points.push([(round * each) / 1e6, heap]);
    for (const fault of [...leaks(), ...(work.left?.() ?? [])]) faults.add(fault);
    before ??= doors();
    if (doors() !== before) faults.add(`open: ${doors()}; before: ${before}`);
  }
  const seconds = (performance.now() - start) / 1000;
  const grown = slope(points);
  const limit = share === 1 ? work.limit : Math.max(work.limit, UNREST / ((each * rounds) / 1e6));
  if (grown > limit) {
    faults.add(`the heap grows by ${kilobytes(grown)} a million times, more than ${kilobytes(limit)}`);
  }
  const peak = Math.max(...points.map(([, heap]) => heap));
  return { count: each * rounds, seconds, slope: grown, peak, faults: [...faults] };
}

export type Point = readonly [x: number, y: number];

/** How fast the second coordinate grows with the first: the line with the least squares. */
export function slope(points: readonly Point[]): number {
  const mean = (at: 0 | 1): number => points.reduce((sum, point) => sum + point[at], 0) / points.length;
  const [middle, height] = [mean(0), mean(1)];
  let [along, across] = [0, 0];
  for (const [x, y] of points) {
    along += (x - middle) * (y - height);
    across += (x - middle) ** 2;
  }
  return along / across;
}

/** Bytes that are in use when everything else has been collected: the least of some weighings. */
export async function weigh(weighings = 2): Promise<number> {
  let least = Infinity;
  // What the compiler has in hand just then is none of ours.
  for (let i = 0; i < weighings; i++) {
    await collectGarbage();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

/** What keeps the program alive. */
export function doors(): string {
  return process.getActiveResourcesInfo().sort().join(', ');
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
