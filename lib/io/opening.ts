/**
 * Waiting until a socket is open, so that one who gives up leaves none behind.
 */
import type { EventEmitter } from 'node:events';
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import type { WaitOptions } from '../kernel/options.js';

/**
 * Waits until `socket` emits `opened`.
 *
 * @param title what is waited for.
 * @param drop closes it; called when it fails, and when the wait is given up.
 * @throws what it emits as `error`; {TimeoutError}; the reason of the signal.
 */
export async function opening<S extends EventEmitter>(
  socket: S,
  opened: string,
  title: string,
  drop: (socket: S) => void,
  options?: WaitOptions,
): Promise<void> {
  const answer: Channel<void> = line(title);
  const done = (): void => answer.closeWith(undefined);
  const failed = (error: unknown): void => answer.failWith(error);
  socket.on(opened, done);
  socket.on('error', failed);
  try {
    await answer.receive(options);
  } catch (error) {
    // It goes on listening to errors: one that nobody listens to would end the program.
    drop(socket);
    throw error;
  }
  // Whoever waits for this listens before an error can come: that takes a turn of the event loop.
  socket.off(opened, done);
  socket.off('error', failed);
}
