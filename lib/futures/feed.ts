/**
 * The values of a source, asked for one at a time: at once if it is an iterable, later if it is an async one.
 */
import { wait } from '../kernel/foreign.js';
import { show } from '../kernel/options.js';

/** What a source says: a step, or that it has failed. */
export type Answer = IteratorResult<unknown> | { readonly error: unknown };

export class Feed {
  private readonly values: Iterable<unknown> | AsyncIterable<unknown>;
  private readonly slow: boolean;
  /** Opened when it is asked for the first time. */
  private iterator: Iterator<unknown> | AsyncIterator<unknown> | null = null;
  /** The answer that is on its way, or was not used yet. */
  private answer: PromiseLike<Answer> | null = null;
  private over = false;

  constructor(values: Iterable<unknown> | AsyncIterable<unknown>) {
    const many = values as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
    this.slow = typeof many?.[Symbol.asyncIterator] === 'function';
    if (!this.slow && typeof many?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`map: values must be iterable, not ${show(values)}`);
    }
    this.values = values;
  }

  /** Nothing more will come of it. */
  get ended(): boolean {
    return this.over;
  }

  /** There may be more, and one has to wait for it. */
  get later(): boolean {
    return this.slow && !this.over;
  }

  /** Its answer; `undefined` if there is none without waiting. */
  now(): Answer | undefined {
    if (this.slow || this.over) return undefined;
    try {
      const iterator = (this.iterator ??= (this.values as Iterable<unknown>)[Symbol.iterator]());
      return (iterator as Iterator<unknown>).next();
    } catch (error) {
      this.over = true;
      return { error };
    }
  }

  /** Its answer, if one has to wait for it. The same one until it was {@link Feed.answered}. */
  ask(): PromiseLike<Answer> {
    if (this.answer !== null) return this.answer;
    const iterator = (this.iterator ??= (this.values as AsyncIterable<unknown>)[Symbol.asyncIterator]());
    this.answer = (iterator as AsyncIterator<unknown>).next().then(
      (step): Answer => step,
      (error: unknown): Answer => {
        this.over = true;
        return { error };
      },
    );
    return this.answer;
  }

  answered(): void {
    this.answer = null;
  }

  end(): void {
    this.over = true;
  }

  /** Tells the source that nothing more is wanted. */
  async leave(): Promise<void> {
    const { iterator, answer } = this;
    if (this.over || iterator === null) return;
    this.over = true;
    const left = iterator.return?.();
    if (left === undefined) return;
    // Told, not awaited, if it is silent: an async generator answers `return` after its pending `next`.
    if (answer === null) await wait(Promise.resolve(left));
    else void Promise.resolve(left).catch(ignore);
  }
}

function ignore(): void {
  // It was told to stop because of another error, or because nobody wants more.
}
