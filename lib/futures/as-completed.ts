import { here } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import { Limit } from '../kernel/limit.js';
import { readOptions, type WaitOptions } from '../kernel/options.js';
import { isOver, type Settling } from './settling.js';

/**
 * Gives those of `list` one after the other, each when it is settled: first those that are already, then the
 * others as they come. It gives the very objects, and raises no error of theirs.
 *
 * Who iterates answers for their errors. Nothing is watched before the first one is asked for, and nothing
 * when the iteration has ended or was left. Source: Python's `concurrent.futures.as_completed`.
 *
 * @param list futures and tasklets; one that stands in it twice counts once.
 * @param options `timeout` in milliseconds for all of them together, counted from now; `signal`. They are
 * heeded only where the next one is waited for.
 * @throws {TimeoutError} from the iteration, when time is up.
 * @example
 * for await (const job of asCompleted(futures, { timeout: 1000 })) await save(await job.get());
 */
export function asCompleted<F extends Settling>(
  list: Iterable<F>,
  options?: WaitOptions,
): AsyncIterableIterator<F> {
  if (options !== undefined) Limit.of(options, 'asCompleted');
  return new Completions([...new Set(list)], options);
}

class Completions<F extends Settling> implements AsyncIterableIterator<F> {
  private readonly all: readonly F[];
  private readonly end: number;
  private readonly signal: AbortSignal | undefined;
  /** Where those come that are settled; `null` until somebody asks. */
  private settled: Channel<F> | null = null;
  private undo: (() => void)[] = [];
  private given = 0;

  constructor(all: readonly F[], options: WaitOptions | undefined) {
    this.all = all;
    const { timeout = Infinity, signal } = readOptions(options, ['timeout', 'signal'], 'asCompleted');
    this.end = here().clock.now() + timeout;
    this.signal = signal;
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    if (this.given === this.all.length) return { value: undefined, done: true };
    this.settled ??= this.watch();
    const timeout = Math.max(0, this.end - here().clock.now());
    try {
      const value = await this.settled.receive({ timeout, signal: this.signal });
      this.given++;
      return { value, done: false };
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  return(): Promise<IteratorResult<F, undefined>> {
    this.leave();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private watch(): Channel<F> {
    const settled: Channel<F> = line(`the next of ${this.all.length} futures`);
    for (const each of this.all) {
      each.observe();
      if (isOver(each)) settled.post(each);
    }
    for (const each of this.all) {
      if (!isOver(each)) this.undo.push(each.atEnd(() => settled.post(each)));
    }
    return settled;
  }

  private leave(): void {
    for (const each of this.undo) each();
    this.undo = [];
    this.given = this.all.length;
  }
}
