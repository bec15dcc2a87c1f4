/**
 * The limits of something that waits more than once.
 */
import { here } from '../../kernel/caller.js';
import type { WaitOptions } from '../../kernel/options.js';

export class Deadline {
  private readonly due: number | undefined;
  private readonly signal: AbortSignal | undefined;

  /** @param options that were checked already, as `refused` does. */
  constructor({ timeout, signal }: WaitOptions) {
    this.due = timeout === undefined ? undefined : here().clock.now() + timeout;
    this.signal = signal;
  }

  /** The limits of a wait with `options`, if there are any. */
  static of(options: WaitOptions | undefined): Deadline | undefined {
    return options === undefined ? undefined : new Deadline(options);
  }

  /** What is left for the next wait. */
  get left(): WaitOptions {
    const { due, signal } = this;
    return due === undefined ? { signal } : { timeout: here().clock.left(due), signal };
  }
}
