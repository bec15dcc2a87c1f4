// What a question, a contender and a reading are.
//
// A question is one sentence ("what does a rendezvous cost?") and several programs that do
// the same work in different ways. Every program returns a checksum of the values that went
// through it, and a reading with a wrong checksum is thrown away with its contender: nobody
// wins by losing values.

// For its type alone: which build is measured is decided when a contender starts.
import type * as Evergreen from '../../lib/index.js';
import type * as Futures from '../../lib/futures/index.js';
import type * as Io from '../../lib/io/index.js';
import type { Kernel } from '../generators/kernel.js';

/** The package as it is imported: today's build, or an older one in a comparison. */
export type Library = typeof Evergreen & {
  /** What is beside the front door, loaded only by programs that need it. */
  readonly io: () => Promise<typeof Io>;
  readonly futures: () => Promise<typeof Futures>;
  /** What is behind the front door; for explorations alone. */
  readonly kernel: () => Promise<Kernel>;
};

/** Does the work of one question `size` times over; gives the checksum of what it received. */
export type Program = (size: number, meter: Meter) => number | PromiseLike<number>;

/**
 * What a program may tell about itself. Most say nothing: then the whole call is timed, and
 * its time is the reading.
 */
export interface Meter {
  /** What came before was preparation: the clock starts here. */
  start(): void;
  /** What comes after is tidying up: the clock stops here. */
  stop(): void;
  /** Takes the weight of what is alive now beyond what was alive at the start, in bytes. */
  weigh(): void;
  /** Notes that something came so many milliseconds late. */
  late(milliseconds: number): void;
}

/** What is compared: processor time, bytes held, or lateness at the 99th percentile. */
export type Metric = 'time' | 'bytes' | 'lateness';

/** One question, with everything that answers it. */
export interface Question {
  readonly name: string;
  readonly asks: string;
  /** What one operation is: "message", "switch", "tasklet". */
  readonly unit: string;
  readonly metric: Metric;
  /** How much work one lap is; and how much is enough to see that the program is right. */
  readonly size: number;
  readonly tiny: number;
  /** How much of the work warms a process up; a fifth of it unless said. */
  readonly warm?: number;
  /** How many operations the work of this size is. */
  readonly operations: (size: number) => number;
  /** The checksum that a correct program returns. */
  readonly answer: (size: number) => number;
  /** The floors by name; the first one is what the ratios are taken against. */
  readonly floors: Readonly<Record<string, Program>>;
  /** Our own programs by name. The library comes in here, so that a floor runs without it. */
  readonly evergreen: (library: Library) => Readonly<Record<string, Program>>;
  /** The program in another library's words, if that library has them. */
  readonly peer?: (kit: Kit) => Program | undefined;
  /** Too long to be asked unless by name. */
  readonly onRequest?: boolean;
}

/** A channel as nearly every library has it: both ends are awaited. */
export interface KitChannel<T> {
  send(value: T): PromiseLike<unknown> | undefined;
  receive(): PromiseLike<T> | T;
}

/** The words a program needs, from one library. */
export interface Kit {
  readonly name: string;
  /** Calls `main`; over when `main` is, or later. */
  readonly run: (main: () => Promise<number>) => PromiseLike<number>;
  /** Lets `body` run beside the caller; nothing of it runs inside the call. */
  readonly spawn: (body: () => Promise<void>) => void;
  /** The same, and gives what waits for its end. */
  readonly start?: (body: () => Promise<void>) => () => PromiseLike<unknown>;
  /** A rendezvous channel: a send is over when its value has been received. */
  readonly channel?: <T>() => KitChannel<T>;
  /** What receives from whichever of the channels has something. */
  readonly selecting?: <T>(channels: readonly KitChannel<T>[]) => Selecting<T>;
  /** Lets the others run first. */
  readonly schedule?: () => PromiseLike<unknown> | undefined;
  /** What has room for so many values between those who put and those who get. */
  readonly queue?: (room: number) => KitQueue;
  /** What so many may hold at a time. */
  readonly permits?: (count: number) => KitPermits;
  /** Has so many values worked on at a time, and gives the results in the order of the values. */
  readonly map?: (
    values: Iterable<number>,
    work: (value: number) => Promise<number>,
    concurrency: number,
  ) => AsyncIterable<number> | PromiseLike<readonly number[]>;
}

export interface KitQueue {
  put(value: number): PromiseLike<unknown> | undefined;
  get(): PromiseLike<number> | number;
}

export interface KitPermits {
  acquire(): PromiseLike<unknown>;
  release(): void;
}

/** The words that not every kit has. */
export type Word = 'start' | 'channel' | 'selecting' | 'schedule' | 'queue' | 'permits' | 'map';

/** A kit that has these words. */
export type KitWith<W extends Word> = Kit & Required<Pick<Kit, W>>;

/** The program for any kit that has the words it needs. */
export function needing<W extends Word>(
  words: readonly W[],
  program: (kit: KitWith<W>) => Program,
): (kit: Kit) => Program | undefined {
  const able = (kit: Kit): kit is KitWith<W> => words.every((word) => kit[word] !== undefined);
  return (kit) => (able(kit) ? program(kit) : undefined);
}

/** A select that is asked again and again. */
export interface Selecting<T> {
  readonly select: () => PromiseLike<unknown>;
  /** The value in what the select gave. */
  readonly value: (hit: never) => T;
}

/**
 * Another library: a file in bench/peers that exports this. Its kit takes part wherever its
 * words suffice; `programs`, by a question's name, are for what is written differently.
 */
export interface Peer {
  readonly kit: Kit;
  readonly programs?: Readonly<Record<string, Program>>;
}

/** What a peer answers a question with, if it can. */
export function programOf({ kit, programs }: Peer, question: Question): Program | undefined {
  return programs?.[question.name] ?? question.peer?.(kit);
}

/** Mixes the next value into a checksum that depends on the order. */
export function fold(sum: number, value: number): number {
  return (Math.imul(sum, 31) + value) | 0;
}

/** The checksum of 0, 1, … `count` − 1 in this order. */
export function foldUpTo(count: number): number {
  let sum = 0;
  for (let value = 0; value < count; value++) sum = fold(sum, value);
  return sum;
}

/** The sum of 0, 1, … `count` − 1. */
export function sumUpTo(count: number): number {
  return (count * (count - 1)) / 2;
}
