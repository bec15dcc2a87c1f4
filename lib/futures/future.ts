/**
 * Something that will be known later, once.
 *
 * It is a channel that will be closed with a value. It is settled by the first who has something to say; what
 * comes after that changes nothing.
 */
import { here } from '../kernel/caller.js';
import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { CancelledError } from '../kernel/errors.js';
import { nameOf, titled } from '../kernel/line.js';
import { isThenable, readOptions, type WaitOptions } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { ALIVE, DONE, Ending, FAILED, NEW } from '../tasklet/ending.js';

export interface FutureOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
}

export type FutureState = 'pending' | 'running' | 'done' | 'failed' | 'cancelled';

/** Who works on a future. */
export interface Maker {
  /** It was cancelled: what was begun for it is to end, what was not begun must not begin. */
  cancelled(reason: unknown): void;
  /** Somebody waits for it without a limit, until it is settled. */
  wait<T>(channel: Channel<T>): Promise<T>;
}

/**
 * A value, or an error, that will be there later.
 *
 * A failure belongs to whoever asks for it; one for which nobody asks is reported like that of a tasklet which
 * nobody joins. It is not thenable: {@link Future.get} waits for it. Source: Python's `concurrent.futures`.
 *
 * @example
 * const answer = new Future<number>();
 * spawn(async () => answer.resolve(await compute()));
 * await answer.get();
 */
export class Future<T> {
  /** The name given; `''` if there is none. */
  readonly name: string;
  private readonly end: Ending<T> = new Ending();
  private readonly scheduler: Scheduler = here();
  private cancellation: CancelledError | null = null;
  private maker: Maker | null = null;

  /** @throws {TypeError} a wrong or unknown option. */
  constructor(options?: FutureOptions) {
    this.name = options === undefined ? '' : nameOf(readOptions(options, ['name'], 'Future').name, 'Future');
  }

  /** How far it is. `running`: somebody has begun to work on it. */
  get state(): FutureState {
    if (this.cancellation !== null) return 'cancelled';
    switch (this.end.phase) {
      case NEW:
        return 'pending';
      case ALIVE:
        return 'running';
      default:
        return this.end.phase === DONE ? 'done' : 'failed';
    }
  }

  /** It has its value, its error, or was cancelled. */
  get settled(): boolean {
    return this.end.over;
  }

  /**
   * Gives it its value. Those who wait go to the end of the ring, in order.
   *
   * @returns whether this settled it; `false` if it was settled before.
   * @throws {TypeError} `value` is a promise or another thenable.
   */
  resolve(value: T): boolean {
    if (isThenable(value)) {
      throw new TypeError(`${titled('future', this.name)}: resolve takes a value, not a promise of one`);
    }
    return this.settle(DONE, value);
  }

  /** Gives it an error, which everybody gets who asks. @returns whether this settled it. */
  reject(error: unknown): boolean {
    return this.settle(FAILED, error);
  }

  /**
   * Cancels it: whoever waits gets a {@link CancelledError} now. Work for it that has not begun never will;
   * work that has is killed, or told by its signal, and may take its time to end.
   *
   * @param reason becomes the `cause` of the error.
   * @returns whether it is cancelled; `false` if it had its value or error before.
   */
  cancel(reason?: unknown): boolean {
    if (this.settled) return this.cancellation !== null;
    const why = reason === undefined ? undefined : { cause: reason };
    this.cancellation = new CancelledError(`${titled('future', this.name)} was cancelled`, why);
    // Not reported when nobody asks: whoever cancels it knows.
    this.end.observed = true;
    const { maker } = this;
    this.settle(FAILED, this.cancellation);
    maker?.cancelled(reason);
    return true;
  }

  /**
   * Waits until it is settled. Any number may ask, before or after, and all get the same.
   *
   * To give up waiting changes nothing about the future; {@link Future.cancel} does. Its error counts as asked for
   * from then on, whenever it comes.
   *
   * @param options `timeout` in milliseconds, `signal`.
   * @throws its error. {CancelledError}. {TimeoutError}. {DeadlockError} it waits in a pool all of whose jobs
   * wait for work of the pool itself, the caller being one of them.
   */
  get(options?: WaitOptions): Promise<T> {
    this.end.observed = true;
    const channel = this.channel();
    if (options !== undefined || this.maker === null) return channel.receive(options);
    return this.maker.wait(channel);
  }

  /** A case of {@link select}: to get its value. */
  getting(): Case<T> {
    this.end.observed = true;
    return this.channel().receiving();
  }

  /** @internal Its value or its error, once it is settled. */
  get outcome(): unknown {
    return this.end.outcome;
  }

  /** @internal Somebody has it in hand: its error is theirs. */
  observe(): void {
    this.end.observed = true;
  }

  /** @internal Calls `task`, which must not throw, when it is settled. @returns how to take that back. */
  atEnd(task: () => void): () => void {
    return this.end.tell(task);
  }

  /** @internal The same, by somebody who answers for its error until it takes that back, or observes it. */
  answer(task: () => void): () => void {
    return this.end.answer(task, this.scheduler);
  }

  /** @internal What is told of it, and asked about it, as long as it is not settled. */
  madeBy(maker: Maker): void {
    this.maker = maker;
  }

  /** @internal Somebody has begun to work on it. */
  begin(): void {
    if (this.end.phase === NEW) this.end.phase = ALIVE;
  }

  private channel(): Channel<T> {
    return this.end.channel(() => titled('future', this.name));
  }

  private settle(phase: number, outcome: unknown): boolean {
    if (this.settled) return false;
    this.maker = null;
    this.end.settle(phase, outcome, this.scheduler);
    return true;
  }
}
