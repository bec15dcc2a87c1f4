import type { Case } from '../kernel/case.js';
import { caller, isPlain } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { receive, take } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import { readOptions, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { RECEIVING } from '../kernel/waiter.js';
import { holding, Lease } from './lease.js';

/** What every thing of this room may be given. */
export interface NameOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
}

/**
 * Held by one at a time.
 *
 * First come, first served: whoever releases it hands it to the one who has waited longest, in the same step,
 * so nobody who comes later can take it from them. It belongs to no tasklet: the holder of the lease may hand
 * it on, and a tasklet that ends without releasing it leaves it locked (what waits for it then is named by
 * `dump()` and by a deadlock report). Prefer `using` or {@link Lock.with}, which cannot forget.
 * Source: Python `threading.Lock`; the order as in gevent and Trio.
 *
 * @example
 * const lock = new Lock({ name: 'db' });
 * spawn(() => lock.with(() => sleep(10)));
 * await schedule();
 * lock.tryAcquire(); // undefined: somebody holds it
 * await lock.with(() => 'mine'); // 'mine'
 */
export class Lock {
  readonly name: string;
  /** @internal */
  readonly title: string;
  private readonly line: Channel<Lease>;
  private readonly key: Offer<Lease>;
  /** Of whoever holds it; while it is free, of who will hold it next. */
  private lease: Lease;

  /** @throws {TypeError} a wrong or unknown option. */
  constructor(options?: NameOptions) {
    this.name = nameOf(readOptions(options, ['name'], 'Lock').name, 'Lock');
    this.title = titled('lock', this.name);
    this.line = line(this.title);
    this.key = new Offer(this.line, this);
    this.lease = new Lease(this);
    this.key.show(this.lease);
  }

  /** Somebody holds it. */
  get locked(): boolean {
    return !this.key.shown;
  }

  /**
   * Takes it; waits while somebody else holds it.
   *
   * Free, the caller goes on at once. Killed, timed out or aborted while it waits, it leaves the line and
   * changes nothing for the others. Once it was handed over it is held: what comes after that (a kill) is
   * raised at the next wait, and a `using` gives the lock back.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   * @example
   * const lock = new Lock();
   * {
   *   using lease = await lock.acquire();
   *   lease.held; // true
   * }
   * lock.locked; // false
   */
  acquire(options?: WaitOptions): Promise<Lease> {
    const me = caller();
    if (!isPlain(me, options)) return take(this.line, me, RECEIVING, options) as Promise<Lease>;
    if (this.locked) return receive(this.line, me, RECEIVING) as Promise<Lease>;
    // The short way: nobody has to be let go.
    this.key.hide();
    return proceed(me, this.lease) as Promise<Lease>;
  }

  /** Takes it if it is free; never waits. `undefined` if somebody holds it. */
  tryAcquire(): Lease | undefined {
    return this.line.tryReceive()?.value;
  }

  /** A case of {@link select}: to take it. */
  acquiring(): Case<Lease> {
    return this.line.receiving();
  }

  /**
   * Takes it, calls `fn`, and releases it when `fn` has come to its end, one way or the other.
   *
   * @returns what `fn` returns.
   * @throws what `fn` throws; else as {@link Lock.acquire}, and then `fn` is not called.
   */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return holding(this, fn, options);
  }

  /**
   * Releases it, whoever holds it. Prefer {@link Lease.release}, which releases only what one holds.
   *
   * @throws {StateError} nobody holds it.
   */
  release(): void {
    this.mustBeHeld();
    this.lease.release();
  }

  /** @internal */
  lent(lease: Lease): boolean {
    return lease === this.lease && this.locked;
  }

  /** @internal */
  takeBack(): void {
    this.lease = new Lease(this);
    if (!this.line.trySend(this.lease)) this.key.show(this.lease);
  }

  /** @internal The holder has it. */
  taken(): void {
    // The lease that was offered is the one that is held now.
  }

  /**
   * @internal Releases it but keeps its lease, for a condition that waits; what it returns takes the lock
   * again, for the same lease.
   */
  suspend(): () => Promise<void> {
    this.mustBeHeld();
    const { lease } = this;
    this.takeBack();
    return async () => {
      const granted = await this.line.receive();
      // Unless somebody has released it in the meantime, whom it did not belong to.
      if (granted === this.lease) this.lease = lease;
    };
  }

  /** @internal */
  mustBeHeld(): void {
    if (!this.locked) throw new StateError(`${this.title}: nobody holds it`);
  }
}
