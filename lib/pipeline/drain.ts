/**
 * Where a line ends.
 */
import { Channel } from '../kernel/channel.js';
import { TaskletExit, TaskletKilledError } from '../kernel/errors.js';
import { callable, isThenable, show } from '../kernel/options.js';
import type { Drain } from './stage.js';
import { isWritable, writing, type WritableLike } from './writable.js';

/** Something that is put into and closed: a queue. */
export interface QueueLike<T> {
  put(value: T): PromiseLike<unknown>;
  /** The line is at its end; with an error if it has failed or was killed. */
  close(error?: Error): unknown;
}

/**
 * Where values go, besides a {@link Drain}: a function is called with each and waited for; a channel, a queue or
 * a Node stream gets each, and is ended when the line is. Their result is how many values there were.
 */
export type Sink<T> = ((value: T) => unknown) | Channel<T> | QueueLike<T> | WritableLike<T>;

/** `sink` as a drain. */
export function drainOf<T>(sink: Drain<T, unknown> | Sink<T>, where: string): Drain<T, unknown> {
  if (typeof sink === 'function') return calling(sink);
  if (sink instanceof Channel) return sending(sink);
  const given = sink as Partial<Drain<T, unknown> & QueueLike<T>> | null | undefined;
  if (typeof given?.run === 'function') return sink as Drain<T, unknown>;
  if (typeof given?.put === 'function') return putting(sink as QueueLike<T>);
  if (isWritable<T>(sink)) return writing(sink);
  throw new TypeError(
    `${where}: the last one must be where values go (a function, a channel, a queue, a stream, collect()), ` +
      `not ${show(sink)}`,
  );
}

function calling<T>(fn: (value: T) => unknown): Drain<T, number> {
  return {
    name: fn.name === '' ? 'sink' : fn.name,
    async run(input) {
      let count = 0;
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const result = fn(step.value);
        if (isThenable(result)) await result;
        count++;
      }
      return count;
    },
  };
}

function sending<T>(channel: Channel<T>): Drain<T, number> {
  return passing(channel.name, (value) => channel.send(value), channel);
}

function putting<T>(queue: QueueLike<T>): Drain<T, number> {
  return passing('queue', (value: T) => queue.put(value), queue);
}

/** Passes on each value, and at the end how the line has ended. */
function passing<T>(
  name: string,
  pass: (value: T) => PromiseLike<unknown>,
  to: { close(error?: Error): unknown },
): Drain<T, number> {
  return {
    name,
    async run(input) {
      let count = 0;
      try {
        for (let step = await input.next(); step.done !== true; step = await input.next()) {
          await pass(step.value);
          count++;
        }
      } catch (error) {
        to.close(lastWord(error));
        throw error;
      }
      to.close();
      return count;
    },
  };
}

/** What others are told when a stage ends with `error`: why it was killed, if it was. */
export function lastWord(error: unknown): Error {
  let reason = error;
  while (reason instanceof TaskletExit) reason = reason.cause;
  if (reason instanceof Error) return reason;
  return new TaskletKilledError('the pipeline was killed', { cause: reason });
}

/**
 * A drain whose result is all values, in an array.
 *
 * @example
 * await pipeline([1, 2, 3], map((n) => n * n), collect()); // [1, 4, 9]
 */
export function collect<T>(): Drain<T, T[]> {
  return {
    name: 'collect',
    async run(input) {
      const values: T[] = [];
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        values.push(step.value);
      }
      return values;
    },
  };
}

/**
 * A drain whose result is made of one value after the other.
 *
 * @param fn gets what it was up to now and the next value; may wait.
 * @param initial what it is without any value. An object is shared by all lines this drain stands in.
 * @example
 * await pipeline(prices, reduce((sum, price) => sum + price, 0));
 */
export function reduce<T, R>(fn: (sum: R, value: T) => R | PromiseLike<R>, initial: R): Drain<T, R> {
  callable(fn, 'fn', 'reduce');
  return {
    name: fn.name === '' ? 'reduce' : fn.name,
    async run(input) {
      let sum = initial;
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const result = fn(sum, step.value);
        sum = isThenable(result) ? await result : result;
      }
      return sum;
    },
  };
}
