/**
 * What an executor makes of many values, iterated.
 *
 * Values are asked for only when somebody asks for a result, and at most as many as may be in work or wait to
 * be taken. So an endless source is as good as a short one, and memory does not grow with a slow reader.
 */
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import { callable, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { select } from '../kernel/select.js';
import { never } from '../time/never.js';
import { Backlog, type Entry } from './backlog.js';
import { Feed } from './feed.js';
import type { Future } from './future.js';

export interface FlowOptions {
  /** How many values are in work or wait to be taken, from 1; by default the size of the executor. */
  concurrency?: number;
  /** Whether the results come in the order of the values (the default), or as they are ready. */
  ordered?: boolean;
}

/** Who does the work. */
interface Worker {
  readonly size: number;
  submit(fn: (value: unknown, index: number) => unknown, value: unknown, index: number): Future<unknown>;
}

/** One value in work, in the order of the values. */
class Piece implements Entry<Piece> {
  before: Piece | null = null;
  after: Piece | null = null;
  readonly future: Future<unknown>;

  constructor(future: Future<unknown>) {
    this.future = future;
  }
}

type Step = IteratorResult<unknown>;

const END: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** The results of {@link Executor.map}. */
export class Flow<R> implements AsyncIterableIterator<R>, AsyncDisposable {
  private readonly worker: Worker;
  private readonly fn: (value: unknown, index: number) => unknown;
  private readonly limit: number;
  private readonly source: Feed;
  private index = 0;
  /** What is in work or waits to be taken. */
  private readonly work: Backlog<Piece> = new Backlog();
  /** Where results come as they are ready; `null` when they come in the order of the values. */
  private readonly done: Channel<Piece> | null;
  /** One that came as it was ready has failed. */
  private lost = false;
  private over = false;

  /** @internal */
  constructor(
    worker: Worker,
    values: Iterable<unknown> | AsyncIterable<unknown>,
    fn: (value: unknown, index: number) => unknown,
    options: FlowOptions | undefined,
  ) {
    const given = readOptions(options, ['concurrency', 'ordered'], 'map');
    const { concurrency = worker.size, ordered = true } = given;
    if (typeof ordered !== 'boolean') {
      throw new TypeError(`map: ordered must be a boolean, not ${show(ordered)}`);
    }
    callable(fn, 'fn', 'map');
    this.worker = worker;
    this.source = new Feed(values);
    this.fn = fn;
    this.limit = whole(concurrency, 1, 'concurrency', 'map');
    this.done = ordered ? null : line('the next result of a map');
  }

  /**
   * Waits for the next result.
   *
   * Given up by `options`, it can be asked again. Killed or interrupted in another way, it ends.
   *
   * @throws the error of a job or of the source, after which it has ended.
   */
  async next(options?: WaitOptions): Promise<IteratorResult<R, undefined>> {
    if (this.over) return END;
    try {
      const result = await this.result(options);
      if (result.done === true) this.over = true;
      return result as IteratorResult<R, undefined>;
    } catch (error) {
      if (options === undefined || this.source.broken || this.failed()) await this.stop();
      throw error;
    }
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

  private async result(options: WaitOptions | undefined): Promise<IteratorResult<unknown, undefined>> {
    const { source, work, done } = this;
    for (;;) {
      while (work.size < this.limit) {
        const step = source.now();
        if (step === undefined) break;
        this.begin(step);
      }
      const { first } = work;
      if (source.later && work.size < this.limit) {
        const step = source.ask();
        const piece = done?.receiving() ?? first?.future.getting() ?? never.receiving();
        const hit = await select({ step, piece }, { ...options, order: 'listed' });
        if (hit.case === 'step') {
          source.answered();
          this.begin(hit.value as Step);
          continue;
        }
        if (done === null) return this.give(first as Piece, hit.value);
        return await this.take(hit.value as Piece);
      }
      if (first === null) return END;
      if (done !== null) return await this.take(await done.receive(options));
      return this.give(first, await first.future.get(options));
    }
  }

  private begin(step: Step): void {
    if (step.done === true) {
      this.source.end();
      return;
    }
    const { done } = this;
    const piece = new Piece(this.worker.submit(this.fn, step.value, this.index++));
    piece.future.observe();
    this.work.push(piece);
    if (done !== null) piece.future.atEnd(() => done.post(piece));
  }

  private async take(piece: Piece): Promise<IteratorResult<unknown, undefined>> {
    this.lost = piece.future.state !== 'done';
    return this.give(piece, await piece.future.get());
  }

  private give(piece: Piece, value: unknown): IteratorResult<unknown, undefined> {
    this.work.delete(piece);
    return { value, done: false };
  }

  /** A job has failed or was cancelled, and it is its error that is on its way. */
  private failed(): boolean {
    const { first } = this.work;
    return this.lost || (first !== null && first.future.settled && first.future.state !== 'done');
  }

  private async stop(): Promise<void> {
    this.over = true;
    for (let piece = this.work.shift(); piece !== null; piece = this.work.shift()) piece.future.cancel();
    await this.source.leave();
  }
}
