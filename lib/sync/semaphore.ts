import type { Case } from '../kernel/case.js';
import { caller, isPlain } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { receive, take } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import { readOptions, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { RECEIVING } from '../kernel/waiter.js';
import { holding, Lease } from './lease.js';
import type { NameOptions } from './lock.js';

/**
 * So many permits, each used by one at a time.
 *
 * First come, first served: a permit that is released is handed to the one who has waited longest, in the same
 * step. A free one stands on offer; permits are counted until they are taken, so they are neither lost nor
 * doubled, whoever is killed. Source: Python `threading.Semaphore`; the order as in Trio.
 *
 * @example
 * const slots = new Semaphore(2, { name: 'slots' });
 * for (let i = 0; i < 5; i++) spawn(() => slots.with(() => sleep(10)));
 * await schedule();
 * slots.available; // 0
 * await sleep(100);
 * slots.available; // 2
 */
export class Semaphore {
  readonly name: string;
  /** @internal */
  readonly title: string;
  private readonly line: Channel<Lease>;
  private readonly permit: Offer<Lease>;
  private free = 0;

  /**
   * @param permits how many there are, a whole number from 0; 1 by default.
   * @throws {TypeError | RangeError} `permits` is no whole number, or negative; a wrong or unknown option.
   */
  constructor(permits = 1, options?: NameOptions) {
    whole(permits, 0, 'permits', 'Semaphore');
    this.name = nameOf(readOptions(options, ['name'], 'Semaphore').name, 'Semaphore');
    this.title = titled('semaphore', this.name);
    this.line = line(this.title);
    this.permit = new Offer(this.line, this);
    this.add(permits);
  }

  /** How many permits are free. */
  get available(): number {
    return this.free;
  }

  /** No permit is free. */
  get locked(): boolean {
    return this.free === 0;
  }

  /**
   * Takes a permit; waits until one is free.
   *
   * If one is, the caller goes on at once. Killed, timed out or aborted while it waits, it leaves the line and
   * changes nothing for the others. Once a permit was handed over it is used: what comes after that (a kill)
   * is raised at the next wait, and a `using` gives it back.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Lease> {
    const me = caller();
    if (!isPlain(me, options)) return take(this.line, me, RECEIVING, options) as Promise<Lease>;
    if (this.free === 0) return receive(this.line, me, RECEIVING) as Promise<Lease>;
    // The short way: nobody has to be let go.
    if (--this.free === 0) this.permit.hide();
    return proceed(me, new Lease(this)) as Promise<Lease>;
  }

  /** Takes a permit if one is free; never waits. `undefined` if none is. */
  tryAcquire(): Lease | undefined {
    return this.line.tryReceive()?.value;
  }

  /** A case of {@link select}: to take a permit. */
  acquiring(): Case<Lease> {
    return this.line.receiving();
  }

  /**
   * Takes a permit, calls `fn`, and gives the permit back when `fn` has come to its end.
   *
   * @returns what `fn` returns.
   * @throws what `fn` throws; else as {@link Semaphore.acquire}, and then `fn` is not called.
   */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return holding(this, fn, options);
  }

  /**
   * Adds permits, taken before or not: whoever counts with it may give what others take. Those who wait get
   * them first, and go to the end of the ring. To give back what one has taken prefer {@link Lease.release};
   * do not do both.
   *
   * @param count how many, a whole number from 1.
   * @throws {TypeError | RangeError} `count` is no whole number, or less than 1.
   */
  release(count = 1): void {
    // Nearly always one, and somebody waits for it.
    if (count === 1 && this.line.receivers.first !== null) this.line.trySend(new Lease(this));
    else this.add(whole(count, 1, 'count', this.title));
  }

  private add(count: number): void {
    let left = count;
    while (left > 0 && this.line.receivers.first !== null) {
      this.line.trySend(new Lease(this));
      left--;
    }
    this.free += left;
    if (left > 0 && !this.permit.shown) this.permit.show(new Lease(this));
  }

  /** @internal */
  lent(): boolean {
    return true;
  }

  /** @internal */
  takeBack(): void {
    this.release();
  }

  /** @internal The permit on offer was taken. */
  taken(): void {
    if (--this.free > 0) this.permit.show(new Lease(this));
  }
}
