import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { caller, here, refused } from '../kernel/caller.js';
import { TaskletExit } from '../kernel/errors.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { callable, duration, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { holding, type Lease } from './lease.js';
import { Lock, type NameOptions } from './lock.js';
import { RLock } from './rlock.js';

/**
 * A lock, and a place to wait until something that it protects has changed.
 *
 * Who waits here has released the lock meanwhile, and holds it again afterwards. Those who wait are notified
 * first come, first served; who gave up waiting is out of the line at once, so no notification is spent on it.
 * Source: Python `threading.Condition`.
 *
 * To wait is two waits, so it is no case of a select; `spawn(() => condition.wait()).joining()` is.
 *
 * @example
 * const filled = new Condition();
 * const items: string[] = [];
 * spawn(() => filled.with(() => {
 *   items.push('first');
 *   filled.notify();
 * }));
 * await filled.with(() => filled.waitFor(() => items[0])); // 'first'
 */
export class Condition {
  readonly name: string;
  /** What is held while the protected state is looked at or changed. */
  readonly lock: Lock | RLock;
  /** @internal */
  readonly title: string;
  private readonly line: Channel<void>;

  /**
   * @param lock a lock that others may use too; a new {@link RLock} by default.
   * @throws {TypeError} a wrong or unknown option.
   */
  constructor(lock?: Lock | RLock, options?: NameOptions) {
    this.name = nameOf(readOptions(options, ['name'], 'Condition').name, 'Condition');
    this.title = titled('condition', this.name);
    if (lock !== undefined && !(lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError(`Condition: lock must be a Lock or an RLock, not ${show(lock)}`);
    }
    this.lock = lock ?? new RLock(this.name === '' ? {} : { name: this.name });
    this.line = line(this.title);
  }

  /** Somebody holds the lock. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /** Takes the lock; see {@link Lock.acquire}. */
  acquire(options?: WaitOptions): Promise<Lease> {
    return this.lock.acquire(options);
  }

  /** Takes the lock if it is free; see {@link Lock.tryAcquire}. */
  tryAcquire(): Lease | undefined {
    return this.lock.tryAcquire();
  }

  /** A case of {@link select}: to take the lock. */
  acquiring(): Case<Lease> {
    return this.lock.acquiring();
  }

  /** Calls `fn` while the lock is held; see {@link Lock.with}. */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return holding(this, fn, options);
  }

  /** Releases the lock; see {@link Lock.release}. */
  release(): void {
    this.lock.release();
  }

  /**
   * Releases the lock, waits to be notified, and takes the lock again; a lease of it stays good.
   *
   * The lock is taken again whatever ends the wait: notified, killed, timed out or aborted. That may take
   * time, which `options.timeout` does not count. Killed again there (its time to clean up was over), the
   * caller comes out without the lock. A notification that it can no longer use is passed on to the next one.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`: for the notification.
   * @throws {StateError} the lock is not held: an {@link RLock} by the caller, a {@link Lock} by anybody.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  async wait(options?: WaitOptions): Promise<void> {
    // Before anything is done: a wait that raises did not happen.
    const refusing = refused(options, () => this.title);
    if (refusing !== null) return refusing;
    const resume = this.lock.suspend();
    let notified = false;
    let failure: { error: unknown } | undefined;
    try {
      await this.line.receive(options);
      notified = true;
    } catch (error) {
      failure = { error };
    }
    let last: unknown = resume;
    for (;;) {
      try {
        await resume();
        break;
      } catch (error) {
        if (failure === undefined || error instanceof TaskletExit) failure = { error };
        // Twice the same: it will be raised at every wait from now on.
        if (error === last) break;
        last = error;
      }
    }
    if (failure === undefined) return;
    if (notified) this.line.trySend(undefined);
    throw failure.error;
  }

  /**
   * Waits until `predicate` returns something truthy; it is asked now, and after each notification, while the
   * lock is held. `options.timeout` is one deadline for all of it.
   *
   * @returns what `predicate` returned.
   * @throws as {@link Condition.wait}; what `predicate` throws.
   */
  async waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    callable(predicate, 'predicate', this.title);
    const refusing = refused(options, () => this.title);
    if (refusing !== null) return refusing;
    const { clock } = here();
    const { timeout = Infinity, signal } = readOptions(options, ['timeout', 'signal'], this.title);
    const due = clock.now() + duration(timeout, 'timeout', this.title);
    for (;;) {
      const answer = await predicate();
      if (answer) return proceed(caller(), answer) as Promise<T>;
      await this.wait({ timeout: clock.left(due), signal });
    }
  }

  /**
   * Wakes those who have waited longest; each goes on when it has the lock again. If fewer wait, the rest is
   * not kept for later.
   *
   * @param count how many, a whole number from 1; 1 by default.
   * @throws {StateError} the lock is not held. {TypeError | RangeError} `count` is no whole number from 1.
   */
  notify(count = 1): void {
    whole(count, 1, 'count', this.title);
    this.wake(count);
  }

  /** Wakes all who wait. @throws {StateError} the lock is not held. */
  notifyAll(): void {
    this.wake(Infinity);
  }

  private wake(count: number): void {
    this.lock.mustBeHeld();
    for (let woken = 0; woken < count && this.line.trySend(undefined); woken++);
  }
}
