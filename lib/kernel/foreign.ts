/**
 * Waiting for what is not ours: a promise, an abort signal.
 *
 * Each is made a channel that ends when it settles. One channel and one reaction for each promise, however
 * often it is waited for: a million waits that were given up leave nothing on a promise that never settles.
 */
import { refused } from './caller.js';
import { Channel } from './channel.js';
import { callable, isThenable, type WaitOptions } from './options.js';
import { stopWatching, watch } from './signal.js';

const latches = new WeakMap<PromiseLike<unknown>, Channel<unknown>>();

/** The channel of `promise`: every receive gets what it came to. */
export function latch<T>(promise: PromiseLike<T>): Channel<T> {
  let channel = latches.get(promise) as Channel<T> | undefined;
  if (channel === undefined) {
    const made = new Channel<T>();
    made.label = 'wait for a promise';
    latches.set(promise, made);
    // Not `promise.then`: that of another make may throw, or use operations of ours while ours is being begun.
    Promise.resolve(promise).then(
      (value) => {
        made.closeWith(value);
      },
      (error: unknown) => {
        made.failWith(error);
      },
    );
    channel = made;
  }
  return channel;
}

const alarms = new WeakMap<AbortSignal, Channel<unknown>>();

/** The channel of `signal`: every receive gets the reason once it is aborted. */
export function alarm(signal: AbortSignal): Channel<unknown> {
  let channel = alarms.get(signal);
  if (channel === undefined) {
    const made = new Channel<unknown>();
    made.label = 'wait for an abort signal';
    const watcher = {
      aborted(reason: unknown): void {
        made.closeWith(reason);
      },
    };
    made.feed({
      poll() {
        if (signal.aborted) made.closeWith(signal.reason);
      },
      arm() {
        watch(signal, watcher);
      },
      disarm() {
        stopWatching(signal, watcher);
      },
    });
    alarms.set(signal, made);
    channel = made;
  }
  return channel;
}

/**
 * Waits for a promise of the world outside, in a way that can be killed, timed out and aborted, and that
 * comes back through the run queue. A bare `await promise` in a tasklet is never wrong, but cannot.
 *
 * Given a function, it is called with a signal, which is aborted when the wait is given up (killed, timed
 * out, aborted): `wait((signal) => fetch(url, { signal }))`. What the promise comes to after that is ignored,
 * an error too.
 *
 * @param options `timeout` in milliseconds, `signal`.
 * @returns what the promise comes to.
 * @throws what the promise is rejected with; {TimeoutError}; the reason of `options.signal`.
 * @example
 * const reply = await wait((signal) => fetch(url, { signal }), { timeout: 5000 });
 */
export function wait<T>(
  source: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T> | T),
  options?: WaitOptions,
): Promise<T> {
  if (isThenable(source)) return latch(source).receive(options);
  try {
    callable(source, 'what to wait for', 'wait');
  } catch (error) {
    return Promise.reject(error);
  }
  return call(source, options);
}

async function call<T>(
  source: (signal: AbortSignal) => PromiseLike<T> | T,
  options?: WaitOptions,
): Promise<T> {
  // Before anything is begun: a wait that raises did not happen.
  const refusing = refused(options, () => 'wait');
  if (refusing !== null) return refusing;
  const controller = new AbortController();
  const result = source(controller.signal);
  if (!isThenable(result)) return result;
  try {
    return await latch(result).receive(options);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}
