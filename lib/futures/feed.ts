/**
 * The values of a source, asked for one at a time: at once if it is an iterable, later if it is an async one.
 */
import { Channel } from '../kernel/channel.js';
import { TaskletExit } from '../kernel/errors.js';
import { wait } from '../kernel/foreign.js';
import { show } from '../kernel/options.js';

type Values = Iterable<unknown> | AsyncIterable<unknown>;

export class Feed {
  /** One has to wait for its answers. */
  readonly slow: boolean;
  private readonly values: Values;
  /** Opened when it is asked for the first time. */
  private iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  /** It was asked and has not answered. */
  private asked = false;
  /** Nothing more will come of it, and it knows. */
  private over = false;

  constructor(values: Values) {
    const many = values as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
    this.slow = typeof many?.[Symbol.asyncIterator] === 'function';
    if (!this.slow && typeof many?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`map: values must be iterable, not ${show(values)}`);
    }
    this.values = values;
  }

  /** What comes next, of one that answers at once. @throws its error, after which it is over. */
  now(): IteratorResult<unknown> {
    try {
      const iterator = (this.iterator ??= (this.values as Iterable<unknown>)[Symbol.iterator]());
      const step = (iterator as Iterator<unknown>).next();
      if (step.done === true) this.over = true;
      return step;
    } catch (error) {
      this.over = true;
      throw error;
    }
  }

  /** What comes next, of one that does not. @throws its error, after which it is over; a kill of who asks. */
  async later(): Promise<IteratorResult<unknown>> {
    this.asked = true;
    try {
      const step = await this.answer();
      this.asked = false;
      if (step.done === true) this.over = true;
      return step;
    } catch (error) {
      if (!(error instanceof TaskletExit)) this.over = true;
      throw error;
    }
  }

  private answer(): PromiseLike<IteratorResult<unknown>> {
    const { values } = this;
    // Asked itself, a channel is left without a trace by who is killed there.
    if (values instanceof Channel) return values.next();
    const iterator = (this.iterator ??= (values as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    return wait((iterator as AsyncIterator<unknown>).next());
  }

  /** Tells the source that nothing more is wanted. */
  async leave(): Promise<void> {
    const { iterator } = this;
    if (this.over || iterator === null) return;
    this.over = true;
    const left = iterator.return?.();
    if (left === undefined || !this.slow) return;
    // Told, not awaited, if it is silent: an async generator answers `return` after its pending `next`.
    if (this.asked) void Promise.resolve(left).catch(ignore);
    else await wait(Promise.resolve(left));
  }
}

function ignore(): void {
  // It was told to stop because of another error, or because nobody wants more.
}
