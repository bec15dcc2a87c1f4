import { refused } from '../kernel/caller.js';
import { line } from '../kernel/line.js';
import { oneOf, readOptions, type WaitOptions } from '../kernel/options.js';
import type { Channel } from '../kernel/channel.js';
import { isOver, settlings, type Settling } from './settling.js';

export interface WaitAllOptions extends WaitOptions {
  /** Whether to wait for all of them (the default), for the first one, or for the first that fails, if any. */
  until?: 'all' | 'first' | 'firstError';
}

/** Those that are settled, and those that are not, in the order of the list. */
export interface Settled<F> {
  readonly done: F[];
  readonly pending: F[];
}

/**
 * Waits until all of `list`, or the first of them, are settled. Raises no error of theirs: ask each one.
 *
 * Who waits here answers for their errors: none is reported as one that nobody asked for. Who gives up does not, and
 * changes nothing about them. Source: Python's `concurrent.futures.wait`; here a timeout is an error.
 *
 * @param list futures and tasklets; one that stands in it twice counts once.
 * @param options `until`, `timeout` in milliseconds, `signal`.
 * @throws {TimeoutError} after `options.timeout` milliseconds. {TypeError} something else stands in the list.
 * @example
 * const { done, pending } = await waitAll(futures, { until: 'first' });
 */
export async function waitAll<F extends Settling>(
  list: Iterable<F>,
  options?: WaitAllOptions,
): Promise<Settled<F>> {
  const all = settlings(list, 'waitAll');
  const { until = 'all', timeout, signal } = readOptions(options, ['until', 'timeout', 'signal'], 'waitAll');
  oneOf(until, ['all', 'first', 'firstError'], 'until', 'waitAll');
  const waiting = timeout === undefined && signal === undefined ? undefined : { timeout, signal };
  const refusing = refused(waiting, () => 'waitAll');
  if (refusing !== null) return refusing;
  const open = all.filter((each) => !isOver(each));
  let left = until === 'first' && open.length < all.length ? 0 : open.length;
  if (until === 'firstError' && all.some((each) => isOver(each) && failed(each))) left = 0;
  if (left > 0) {
    const over: Channel<void> = line(`${until === 'all' ? 'all' : `the ${until}`} of ${all.length} futures`);
    const undo = all.map((each) =>
      each.answer(() => {
        if (--left === 0 || until === 'first' || (until === 'firstError' && failed(each))) over.close();
      }),
    );
    try {
      await over.next(waiting);
      for (const each of all) each.observe();
    } finally {
      for (const each of undo) each();
    }
  } else for (const each of all) each.observe();
  return { done: all.filter(isOver), pending: all.filter((each) => !isOver(each)) };
}

function failed({ state }: Settling): boolean {
  return state !== 'done';
}
