/**
 * Every live tasklet of a scheduler, oldest first.
 *
 * It holds them strongly, so that what lives never vanishes unseen. The links are in the waiters themselves:
 * to be born and to end costs two stores each, and no table grows.
 */
import type { Waiter } from './waiter.js';

export class Roll implements Iterable<Waiter> {
  size = 0;
  private oldest: Waiter | null = null;
  private newest: Waiter | null = null;

  add(waiter: Waiter): void {
    const { newest } = this;
    waiter.older = newest;
    if (newest === null) this.oldest = waiter;
    else newest.newer = waiter;
    this.newest = waiter;
    this.size++;
  }

  /** Takes out `waiter`, who is in it. */
  delete(waiter: Waiter): void {
    const { older, newer } = waiter;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.newest = older;
    else newer.older = older;
    waiter.older = null;
    waiter.newer = null;
    this.size--;
  }

  /** Those who are in it now; it may change meanwhile. */
  [Symbol.iterator](): Iterator<Waiter> {
    const all: Waiter[] = [];
    for (let waiter = this.oldest; waiter !== null; waiter = waiter.newer) all.push(waiter);
    return all[Symbol.iterator]();
  }
}
