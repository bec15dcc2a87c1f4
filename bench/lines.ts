// How fast can a program go through a log, as `grep error | awk '{ sum += $n }'` would?
//
// Three ways to take lines, each beside what somebody would write by hand for it. All add up the same
// numbers of the same lines of one file, which is made where temporary files are and is in the system's cache.

import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Library, Program, Question } from './harness/question.js';

/** What a line must have in it to count: one line in a hundred has. */
const mark = 'ERROR';

/** So many lines are made at once, and repeated. */
const block = 10_000;

function lineOf(number: number): string {
  const place = number % block;
  const level = place % 100 === 17 ? mark : 'INFO ';
  const method = ['GET', 'POST', 'PUT', 'DELETE'][place % 4] ?? '';
  const item = `${place}`.padStart(8, '0');
  return `2026-03-14T15:09:26.535Z ${level} ${method} /api/v1/items/${item} status=200 took=${took(place)}ms region=north`;
}

function took(place: number): number {
  return (place * 7919) % 1000;
}

function answer(size: number): number {
  let sum = 0;
  for (let number = 0; number < size; number++) if (number % 100 === 17) sum += took(number % block);
  return sum;
}

const logs = new Map<number, string>();

/** The log of `size` lines, made once in a process. */
function logOf(size: number): string {
  let path = logs.get(size);
  if (path !== undefined) return path;
  const folder = mkdtempSync(join(tmpdir(), 'evergreen-log-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  path = join(folder, 'server.log');
  logs.set(size, path);
  const file = openSync(path, 'w');
  const all = Array.from({ length: Math.min(size, block) }, (_, number) => `${lineOf(number)}\n`);
  const whole = Buffer.from(all.join(''));
  for (let left = size; left > 0; left -= block) {
    writeSync(file, left >= block ? whole : Buffer.from(all.slice(0, left).join('')));
  }
  closeSync(file);
  return path;
}

/** What is added for a line. */
function worth(line: string): number {
  if (!line.includes(mark)) return 0;
  return Number.parseInt(line.slice(line.indexOf('took=') + 5));
}

/** A program over the log, which is there before the clock starts. */
function through(sum: (path: string) => Promise<number>): Program {
  return (size, meter) => {
    const path = logOf(size);
    meter.start();
    return sum(path);
  };
}

// By hand ------------------------------------------------------------------------------------------------

async function readline(path: string): Promise<number> {
  let sum = 0;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  for await (const line of lines) sum += worth(line);
  return sum;
}

/** The fastest of those that make a string of each line. */
async function splitter(path: string): Promise<number> {
  let sum = 0;
  let rest = '';
  for await (const text of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + (text as string)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) sum += worth(line);
  }
  return sum + worth(rest);
}

/** Adds up the complete lines of `bytes`; gives the sum, and where the last one that is not begins. */
function searched(bytes: Buffer, needle: Buffer): readonly [sum: number, rest: number] {
  const end = bytes.lastIndexOf(10) + 1;
  let sum = 0;
  let at = 0;
  for (;;) {
    const hit = bytes.indexOf(needle, at);
    if (hit < 0 || hit >= end) return [sum, end];
    const from = bytes.lastIndexOf(10, hit) + 1;
    at = bytes.indexOf(10, hit) + 1;
    sum += worth(bytes.toString('latin1', from, at - 1));
  }
}

async function searchedStream(path: string): Promise<number> {
  const needle = Buffer.from(mark);
  let sum = 0;
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    const bytes = left.length === 0 ? (chunk as Buffer) : Buffer.concat([left, chunk as Buffer]);
    const [more, rest] = searched(bytes, needle);
    sum += more;
    left = bytes.subarray(rest);
  }
  return sum;
}

async function searchedBuffer(path: string): Promise<number> {
  const needle = Buffer.from(mark);
  const room = Buffer.allocUnsafeSlow(256 * 1024);
  const file = await open(path);
  let sum = 0;
  let kept = 0;
  for (;;) {
    const { bytesRead } = await file.read(room, kept, room.length - kept);
    if (bytesRead === 0) break;
    const total = kept + bytesRead;
    const [more, rest] = searched(room.subarray(0, total), needle);
    sum += more;
    room.copyWithin(0, rest, total);
    kept = total - rest;
  }
  await file.close();
  return sum;
}

// Ours ---------------------------------------------------------------------------------------------------

type Io = Awaited<ReturnType<Library['io']>>;

/** `sum` in a tasklet, and outside of tasklets: on Node 20 and 22 an `await` is dearer while one is alive. */
function both(
  { io, run }: Library,
  name: string,
  sum: (io: Io, path: string) => Promise<number>,
): Record<string, Program> {
  return {
    [name]: through(async (path) => {
      const words = await io();
      return run(() => sum(words, path));
    }),
    [`${name}, outside of tasklets`]: through(async (path) => sum(await io(), path)),
  };
}

const shape = {
  unit: 'line',
  metric: 'time',
  size: 1_900_000,
  tiny: 25_000,
  // The same file, so that only one has to be made.
  warm: 1_900_000,
  operations: (size: number) => size,
  answer,
} as const;

export const questions: readonly Question[] = [
  {
    ...shape,
    name: 'lines',
    asks: 'a log of 200 MB, line by line',
    floors: { 'readline, for await': through(readline) },
    evergreen: (library) => ({
      ...both(library, 'lines, for await', async ({ lines }, path) => {
        let sum = 0;
        for await (const line of lines(path)) sum += worth(line);
        return sum;
      }),
      'readline, for await, in a tasklet': through((path) => library.run(() => readline(path))),
    }),
  },
  {
    ...shape,
    name: 'lines-batches',
    asks: 'a log of 200 MB, many lines at a time',
    floors: { 'stream and split': through(splitter) },
    evergreen: (library) =>
      both(library, 'batches', async ({ lines }, path) => {
        let sum = 0;
        for await (const batch of lines(path).batches()) for (const line of batch) sum += worth(line);
        return sum;
      }),
  },
  {
    ...shape,
    name: 'lines-containing',
    asks: 'a log of 200 MB, only the lines with some bytes in them',
    floors: {
      'search in a stream': through(searchedStream),
      'search in one buffer': through(searchedBuffer),
    },
    evergreen: (library) =>
      both(library, 'containing', async ({ lines }, path) => {
        let sum = 0;
        for await (const line of lines(path, { containing: mark })) sum += worth(line);
        return sum;
      }),
  },
];
