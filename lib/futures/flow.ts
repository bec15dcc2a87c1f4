/**
 * What an executor makes of many values, iterated.
 *
 * Values are asked for only when somebody asks for a result, and at most as many as may be in work or wait to
 * be taken. So an endless source is as good as a short one, and memory does not grow with a slow reader.
 */
import { caller } from '../kernel/caller.js';
import type { Case } from '../kernel/case.js';
import { TaskletExit } from '../kernel/errors.js';
import { callable, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { Feed } from './feed.js';
import { Window } from './window.js';
import type { Worker } from './worker.js';

export interface FlowOptions {
  /** How many values are in work or wait to be taken, from 1; by default the size of the executor. */
  concurrency?: number;
  /** Whether the results come in the order of the values (the default), or as they are ready. */
  ordered?: boolean;
}

type Step<R> = IteratorResult<R, undefined>;

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** The results of {@link Executor.map}. */
export class Flow<R> implements AsyncIterableIterator<R>, AsyncDisposable {
  private readonly window: Window;
  /** Its end, when it has begun. */
  private stopping: Promise<void> | null = null;

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
    const limit = whole(concurrency, 1, 'concurrency', 'map');
    this.window = new Window(new Feed(values), limit, ordered, worker, () => {
      this.stop().catch(ignore);
    });
  }

  /**
   * Waits for the next result.
   *
   * Given up by `options`, it can be asked again. Killed or interrupted in another way, it ends.
   *
   * @throws the error of a job or of the source, after which it has ended.
   */
  next(options?: WaitOptions): Promise<IteratorResult<R, undefined>> {
    if (options === undefined) {
      const { window } = this;
      const { ready } = window;
      const me = caller();
      // The way of nearly all: it is there, and nothing is to be raised.
      if (ready !== null && me.extra === null) {
        window.taken();
        return proceed(me, { value: ready.content, done: false }) as Promise<Step<R>>;
      }
    }
    return this.wait(options) as Promise<Step<R>>;
  }

  /**
   * The next result if it is there; never waits. `undefined` if it is not, and then somebody works on it.
   *
   * @throws as {@link Flow.next}.
   */
  tryNext(): IteratorResult<R, undefined> | undefined {
    const { line } = this.window;
    const got = line.closed ? END : line.tryReceive();
    if (got === undefined || got === END) return got as Step<R> | undefined;
    return { value: got.value as R, done: false };
  }

  /**
   * A case of {@link select}: to take the next result. If another case is done, none is lost. A select that is
   * killed does not end the iteration: `await using` does.
   */
  nexting(): Case<IteratorResult<R, undefined>> {
    return this.window.line.nexting() as Case<Step<R>>;
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

  private async wait(options: WaitOptions | undefined): Promise<Step<unknown>> {
    const { line, worker } = this.window;
    try {
      return await (options === undefined && !line.closing ? worker.next() : line.next(options));
    } catch (error) {
      if (options === undefined || line.closed || error instanceof TaskletExit) await this.stop();
      throw error;
    }
  }

  private stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    this.window.close();
    this.window.worker.stop();
    await this.window.source.leave();
  }
}

function ignore(): void {
  // Who took the error that ended it has enough to do with that one.
}
