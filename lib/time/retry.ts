import { TaskletExit } from '../kernel/errors.js';
import { heed, isFromOutside, unheed } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { callable, duration, readOptions, show, whole } from '../kernel/options.js';
import { sleep } from './sleep.js';

export interface RetryOptions {
  /** How often it is tried at most, from 1; 3 by default. `Infinity`: until it is done. */
  attempts?: number;
  /**
   * Milliseconds before it is tried again: a number for the first time, doubled each time after it (100 by
   * default); or a function of how often it was tried and of the error.
   */
  delay?: number | ((attempts: number, error: unknown) => number);
  /**
   * Where chance comes from: a number from 0 to 1, such as `Math.random`. With it each delay is taken between half
   * of it and the whole, so that many who failed together do not try again together; without it none is by chance.
   */
  jitter?: () => number;
  /** Whether an error is worth another try; by default each is. */
  when?: (error: unknown) => boolean;
}

/**
 * Calls `fn` until it does not fail.
 *
 * What comes from outside is no failure, passes through, and ends it: a kill, an error thrown at its tasklet, a
 * {@link timeout} around it whose time is up, a {@link TaskGroup} around it that has failed. A `timeout` inside
 * `fn` is tried again like any other error: `timeout(10_000, () => retry(() => timeout(1000, fn)))`.
 *
 * @param fn gets the number of the attempt, from 1; may wait.
 * @returns what `fn` returns.
 * @throws the last error, when there was one too many or it was not worth another try. {TypeError | RangeError}
 * a wrong or unknown option.
 * @example
 * const page = await retry(() => download(url), { attempts: 5, delay: 200, jitter: Math.random });
 */
export async function retry<R>(
  fn: (attempt: number) => R | PromiseLike<R>,
  options?: RetryOptions,
): Promise<Awaited<R>> {
  callable(fn, 'fn', 'retry');
  const given = readOptions(options, ['attempts', 'delay', 'jitter', 'when'], 'retry');
  const { attempts = 3, delay = 100, jitter = one, when = always } = given;
  if (attempts !== Infinity) whole(attempts, 1, 'attempts', 'retry');
  const pause = typeof delay === 'function' ? delay : doubled(duration(delay, 'delay', 'retry'));
  callable(jitter, 'jitter', 'retry');
  callable(when, 'when', 'retry');
  const me = identity.current();
  if (me !== undefined) heed(me);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await fn(attempt);
      } catch (error) {
        // A scope says only once that its time is up: who tried again now would never be stopped.
        if (error instanceof TaskletExit || (me !== undefined && isFromOutside(me, error))) throw error;
        if (attempt >= attempts || !when(error)) throw error;
        await sleep(duration(pause(attempt, error), 'delay', 'retry') * part(jitter()));
      }
    }
  } finally {
    if (me !== undefined) unheed(me);
  }
}

function doubled(first: number): (attempts: number) => number {
  return (attempts) => first * 2 ** (attempts - 1);
}

/** How much of a delay is waited for. */
function part(chance: unknown): number {
  if (typeof chance !== 'number' || !(chance >= 0 && chance <= 1)) {
    throw new RangeError(`retry: jitter must give a number from 0 to 1, not ${show(chance)}`);
  }
  return (1 + chance) / 2;
}

function one(): number {
  return 1;
}

function always(): boolean {
  return true;
}
