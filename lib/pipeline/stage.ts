/**
 * What a line is made of: where its values come from, what is done to them, where they go.
 *
 * These are descriptions. Nothing runs before `pipeline` is called, and each can stand in many lines.
 */
import type { Channel } from '../kernel/channel.js';
import { show } from '../kernel/options.js';

/** Where values come from: an array, a generator, a channel, a queue, a Node stream. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/** Where a stage puts its values. */
export interface Outlet<T> {
  /** Hands `value` to the next stage; waits until it takes it. */
  send(value: T): Promise<void>;
}

/**
 * A stage: takes values from the one before it and passes on what it makes of them.
 *
 * Its `run` is a tasklet. When it returns, the stages behind it see the end, and those before it, from which
 * nothing is wanted any more, are killed. What it throws ends the whole line and is its result.
 *
 * @example
 * const upper: Stage<string, string> = {
 *   name: 'upper',
 *   async run(input, output) {
 *     for await (const line of input) await output.send(line.toUpperCase());
 *   },
 * };
 */
export interface Stage<I, O> {
  /** Shown in `dump()`. */
  readonly name: string;
  /**
   * @param enough says that nothing is wanted any more from the stages before, when there is still something
   * to pass on.
   */
  run(input: Channel<I>, output: Outlet<O>, enough: () => void): PromiseLike<void>;
}

/** The end of a line, where its result is made. */
export interface Drain<I, R> {
  /** Shown in `dump()`. */
  readonly name: string;
  run(input: Channel<I>): PromiseLike<R>;
}

/** A stage of any types: what a line is put together from once they have been checked. */
export type AnyStage = Stage<never, unknown>;

/** Looks whether `stage` is one, before anything runs. */
export function staged(stage: unknown, where: string): void {
  if (typeof (stage as Partial<AnyStage> | null | undefined)?.run !== 'function') {
    throw new TypeError(
      `${where}: a stage must be made by map, filter, … or have a run, not be ${show(stage)}`,
    );
  }
}
