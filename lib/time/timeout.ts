import type { Timer } from '../kernel/clock.js';
import { StateError, TimeoutError } from '../kernel/errors.js';
import { interrupt, recall } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { callable, duration, readOptions } from '../kernel/options.js';
import { ERRAND, Waiter } from '../kernel/waiter.js';

export interface TimeoutOptions<F> {
  /** What comes of it, instead of the error, when time is up. */
  fallback?: F;
}

/** One deadline over everything that its tasklet waits for. */
class Scope implements Timer {
  due = 0;
  order = 0;
  place = -1;
  readonly error: TimeoutError;
  private readonly waiter: Waiter;
  /** A scope inside a critical step counts there; one around it does not. */
  private readonly depth: number;
  private over = false;

  constructor(waiter: Waiter, ms: number) {
    this.waiter = waiter;
    this.depth = waiter.extra?.shields ?? 0;
    this.error = new TimeoutError(`timeout: time was up after ${ms} ms`);
    const { scheduler } = waiter;
    if (ms === 0) scheduler.wake(new Waiter(ERRAND, scheduler, this));
    else if (ms !== Infinity) scheduler.clock.set(this, ms);
  }

  fire(): void {
    if (!this.over) interrupt(this.waiter, this.error, this.depth);
  }

  leave(): void {
    this.over = true;
    this.waiter.scheduler.clock.cancel(this);
    recall(this.waiter, this.error);
  }
}

/**
 * Runs `fn` in this tasklet and raises {@link TimeoutError} at its current wait when time is up, or at its
 * next one if it has none. Source: Trio's `fail_after`.
 *
 * Scopes nest, and each knows only its own error. A wait that was committed before returns; if `fn` comes to
 * its end all the same, its value counts. It is raised once: an `fn` that catches everything and goes on is not
 * stopped again. What `fn` awaits that is not ours cannot be interrupted: use {@link wait} there.
 *
 * @param ms milliseconds from 0 (time for one turn); `Infinity`: no limit.
 * @param options `fallback`: what to return when time is up, instead of raising the error.
 * @throws {StateError} called outside a tasklet. {TypeError | RangeError} `ms` is no number, `NaN`, or negative.
 * @example
 * const page = await timeout(5000, () => download(url), { fallback: undefined });
 */
export async function timeout<R, F = never>(
  ms: number,
  fn: () => R | PromiseLike<R>,
  options?: TimeoutOptions<F>,
): Promise<R | F> {
  duration(ms, 'ms', 'timeout');
  callable(fn, 'fn', 'timeout');
  const given = readOptions(options, ['fallback'], 'timeout');
  const me = identity.current();
  if (me === undefined) throw new StateError('timeout: a scope belongs to a tasklet, and here is none');
  const scope = new Scope(me, ms);
  try {
    return await fn();
  } catch (error) {
    if (error === scope.error && 'fallback' in given) return given.fallback;
    throw error;
  } finally {
    scope.leave();
  }
}
