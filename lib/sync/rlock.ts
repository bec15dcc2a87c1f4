import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { here } from '../kernel/caller.js';
import { StateError } from '../kernel/errors.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { Offer } from '../kernel/offer.js';
import { readOptions, type WaitOptions } from '../kernel/options.js';
import { ERRAND, RECEIVING, TASKLET, Waiter } from '../kernel/waiter.js';
import { current } from '../tasklet/spawn.js';
import type { Tasklet } from '../tasklet/tasklet.js';
import { holding, Lease } from './lease.js';
import type { NameOptions } from './lock.js';

/**
 * A lock that the tasklet which owns it may take again: it is free when it was released as often as taken.
 *
 * First come, first served, like {@link Lock}. It is owned by a tasklet, so only tasklets take it, and only its
 * owner releases it. If the owner ends without releasing it, what it protects is in nobody's hands any more:
 * whoever waits for it gets a {@link StateError}, and so does everybody who comes later.
 * Source: Python `threading.RLock`.
 *
 * @example
 * const lock = new RLock({ name: 'tree' });
 * async function visit(depth: number): Promise<number> {
 *   using lease = await lock.acquire();
 *   return depth > 0 ? visit(depth - 1) : 0;
 * }
 * await visit(3); // 0
 */
export class RLock {
  readonly name: string;
  /** @internal */
  readonly title: string;
  private readonly line: Channel<Lease>;
  private readonly key: Offer<Lease>;
  private owner: Tasklet | undefined = undefined;
  private depth = 0;
  /** Stands where the owner's end is announced, while somebody waits for the lock. */
  private readonly watcher: Waiter;

  /** @throws {TypeError} a wrong or unknown option. */
  constructor(options?: NameOptions) {
    this.name = nameOf(readOptions(options, ['name'], 'RLock').name, 'RLock');
    this.title = titled('rlock', this.name);
    this.line = line<Lease>(this.title).feed(this);
    this.key = new Offer(this.line, this);
    this.watcher = new Waiter(ERRAND, here(), this);
  }

  /** Somebody owns it. */
  get locked(): boolean {
    return this.depth > 0;
  }

  /**
   * Takes it, or takes it once more; waits while another tasklet owns it.
   *
   * Free or owned by the caller, the caller goes on at once. Killed, timed out or aborted while it waits, it
   * leaves the line and changes nothing for the others. Once it was handed over it is owned: what comes after
   * that (a kill) is raised at the next wait, and a `using` gives it back. Two acquisitions of one tasklet at
   * once (a `Promise.all`) stand in line one behind the other, like those of two.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {StateError} the tasklet that owned it has ended; or called outside tasklets.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Lease> {
    if (current() === undefined) return Promise.reject(this.ownerless());
    return this.line.receive(options);
  }

  /**
   * Takes it if it is free or owned by the caller; never waits. `undefined` if another tasklet owns it.
   *
   * @throws {StateError} the tasklet that owned it has ended; or called outside tasklets.
   */
  tryAcquire(): Lease | undefined {
    if (current() === undefined) throw this.ownerless();
    return this.line.tryReceive()?.value;
  }

  /**
   * A case of {@link select}: to take it.
   *
   * @throws {StateError} called outside tasklets.
   */
  acquiring(): Case<Lease> {
    if (current() === undefined) throw this.ownerless();
    return this.line.receiving();
  }

  /**
   * Takes it, calls `fn`, and releases it when `fn` has come to its end, one way or the other.
   *
   * @returns what `fn` returns.
   * @throws what `fn` throws; else as {@link RLock.acquire}, and then `fn` is not called.
   */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return holding(this, fn, options);
  }

  /**
   * Releases it once. Prefer {@link Lease.release}, which each acquisition has for itself.
   *
   * @throws {StateError} the caller does not own it.
   */
  release(): void {
    this.mustBeHeld();
    this.takeBack();
  }

  /** @internal The caller owns it. */
  lent(): boolean {
    return this.depth > 0 && this.owner === current();
  }

  /** @internal */
  takeBack(): void {
    if (--this.depth === 0) this.handOver();
  }

  /** @internal Releases it altogether, for a condition that waits; what it returns takes it back as it was. */
  suspend(): () => Promise<void> {
    this.mustBeHeld();
    const { depth } = this;
    this.depth = 0;
    this.handOver();
    return async () => {
      await this.line.receive();
      this.depth = depth;
    };
  }

  /** Nobody owns it any more: the one who has waited longest does. */
  private handOver(): void {
    this.disarm();
    const next = this.line.receivers.first;
    this.owner = next === null ? undefined : taskletOf(next);
    if (next === null) return;
    this.depth = 1;
    this.line.trySend(new Lease(this));
    if (this.line.receivers.first !== null) this.arm();
  }

  // How it feeds its line: it is on offer for those who may have it, and for nobody else.

  /** @internal Somebody wants it now. */
  poll(): void {
    if (this.depth > 0 && this.owner?.alive === false) this.fire();
    else if (this.depth > 0 && this.owner !== current()) this.key.hide();
    else if (!this.key.shown) this.key.show(new Lease(this));
  }

  /** @internal It was taken. */
  taken(): void {
    this.owner = current();
    this.depth++;
  }

  /** @internal Somebody waits. */
  arm(): void {
    if (this.owner?.alive !== true) return;
    this.watcher.doing = RECEIVING;
    this.owner.ending().receivers.push(this.watcher);
  }

  /** @internal Nobody waits any more. */
  disarm(): void {
    this.watcher.side?.remove(this.watcher);
  }

  /** @internal The owner has ended. */
  fire(): void {
    const name = this.owner?.name ?? '';
    this.watcher.value = undefined;
    this.key.hide();
    this.line.failWith(
      new StateError(`${this.title}: its owner, tasklet '${name}', ended without releasing it`),
    );
  }

  /** @internal */
  mustBeHeld(): void {
    if (this.lent()) return;
    const whose = this.depth === 0 ? 'nobody owns it' : `tasklet '${this.owner?.name ?? ''}' owns it`;
    throw new StateError(`${this.title}: ${whose}, not the caller`);
  }

  private ownerless(): StateError {
    return new StateError(`${this.title}: it is owned by a tasklet, and here is none`);
  }
}

/** The tasklet for which `waiter` waits: its own, or the one that a guest or an arm of a select works for. */
function taskletOf(waiter: Waiter): Tasklet | undefined {
  let whose: Waiter | null = waiter;
  while (whose !== null && whose.kind !== TASKLET) whose = whose.owner as Waiter | null;
  return whose === null ? undefined : (whose.owner as Tasklet);
}
