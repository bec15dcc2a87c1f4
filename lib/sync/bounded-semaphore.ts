import { StateError } from '../kernel/errors.js';
import { whole } from '../kernel/options.js';
import type { NameOptions } from './lock.js';
import { Semaphore } from './semaphore.js';

/**
 * A semaphore that never has more permits than it began with: to release what was not taken is an error.
 *
 * Source: Python `threading.BoundedSemaphore`.
 *
 * @example
 * const slots = new BoundedSemaphore(2);
 * slots.tryAcquire()?.held; // true
 * slots.release();
 * slots.available; // 2
 */
export class BoundedSemaphore extends Semaphore {
  /** How many permits there are, free or not. */
  readonly permits: number;

  /** As {@link Semaphore}. */
  constructor(permits = 1, options?: NameOptions) {
    super(permits, options);
    this.permits = permits;
  }

  /** @throws {StateError} there would be more than at the beginning; none is added. Else as {@link Semaphore.release}. */
  override release(count = 1): void {
    if (this.available + whole(count, 1, 'count', this.title) > this.permits) {
      throw new StateError(
        `${this.title}: of ${this.permits} permits ${this.available} are free; ${count} more cannot be released`,
      );
    }
    super.release(count);
  }
}
