import { here } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import { Limit } from '../kernel/limit.js';
import { readOptions, type WaitOptions } from '../kernel/options.js';
import { isOver, settlings, type Settling } from './settling.js';

/**
 * Gives those of `list` one after the other, each when it is settled: first those that are already, then the
 * others as they come. It gives the very objects, and raises no error of theirs.
 *
 * Who iterates answers for their errors, but not for those of the ones it did not get when it ended or was left.
 * Nothing is watched before the first one is asked for, and nothing afterwards. Source: Python's `concurrent.futures.as_completed`.
 *
 * @param list futures and tasklets; one that stands in it twice counts once.
 * @param options `timeout` in milliseconds for all of them together, counted from now; `signal`. They are
 * heeded only where the next one is waited for.
 * @throws {TimeoutError} from the iteration, when time is up. {TypeError} something else stands in the list.
 * @example
 * for await (const job of asCompleted(futures, { timeout: 1000 })) await save(await job.get());
 */
export function asCompleted<F extends Settling>(
  list: Iterable<F>,
  options?: WaitOptions,
): AsyncIterableIterator<F> {
  if (options !== undefined) Limit.of(options, 'asCompleted');
  return new Completions(settlings(list, 'asCompleted'), options);
}

class Completions<F extends Settling> implements AsyncIterableIterator<F> {
  private readonly all: readonly F[];
  private readonly end: number;
  private readonly signal: AbortSignal | undefined;
  /** Where those come that are settled; `null` until somebody asks. */
  private settled: Channel<F> | null = null;
  private readonly undo: Map<F, () => void> = new Map();
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
    const timeout = here().clock.left(this.end);
    try {
      const value = await this.settled.receive({ timeout, signal: this.signal });
      this.given++;
      value.observe();
      this.forget(value);
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
    // First all that are settled: whoever is told of the others is told later.
    for (const each of this.all) if (isOver(each)) settled.post(each);
    for (const each of this.all) {
      this.undo.set(
        each,
        each.answer(() => settled.post(each)),
      );
    }
    return settled;
  }

  private forget(each: F): void {
    this.undo.get(each)?.();
    this.undo.delete(each);
  }

  private leave(): void {
    for (const each of this.all) this.forget(each);
    this.given = this.all.length;
  }
}
