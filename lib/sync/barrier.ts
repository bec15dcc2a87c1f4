import type { Channel } from '../kernel/channel.js';
import { caller, refused } from '../kernel/caller.js';
import { BrokenBarrierError } from '../kernel/errors.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { callable, duration, readOptions, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import type { NameOptions } from './lock.js';

export interface BarrierOptions extends NameOptions {
  /** Called by the last one to arrive, before anybody goes on. */
  action?: () => void | PromiseLike<void>;
  /** Milliseconds for each wait that does not say its own; none by default. */
  timeout?: number;
}

/**
 * Where so many tasklets wait for each other, again and again.
 *
 * Nobody passes before the last one has come. If one of them cannot come any more (killed, timed out, aborted)
 * or the action fails, the barrier is broken: all who wait, and all who come, get a {@link BrokenBarrierError},
 * until it is reset. Source: Python `threading.Barrier`.
 *
 * To arrive cannot be taken back, so it is no case of a select; `spawn(() => barrier.wait()).joining()` is.
 *
 * @example
 * const log: string[] = [];
 * const start = new Barrier(2, { action: () => void log.push('go') });
 * const other = spawn(() => start.wait());
 * await schedule();
 * await start.wait(); // 1: the second one to come
 * await other.join(); // 0
 * log.join(); // 'go'
 */
export class Barrier {
  readonly name: string;
  /** How many must come. */
  readonly parties: number;
  private readonly title: string;
  private readonly action: (() => void | PromiseLike<void>) | undefined;
  private readonly timeout: number | undefined;
  /** Where they wait this time; each passing has its own. It has failed if the barrier is broken. */
  private line: Channel<number>;

  /**
   * @param parties how many must come, a whole number from 1.
   * @throws {TypeError | RangeError} `parties` is no whole number from 1; a wrong or unknown option.
   */
  constructor(parties: number, options?: BarrierOptions) {
    const { name, action, timeout } = readOptions(options, ['name', 'action', 'timeout'], 'Barrier');
    this.parties = whole(parties, 1, 'parties', 'Barrier');
    this.name = nameOf(name, 'Barrier');
    if (action !== undefined) callable(action, 'action', 'Barrier');
    if (timeout !== undefined) duration(timeout, 'timeout', 'Barrier');
    this.title = titled('barrier', this.name);
    this.action = action;
    this.timeout = timeout;
    this.line = line(this.title);
  }

  /** How many wait for the others. */
  get waiting(): number {
    return this.line.receivers.size;
  }

  /** Nobody can pass until it is reset. */
  get broken(): boolean {
    return this.line.closing;
  }

  /**
   * Waits until all have come. The last one runs the action and goes on; the others go to the end of the ring,
   * in the order in which they came.
   *
   * Killed, timed out or aborted while it waits, the caller breaks the barrier. What the action throws is
   * raised in the last one, and breaks it too.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @returns which of them the caller was, in the order in which they came: from 0 to `parties` - 1.
   * @throws {BrokenBarrierError} it is broken, or was broken or reset while the caller waited.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  async wait(options?: WaitOptions): Promise<number> {
    // Before it counts as one who has come.
    const refusing = refused(options, () => this.title);
    if (refusing !== null) return refusing;
    const place = this.line;
    if (!this.broken && this.waiting === this.parties - 1) return this.trip();
    try {
      return await place.receive(this.limits(options));
    } catch (error) {
      // Not if they have passed without it, or the barrier was reset.
      if (place === this.line) this.abort();
      throw error;
    }
  }

  /** `options`, with the barrier's own timeout if they have none. */
  private limits(options: WaitOptions | undefined): WaitOptions | undefined {
    const { timeout } = this;
    return timeout === undefined || options?.timeout !== undefined ? options : { ...options, timeout };
  }

  /** All have come. */
  private async trip(): Promise<number> {
    const passing = this.line;
    // Whoever comes while the action waits waits for the next time.
    this.line = line(this.title);
    try {
      await this.action?.();
    } catch (error) {
      breakUp(passing, this.title);
      this.abort();
      throw error;
    }
    let index = 0;
    while (passing.trySend(index)) index++;
    return proceed(caller(), index) as Promise<number>;
  }

  /** Breaks it: who waits and who comes gets a {@link BrokenBarrierError}, until it is reset. */
  abort(): void {
    breakUp(this.line, this.title);
  }

  /** Makes it as new; who waits gets a {@link BrokenBarrierError}. */
  reset(): void {
    const before = this.line;
    this.line = line(this.title);
    breakUp(before, this.title);
  }
}

function breakUp(waiting: Channel<number>, title: string): void {
  waiting.failWith(new BrokenBarrierError(`${title}: it was broken`));
}
