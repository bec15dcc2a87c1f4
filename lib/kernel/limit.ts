/**
 * The deadline and the abort signal of one wait.
 *
 * It is released the moment the wait is settled, whatever settled it: no timer and no listener stays behind.
 */
import type { Timer } from './clock.js';
import { TimeoutError } from './errors.js';
import { raisePending } from './extra.js';
import { duration, readOptions, show, type WaitOptions } from './options.js';
import { stopWatching, watch } from './signal.js';
import { raise } from './park.js';
import { abandon, describe } from './wait.js';
import { ERRAND, READY, RUNNING, Waiter } from './waiter.js';

const NAMES = ['timeout', 'signal'] as const;

export class Limit implements Timer {
  due = 0;
  order = 0;
  place = -1;
  private waiter: Waiter | null = null;
  private readonly timeout: number;
  private readonly signal: AbortSignal | undefined;

  private constructor(timeout: number, signal: AbortSignal | undefined) {
    this.timeout = timeout;
    this.signal = signal;
  }

  /**
   * What `options` ask for, `null` if nothing.
   * @throws TypeError, RangeError for what they must not say; the signal's reason if it is aborted already.
   */
  static of(options: WaitOptions, where: string): Limit | null {
    const { timeout, signal } = readOptions(options, NAMES, where);
    const ms = timeout === undefined ? Infinity : duration(timeout, 'timeout', where);
    if (signal === undefined) return ms === Infinity ? null : new Limit(ms, undefined);
    if (!(signal instanceof AbortSignal)) {
      throw new TypeError(`${where}: signal must be an AbortSignal, not ${show(signal)}`);
    }
    signal.throwIfAborted();
    return new Limit(ms, signal);
  }

  /** Limits the wait of `waiter`, who has just parked; hands `wait` back. */
  on<T>(waiter: Waiter, wait: Promise<T>): Promise<T> {
    // An errand that stood between it and the next tasklet may have ended the wait already.
    if (waiter.doing === READY || waiter.doing === RUNNING) return wait;
    const { scheduler } = waiter;
    this.waiter = waiter;
    waiter.limit = this;
    if (this.signal !== undefined) watch(this.signal, this);
    if (this.timeout === 0) scheduler.wake(new Waiter(ERRAND, scheduler, this));
    else if (this.timeout !== Infinity) scheduler.clock.set(this, this.timeout);
    return wait;
  }

  /** The wait was settled. */
  release(): void {
    const { waiter } = this;
    if (waiter === null) return;
    this.waiter = null;
    waiter.limit = null;
    if (this.signal !== undefined) stopWatching(this.signal, this);
    waiter.scheduler.clock.cancel(this);
  }

  /** Time is up. Also the errand of a timeout of 0: everybody who could run had one turn. */
  fire(): void {
    const { waiter } = this;
    if (waiter === null) return;
    abandon(
      waiter,
      new TimeoutError(`${describe(waiter) ?? 'the wait'}: timed out after ${this.timeout} ms`),
    );
  }

  aborted(reason: unknown): void {
    if (this.waiter !== null) abandon(this.waiter, reason);
  }
}

/**
 * An operation of `me` that is not the plain one: an error may have to be raised in it instead, and its wait
 * may have limits.
 *
 * @param where what the operation is called in an error.
 */
export function limited(
  me: Waiter,
  options: WaitOptions | undefined,
  where: () => string,
  operation: () => Promise<unknown>,
): Promise<unknown> {
  let limit: Limit | null;
  try {
    limit = admit(me, options, where);
  } catch (error) {
    return raise(me, error);
  }
  const wait = operation();
  return limit === null ? wait : limit.on(me, wait);
}

/**
 * What comes before an operation of `me` that is not the plain one: an error that is to be raised in it
 * instead, and the limits of its wait.
 */
export function admit(me: Waiter, options: WaitOptions | undefined, where: () => string): Limit | null {
  if (me.extra !== null) raisePending(me);
  return options === undefined ? null : Limit.of(options, where());
}
