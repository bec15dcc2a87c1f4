import { identity } from '../kernel/identity.js';
import { Tasklet } from './tasklet.js';

/**
 * Makes a tasklet of `fn` and puts it last in the ring. Nothing of it runs before the caller waits.
 *
 * An error that nobody joins makes `run()` reject, or is an uncaught exception.
 * Source: Stackless `tasklet(fn)(*args)`.
 *
 * @returns the tasklet, which can be joined, killed, watched.
 * @example
 * const sum = spawn(async (a: number, b: number) => a + b, 1, 2);
 * await sum.join(); // 3
 */
export function spawn<A extends unknown[], R>(
  fn: (...args: A) => R | PromiseLike<R>,
  ...args: A
): Tasklet<Awaited<R>> {
  return new Tasklet(fn).start(...args) as unknown as Tasklet<Awaited<R>>;
}

/** The tasklet whose code is running, also after a foreign `await`; `undefined` outside tasklets. */
export function current(): Tasklet | undefined {
  const me = identity.current()?.owner as Tasklet | undefined;
  return me?.alive === true ? me : undefined;
}
