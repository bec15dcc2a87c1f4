import type { Case } from '../kernel/case.js';
import { isThenable, show, callable, type WaitOptions } from '../kernel/options.js';
import { Heap, Ranked } from './heap.js';
import { Queue, type QueueOptions } from './queue.js';

/**
 * A {@link Queue} that gives the value of the lowest rank first, and of equal ones the one that was put first.
 *
 * A value's rank is found out once, when it is put. Source: Python `queue.PriorityQueue`, which is not stable.
 *
 * @example
 * const jobs = new PriorityQueue<{ name: string; due: number }>((job) => job.due);
 * await jobs.put({ name: 'report', due: 5 });
 * await jobs.put({ name: 'answer', due: 2 });
 * (await jobs.get()).name; // 'answer'
 */
export class PriorityQueue<T> extends Queue<T> {
  private readonly rank: (value: T) => number;

  /**
   * @param rank the rank of a value: any number, the lowest is first. Left out, the values are numbers
   * themselves.
   * @throws {TypeError | RangeError} `rank` is no function; a wrong or unknown option.
   */
  constructor(rank: (value: T) => number = itself, options?: QueueOptions) {
    super(options, new Heap());
    callable(rank, 'rank', 'PriorityQueue');
    this.rank = rank;
  }

  /** @throws what `rank` throws; {TypeError | RangeError} its answer is no number, or `NaN`. Else as {@link Queue.put}. */
  override put(value: T, options?: WaitOptions): Promise<void> {
    let ranked: Ranked;
    try {
      ranked = this.ranked(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.send(ranked, options);
  }

  override tryPut(value: T): boolean {
    return this.puts.trySend(this.ranked(value));
  }

  override putting(value: T): Case<void> {
    return this.puts.sending(this.ranked(value));
  }

  /** @internal */
  override original(value: unknown): unknown {
    return (value as Ranked).value;
  }

  private ranked(value: T): Ranked {
    const rank: unknown = this.rank(value);
    if (typeof rank !== 'number') {
      throw new TypeError(`${this.title}: the rank of a value must be a number, not ${show(rank)}`);
    }
    if (Number.isNaN(rank)) throw new RangeError(`${this.title}: the rank of a value must not be NaN`);
    if (isThenable(value)) {
      throw new TypeError(`${this.title}: a promise cannot pass through an await unharmed`);
    }
    return new Ranked(value, rank);
  }
}

function itself(value: unknown): number {
  return value as number;
}
