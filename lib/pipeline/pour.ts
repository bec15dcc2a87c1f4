import { refused } from '../kernel/caller.js';
import { wait } from '../kernel/foreign.js';
import { isThenable, show } from '../kernel/options.js';
import type { Outlet, Source } from './stage.js';

/**
 * Sends each of `values` in turn; the next one is asked for when the last one was taken. A promise among
 * them is waited for.
 *
 * If it ends early, the source is told by `return`, and its clean-up is part of this one.
 */
export async function pour<T>(values: Source<T>, output: Outlet<T>): Promise<void> {
  const many = values as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  if (typeof many?.[Symbol.asyncIterator] === 'function') {
    await pourAsync(values as AsyncIterable<T>, output);
    return;
  }
  for (const value of values as Iterable<T>) {
    await output.send(isThenable(value) ? ((await wait(value)) as T) : value);
    // A kill that came when the value was taken already: the source is not asked in vain.
    const refusing = refused();
    if (refusing !== null) await refusing;
  }
}

// Not `for await`: that could not be killed while the source is silent.
async function pourAsync<T>(values: AsyncIterable<T>, output: Outlet<T>): Promise<void> {
  const iterator = values[Symbol.asyncIterator]();
  let asked = false;
  let over = false;
  try {
    for (;;) {
      asked = true;
      const step = await wait(iterator.next());
      asked = false;
      if (step.done === true) break;
      await output.send(step.value);
      const refusing = refused();
      if (refusing !== null) await refusing;
    }
    over = true;
  } finally {
    if (!over) await leave(values, iterator, asked);
  }
}

/** Tells a source that nothing more is wanted. */
async function leave(values: object, iterator: AsyncIterator<unknown>, asked: boolean): Promise<void> {
  if (!asked) {
    const left = iterator.return?.();
    if (left !== undefined) await wait(left);
    return;
  }
  // Told, not awaited: an async generator answers only when its pending `next` has come to something. A
  // stream of Node's is such a generator, and can be ended under it.
  const left = iterator.return?.();
  if (left !== undefined) void Promise.resolve(left).catch(ignore);
  const { destroy } = values as { destroy?: unknown };
  if (typeof destroy === 'function') destroy.call(values);
}

/** The source was told to stop because of another error, which is on its way. */
function ignore(): void {
  // Nothing to add.
}

/** `values`, if they can be poured. */
export function pourable(values: unknown, what: string, where: string): void {
  const many = values as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof many?.[Symbol.iterator] === 'function') return;
  if (typeof many?.[Symbol.asyncIterator] === 'function') return;
  throw new TypeError(`${where}: ${what} must be a channel or another iterable, not ${show(values)}`);
}
