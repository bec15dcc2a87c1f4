/**
 * What somebody holds, and gives back once.
 */
import { StateError } from '../kernel/errors.js';
import { callable, type WaitOptions } from '../kernel/options.js';

/** What leases come from. */
export interface Lender {
  /** What it is called in an error. */
  readonly title: string;
  /** Whether it knows of `lease`, which was not released yet. */
  lent(lease: Lease): boolean;
  /** `lease` was released. */
  takeBack(): void;
}

/**
 * A lock that is held, a permit that is used: until it is released.
 *
 * It belongs to no tasklet: it may be handed on, and released by whoever has it (an {@link RLock} alone knows
 * its owner). With `using` it is released when the scope is left, by an error or a kill too.
 *
 * @example
 * const lock = new Lock();
 * {
 *   using lease = await lock.acquire();
 *   lease.held; // true
 * }
 * lock.locked; // false
 */
export class Lease implements Disposable {
  private readonly lender: Lender;
  private over = false;

  /** @internal */
  constructor(lender: Lender) {
    this.lender = lender;
  }

  /** It was not released yet. */
  get held(): boolean {
    return !this.over && this.lender.lent(this);
  }

  /**
   * Gives it back. The next one who waits for it has it in the same step, and goes to the end of the ring.
   *
   * @throws {StateError} it was released before; of an {@link RLock}: the caller does not own it.
   */
  release(): void {
    if (!this.held) throw new StateError(`${this.lender.title}: this lease is not held`);
    this.over = true;
    this.lender.takeBack();
  }

  /** {@link Lease.release}, but to do it again does nothing. */
  [Symbol.dispose](): void {
    if (this.held) this.release();
  }
}

/** Calls `fn` while `lock` is held. */
export async function holding<R>(
  lock: { readonly title: string; acquire(options?: WaitOptions): Promise<Lease> },
  fn: () => R | PromiseLike<R>,
  options: WaitOptions | undefined,
): Promise<R> {
  callable(fn, 'fn', lock.title);
  const lease = await lock.acquire(options);
  try {
    return await fn();
  } finally {
    lease[Symbol.dispose]();
  }
}
