import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

/**
 * An executor whose jobs run in threads of their own, for work that would hold up everybody else.
 *
 * The threads keep the program alive until {@link WorkerPool.shutdown}. One that dies fails its job with
 * {@link WorkerLostError}, and another one takes its place. Source: Evergreen's `ThreadPoolExecutor`.
 *
 * @example
 * await using pool = new ThreadPoolExecutor({ size: 4 });
 * await pool.submit((n: number) => n ** 2, 12).get();
 */
export class ThreadPoolExecutor extends WorkerPool {
  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: WorkerPoolOptions) {
    super('thread', 'ThreadPoolExecutor', options);
  }
}

/**
 * An executor whose jobs run in processes of their own: nothing they do can harm this one.
 * Otherwise like {@link ThreadPoolExecutor}. Source: Evergreen's `ProcessPoolExecutor`.
 */
export class ProcessPoolExecutor extends WorkerPool {
  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: WorkerPoolOptions) {
    super('process', 'ProcessPoolExecutor', options);
  }
}
