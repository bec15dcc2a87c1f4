/**
 * What an executor makes of many values, iterated.
 *
 * Values are asked for only when somebody asks for a result, and at most as many as may be in work or wait to
 * be taken. So an endless source is as good as a short one, and memory does not grow with a slow reader.
 */
import { caller, refused } from '../kernel/caller.js';
import { callable, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { select } from '../kernel/select.js';
import type { Worker } from './worker.js';
import { Window, type Piece } from './window.js';

export interface FlowOptions {
  /** How many values are in work or wait to be taken, from 1; by default the size of the executor. */
  concurrency?: number;
  /** Whether the results come in the order of the values (the default), or as they are ready. */
  ordered?: boolean;
}

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** The results of {@link Executor.map}. */
export class Flow<R> implements AsyncIterableIterator<R>, AsyncDisposable {
  private readonly window: Window;
  private readonly worker: Worker;
  private over = false;

  /** @internal */
  constructor(
    values: Iterable<unknown> | AsyncIterable<unknown>,
    fn: unknown,
    size: number,
    options: FlowOptions | undefined,
    worker: (window: Window) => Worker,
  ) {
    const { concurrency = size, ordered = true } = readOptions(options, ['concurrency', 'ordered'], 'map');
    if (typeof ordered !== 'boolean') {
      throw new TypeError(`map: ordered must be a boolean, not ${show(ordered)}`);
    }
    callable(fn, 'fn', 'map');
    this.window = new Window(values, whole(concurrency, 1, 'concurrency', 'map'), ordered);
    this.worker = worker(this.window);
  }

  /**
   * Waits for the next result.
   *
   * Given up by `options`, it can be asked again. Killed or interrupted in another way, it ends.
   *
   * @throws the error of a job or of the source, after which it has ended.
   */
  next(options?: WaitOptions): Promise<IteratorResult<R, undefined>> {
    if (options === undefined && !this.over) {
      const { ready } = this.window;
      const me = caller();
      // The way of nearly all: it is there, and nothing is to be raised.
      if (ready !== null && !ready.failed && me.extra === null) {
        const step = this.give(ready);
        this.worker.taken();
        return proceed(me, step) as Promise<IteratorResult<R, undefined>>;
      }
    }
    return this.wait(options) as Promise<IteratorResult<R, undefined>>;
  }

  /** Ends the iteration: cancels what is in work and leaves the source. */
  async return(): Promise<IteratorResult<R, undefined>> {
    await this.stop();
    return END;
  }

  /** {@link Flow.return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async wait(options: WaitOptions | undefined): Promise<IteratorResult<unknown, undefined>> {
    if (this.over) return END;
    const { window } = this;
    try {
      const refusing = refused(options, () => 'map');
      if (refusing !== null) await refusing;
      for (;;) {
        this.worker.refill();
        const { ready } = window;
        if (ready !== null) {
          if (!ready.failed) return this.give(ready);
          break;
        }
        if (window.size === 0 && window.source.ended) break;
        await this.more(options);
      }
    } catch (error) {
      if (options === undefined) await this.stop();
      throw error;
    }
    const { ready } = window;
    await this.stop();
    if (ready !== null) throw ready.content;
    return END;
  }

  /** Waits until there may be something to take. */
  private async more(options: WaitOptions | undefined): Promise<void> {
    const { window } = this;
    const { source, arrived } = window;
    if (!source.later || !window.open) {
      await this.worker.wait(arrived, options);
      return;
    }
    const cases = { answer: source.ask(), arrived: arrived.receiving() };
    const hit = await select(cases, { ...options, order: 'listed' });
    if (hit.case !== 'answer') return;
    source.answered();
    const piece = window.add(hit.value);
    if (piece !== null && !piece.settled) this.worker.begin(piece);
  }

  private give(piece: Piece): IteratorYieldResult<unknown> {
    this.window.take(piece);
    return { value: piece.content, done: false };
  }

  private async stop(): Promise<void> {
    this.over = true;
    this.worker.stop();
    await this.window.source.leave();
  }
}
