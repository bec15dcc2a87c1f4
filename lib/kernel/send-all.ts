import type { Channel } from './channel.js';
import { show } from './options.js';

/**
 * Sends each of `values` in turn; see {@link Channel.sendAll}.
 *
 * @param answer makes the channel over which an asynchronous source answers.
 */
export async function sendAll<T>(
  channel: Channel<T>,
  values: Iterable<T> | AsyncIterable<T>,
  answer: () => Channel<IteratorResult<T>>,
): Promise<number> {
  const many = values as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  let count = 0;
  if (typeof many?.[Symbol.iterator] === 'function') {
    for (const value of values as Iterable<T>) {
      await channel.send(value);
      count++;
    }
    return count;
  }
  const open = many?.[Symbol.asyncIterator];
  if (typeof open !== 'function') {
    throw new TypeError(`${channel.describe(true)}: sendAll takes an iterable, not ${show(values)}`);
  }
  // Not `for await`: that could not be killed while the source is silent.
  const source = open.call(many as AsyncIterable<T>);
  const answers = answer();
  answers.label = 'next value of an iterable';
  const state = { over: false };
  try {
    for (;;) {
      source.next().then(
        (step) => {
          state.over = step.done === true;
          answers.post(step);
        },
        (error: unknown) => {
          state.over = true;
          answers.failWith(error);
        },
      );
      const step = await answers.receive();
      if (step.done === true) return count;
      await channel.send(step.value);
      count++;
    }
  } finally {
    // Told, not awaited: an async generator answers only when its pending `next` has come to something.
    if (!state.over) void stop(source);
  }
}

/** Lets `source` clean up. What that raises is dropped: another error is on its way. */
async function stop(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // Nothing to add.
  }
}
