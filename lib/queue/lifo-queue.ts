import { Queue, type QueueOptions } from './queue.js';
import { Stack } from './shelf.js';

/**
 * A {@link Queue} that gives the last one first. Who waits is still served first come, first served.
 *
 * Source: Python `queue.LifoQueue`.
 *
 * @example
 * const plates = new LifoQueue<string>();
 * await plates.put('white');
 * await plates.put('blue');
 * await plates.get(); // 'blue'
 */
export class LifoQueue<T> extends Queue<T> {
  /** As {@link Queue}. */
  constructor(options?: QueueOptions) {
    super(options, new Stack());
  }
}
