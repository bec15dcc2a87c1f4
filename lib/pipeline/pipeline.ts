import { refused } from '../kernel/caller.js';
import { readOptions, show, type WaitOptions } from '../kernel/options.js';
import { drainOf, type Sink } from './drain.js';
import { Line } from './line.js';
import { pourable } from './pour.js';
import { Progress } from './progress.js';
import { staged, type AnyStage, type Drain, type Source, type Stage } from './stage.js';

export interface PipelineOptions extends WaitOptions {
  /** Told of the stages, so that somebody can look how far they have come. */
  progress?: Progress;
}

type End<T, R> = Drain<T, R> | Sink<T>;
type Options = PipelineOptions;

/**
 * Lets values flow from `source` through stages into a sink, and waits until all have.
 *
 * Every stage is a tasklet, every arrow a channel: a value is passed on when the next stage takes it, so a slow
 * sink stops the source within one value a stage. An error anywhere ends every stage, and so does a stage that
 * wants no more; all `finally` blocks, also those of the source, have run when it returns. Killed, timed out or
 * aborted while it waits, it ends the line first. Outside tasklets it can be awaited as well.
 *
 * A source is a channel (read in place: what is not wanted stays in it), or anything that can be iterated,
 * which may be asked for one value more than is used. A sink is a function, called with each value; a
 * channel, a queue or a Node stream, which is ended with the line; or a {@link Drain} such as `collect()`.
 *
 * @param options the last argument, if it is a plain object: `timeout` in milliseconds, `signal`, `progress`.
 * @returns the result of the drain; of other sinks, how many values there were.
 * @throws the error of a stage, an `AggregateError` of several. {TaskletKilledError} somebody else killed a
 * stage. {TimeoutError}.
 * @example
 * const long = await pipeline(
 *   lines,
 *   map((line) => line.trim()),
 *   filter((line) => line.length > 80),
 *   collect(),
 * );
 */
export function pipeline<A, R = number>(source: Source<A>, sink: End<A, R>, options?: Options): Promise<R>;
export function pipeline<A, B, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  sink: End<B, R>,
  options?: Options,
): Promise<R>;
export function pipeline<A, B, C, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  second: Stage<B, C>,
  sink: End<C, R>,
  options?: Options,
): Promise<R>;
export function pipeline<A, B, C, D, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  second: Stage<B, C>,
  third: Stage<C, D>,
  sink: End<D, R>,
  options?: Options,
): Promise<R>;
export function pipeline<A, B, C, D, E, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  second: Stage<B, C>,
  third: Stage<C, D>,
  fourth: Stage<D, E>,
  sink: End<E, R>,
  options?: Options,
): Promise<R>;
export function pipeline<A, B, C, D, E, F, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  second: Stage<B, C>,
  third: Stage<C, D>,
  fourth: Stage<D, E>,
  fifth: Stage<E, F>,
  sink: End<F, R>,
  options?: Options,
): Promise<R>;
export function pipeline<A, B, C, D, E, F, G, R = number>(
  source: Source<A>,
  first: Stage<A, B>,
  second: Stage<B, C>,
  third: Stage<C, D>,
  fourth: Stage<D, E>,
  fifth: Stage<E, F>,
  sixth: Stage<F, G>,
  sink: End<G, R>,
  options?: Options,
): Promise<R>;
export async function pipeline(source: Source<unknown>, ...parts: unknown[]): Promise<unknown> {
  pourable(source, 'the source', 'pipeline');
  const last = parts.at(-1);
  const given = isOptions(last) ? (parts.pop(), last) : undefined;
  const { progress, timeout, signal } = readOptions(given, ['timeout', 'signal', 'progress'], 'pipeline');
  if (progress !== undefined && !(progress instanceof Progress)) {
    throw new TypeError(`pipeline: progress must be a Progress, not ${show(progress)}`);
  }
  const waiting = timeout === undefined && signal === undefined ? undefined : { timeout, signal };
  const drain = drainOf(parts.pop() as Sink<unknown>, 'pipeline');
  for (const stage of parts) staged(stage, 'pipeline');
  const refusing = refused(waiting, () => 'pipeline');
  if (refusing !== null) return refusing;
  return new Line(source, parts as AnyStage[], drain, progress).join(waiting);
}

/** A sink is never a plain object without a method. */
function isOptions(last: unknown): last is PipelineOptions {
  if (typeof last !== 'object' || last === null) return false;
  const prototype: unknown = Object.getPrototypeOf(last);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return !Object.values(last).some((value) => typeof value === 'function');
}
