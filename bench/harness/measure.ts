// One contender, measured in the process it has to itself.

import type { Meter, Program, Question } from './question.js';

/** What one process found out about one contender. Times are nanoseconds an operation. */
export interface Reading {
  /** Processor time of all threads, the collector's and the compiler's included. */
  readonly processor: number;
  readonly wall: number;
  /** Bytes an operation, or milliseconds late; the metrics that are not times. */
  readonly bytes?: number;
  readonly lateness?: number;
}

/** What {@link measure} needs to know of a question. */
export type Work = Pick<Question, 'metric' | 'size' | 'tiny' | 'warm' | 'operations' | 'answer'>;

/** How often a contender does its whole work in one process at least; the reading is the median lap. */
const laps = 3;

/**
 * Short laps are done until this much time has gone: the first ones grow the heap and are compiled meanwhile. In
 * milliseconds.
 */
const enough = 1000;

/** Who needs longer than this for the first laps does no more of them. In milliseconds. */
const long = 2000;

/** Warms up, runs the laps, and gives the median one. Throws when a checksum is wrong. */
export async function measure(work: Work, program: Program): Promise<Reading> {
  await lap(work, program, work.tiny);
  if (work.metric !== 'time') return lap(work, program, work.size);
  // Twice, so that the laps run code that has been optimised on the right types.
  const warm = work.warm ?? work.size / 5;
  await lap(work, program, warm);
  await lap(work, program, warm);
  const began = performance.now();
  const readings: [Reading, ...Reading[]] = [await lap(work, program, work.size)];
  for (;;) {
    const elapsed = performance.now() - began;
    if (elapsed > (readings.length < laps ? long : enough)) break;
    readings.push(await lap(work, program, work.size));
  }
  return middle(readings);
}

/** Does the work once. */
async function lap(work: Work, program: Program, size: number): Promise<Reading> {
  // Before the clock starts: to count takes time.
  const operations = work.operations(size);
  const answer = work.answer(size);
  const stopwatch = new Stopwatch();
  stopwatch.start();
  const checksum = await program(size, stopwatch);
  const reading = stopwatch.read(operations);
  if (checksum !== answer) {
    throw new Error(`wrong checksum at size ${size}: ${checksum} instead of ${answer}`);
  }
  return reading;
}

/** The reading whose processor time is in the middle. */
function middle([first, ...others]: readonly [Reading, ...Reading[]]): Reading {
  const sorted = [first, ...others].sort((one, other) => one.processor - other.processor);
  return sorted[sorted.length >> 1] ?? first;
}

class Stopwatch implements Meter {
  private began = 0n;
  private usage = process.cpuUsage();
  private elapsed: { readonly wall: bigint; readonly processor: number } | undefined = undefined;
  private readonly alive = heap();
  private weight: number | undefined = undefined;
  private readonly delays: number[] = [];

  start(): void {
    this.usage = process.cpuUsage();
    this.began = process.hrtime.bigint();
  }

  stop(): void {
    this.elapsed = this.sinceStart();
  }

  weigh(): void {
    this.weight = heap() - this.alive;
  }

  late(milliseconds: number): void {
    this.delays.push(milliseconds);
  }

  read(operations: number): Reading {
    const { wall, processor } = this.elapsed ?? this.sinceStart();
    return {
      processor: processor / operations,
      wall: Number(wall) / operations,
      ...(this.weight !== undefined && { bytes: this.weight / operations }),
      ...(this.delays.length > 0 && { lateness: percentile(this.delays, 0.99) }),
    };
  }

  private sinceStart(): { readonly wall: bigint; readonly processor: number } {
    const wall = process.hrtime.bigint() - this.began;
    const { user, system } = process.cpuUsage(this.usage);
    return { wall, processor: (user + system) * 1000 };
  }
}

/** What is alive on the heap. Meaningful only where Node runs with `--expose-gc`. */
function heap(): number {
  const { gc } = globalThis;
  if (gc === undefined) return 0;
  // Twice: what only finalisers held on to goes the second time.
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
