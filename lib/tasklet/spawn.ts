import { refusal } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { caller } from '../kernel/caller.js';
import { RECEIVING } from '../kernel/waiter.js';
import { Tasklet } from './tasklet.js';
import { block, proceed, yieldTurn } from '../kernel/park.js';

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

/**
 * Goes to the end of the ring: everybody who can run has a turn first. Alone, it goes on at once.
 *
 * Killed there, it is raised there. Source: Stackless `schedule()`.
 */
export function schedule(): Promise<void> {
  const me = caller();
  return (refusal(me) ?? yieldTurn(me)) as Promise<void>;
}

/**
 * Waits until no other tasklet can run: all of them wait for something, or are over.
 *
 * Those who wait for idleness go on one after another, first come first served.
 */
export function idle(): Promise<void> {
  const me = caller();
  const { scheduler } = me;
  const refused = refusal(me);
  if (refused !== null) return refused as Promise<void>;
  if (scheduler.isIdle) return proceed(me, undefined) as Promise<void>;
  me.doing = RECEIVING;
  return block(me, scheduler.idlers) as Promise<void>;
}
