import type { WaitOptions } from '../kernel/options.js';
import type { Flow, FlowOptions } from './flow.js';
import type { Future } from './future.js';

export interface ExecutorShutdownOptions extends WaitOptions {
  /**
   * What becomes of the work: `'drain'` (the default) does all of it, `'finish'` does what was begun and
   * cancels what was not, `'abort'` cancels everything.
   */
  work?: 'drain' | 'finish' | 'abort';
}

/**
 * Does work for others, so much at a time; what comes of it is a {@link Future}. Source: Python's
 * `concurrent.futures.Executor`.
 */
export interface Executor extends AsyncDisposable {
  /**
   * Has `fn(...args)` done when there is room, first come first served.
   *
   * @throws {StateError} it was shut down.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R | PromiseLike<R>, ...args: A): Future<Awaited<R>>;

  /**
   * Has `fn` done for each of `values`; what comes of it is iterated.
   *
   * It is lazy: nothing is asked of `values` before somebody iterates. It is bounded: no more are begun than
   * results can be taken. The first error ends it; so does to leave the iteration, and what was begun is
   * cancelled.
   *
   * @example
   * for await (const page of executor.map(urls, download)) await save(page);
   */
  map<T, R>(
    values: Iterable<T> | AsyncIterable<T>,
    fn: (value: T, index: number) => R | PromiseLike<R>,
    options?: FlowOptions,
  ): Flow<Awaited<R>>;

  /**
   * Takes no more work and waits until there is none left. Called from one of its own jobs, it does not wait
   * for that one, whose place others may take meanwhile.
   *
   * @param options `work`, `timeout` in milliseconds, `signal`.
   * @throws {TimeoutError} there is work left after `timeout`; it goes on being shut down.
   */
  shutdown(options?: ExecutorShutdownOptions): Promise<void>;

  /** {@link Executor.shutdown}: does all work first. */
  [Symbol.asyncDispose](): Promise<void>;
}
