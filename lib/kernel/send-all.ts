import type { Channel } from './channel.js';
import { wait } from './foreign.js';
import { show } from './options.js';

/** Sends each of `values` in turn; see {@link Channel.sendAll}. */
export async function sendAll<T>(
  channel: Channel<T>,
  values: Iterable<T> | AsyncIterable<T>,
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
  let over = false;
  try {
    for (;;) {
      const step = await wait(source.next());
      if (step.done === true) {
        over = true;
        return count;
      }
      await channel.send(step.value);
      count++;
    }
  } finally {
    // Told, not awaited: an async generator answers only when its pending `next` has come to something.
    if (!over) void Promise.resolve(source.return?.()).catch(ignore);
  }
}

/** The source was told to stop because of another error, which is on its way. */
function ignore(): void {
  // Nothing to add.
}
