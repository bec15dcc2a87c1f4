/**
 * How an executor is shut down, whoever does its work.
 *
 * It is asked once to take no more; anybody may wait until nothing is left, also a job of its own, which does
 * not wait for itself.
 */
import { here, refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import { oneOf, readOptions } from '../kernel/options.js';
import type { ExecutorShutdownOptions } from './executor.js';

/** The work, as far as its end goes. */
export interface Work {
  stopQueued(): void;
  stopRunning(): void;
  /** How many of the running ones wait for this very end. */
  readonly lent: number;
  /** How many jobs are left. */
  left(): number;
  /** There may be room for more. */
  more(): void;
}

export class Closing {
  /** How many running jobs wait for the end, and lend their places meanwhile. */
  lent = 0;
  private closed = false;
  private over: Channel<void> | null = null;
  private readonly what: string;

  constructor(what: string) {
    this.what = what;
  }

  /** More work is taken. */
  get accepts(): boolean {
    return !this.closed;
  }

  /** Why no more work is taken. */
  refusal(): StateError {
    return new StateError(`${this.what} was shut down: it takes no more work`);
  }

  /** @throws {StateError} no more work is taken. */
  admit(): void {
    if (this.closed) throw this.refusal();
  }

  /** `left` jobs are left. */
  check(left: number): void {
    if (this.over === null || left > this.lent) return;
    this.over.close();
    this.over = null;
  }

  async close(options: ExecutorShutdownOptions | undefined, work: Work): Promise<void> {
    const given = readOptions(options, ['work', 'timeout', 'signal'], 'shutdown');
    const how = oneOf(given.work ?? 'drain', ['drain', 'finish', 'abort'], 'work', 'shutdown');
    const { timeout = Infinity, signal } = given;
    const refusing = refused({ timeout, signal }, () => 'shutdown');
    if (refusing !== null) return refusing;
    this.closed = true;
    if (how !== 'drain') work.stopQueued();
    if (how === 'abort') work.stopRunning();
    const { clock } = here();
    const end = clock.now() + timeout;
    this.lent += work.lent;
    try {
      if (work.lent > 0) {
        work.more();
        this.check(work.left());
      }
      // Not once: who waits from outside waits for those too who have lent their places.
      while (work.left() > (work.lent > 0 ? this.lent : 0)) {
        this.over ??= line(`shutdown of ${this.what}`);
        await this.over.next({ timeout: clock.left(end), signal });
      }
    } finally {
      this.lent -= work.lent;
    }
  }
}
