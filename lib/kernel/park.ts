/**
 * Parking and waking: how an operation waits, or goes on without waiting.
 *
 * Each of these is the last thing an operation does. What it returns is what the operation returns: a promise
 * that is settled when the caller's turn has come.
 */
import { TaskletExit } from './errors.js';
import { settle } from './wait.js';
import { YIELDING, insertBefore, unlink, type Side, type Waiter } from './waiter.js';

/** A promise for "nothing", shared: to have waited for nothing costs no memory. */
const DONE: Promise<undefined> = Promise.resolve(undefined);

function isPaused(waiter: Waiter): boolean {
  return waiter.extra !== null && waiter.extra.paused;
}

/** `me` waits, on `side` if given, for somebody to wake it; if it has the turn, the next one gets it. */
export function block(me: Waiter, side: Side | null): Promise<unknown> {
  const { scheduler, next: after } = me;
  const wait = me.park();
  if (me === scheduler.current && after !== me && scheduler.observer === null) {
    // What `leave` does when nothing is rare, on purpose written out.
    unlink(me);
    if (side !== null) side.push(me);
    scheduler.give(after);
    return wait;
  }
  if (scheduler.observer !== null) scheduler.observer.blocked?.(me, side);
  if (me === scheduler.current) scheduler.leave(side);
  else if (side !== null) side.push(me);
  return wait;
}

/** `me` did what it wanted without waiting, and goes on. Without the turn, it goes on when it is its turn. */
export function proceed(me: Waiter, value: unknown, failed = false): Promise<unknown> {
  const { scheduler } = me;
  const holds = me === scheduler.current;
  const paused = isPaused(me);
  if (holds && !paused && (--scheduler.budget >= 0 || !scheduler.mustRest())) {
    if (failed) return Promise.reject(value);
    return value === undefined ? DONE : Promise.resolve(value);
  }
  const wait = me.turn();
  settle(me, value, failed);
  if (!holds) scheduler.wake(me);
  else if (paused) scheduler.leave();
  else scheduler.rest(me);
  return wait;
}

/**
 * `error` is raised in `me` instead of what it was about to do; all others have a turn first.
 *
 * That operation may be begun to be awaited after another one. A kill is raised in that one too, and so this one is
 * no unhandled rejection.
 */
export function raise(me: Waiter, error: unknown): Promise<unknown> {
  const wait = raised(me, error);
  if (error instanceof TaskletExit) wait.catch(ignore);
  return wait;
}

function ignore(): void {
  // Who awaits it hears of it.
}

function raised(me: Waiter, error: unknown): Promise<unknown> {
  const { scheduler } = me;
  if (me !== scheduler.current || isPaused(me)) return proceed(me, error, true);
  const wait = me.turn();
  settle(me, error, true);
  // An endless loop that swallows its kill must not take everybody else with it.
  if (me.next !== me) scheduler.give(me.next);
  else scheduler.rest(me);
  return wait;
}

/**
 * `peer`, whose wait is settled, goes on now and `me` is last, with `value` as the outcome of its own
 * operation. If `me` has no turn to give, or `peer` cannot take it, `peer` goes on when its turn comes.
 */
export function handOver(me: Waiter, peer: Waiter, value: unknown, failed = false): Promise<unknown> {
  const { scheduler } = me;
  if (me !== scheduler.current || peer.scheduler !== scheduler || isPaused(peer) || isPaused(me)) {
    peer.scheduler.wake(peer);
    return proceed(me, value, failed);
  }
  const wait = me.turn();
  settle(me, value, failed);
  if (scheduler.observer !== null) scheduler.observer.woken?.(peer);
  insertBefore(peer, me.next);
  scheduler.give(peer);
  return wait;
}

/** `me` goes last. */
export function yieldTurn(me: Waiter): Promise<unknown> {
  const { scheduler } = me;
  const holds = me === scheduler.current;
  if (holds && me.next === me && !isPaused(me)) return proceed(me, undefined);
  const wait = me.park();
  me.doing = YIELDING;
  if (!holds) scheduler.wake(me);
  else if (isPaused(me)) scheduler.leave();
  else scheduler.give(me.next);
  return wait;
}
