/**
 * Who reads a file to its end: it is closed at the end, and whenever nobody may come again.
 *
 * A loop that is left by an error never says so to its iterator. So an error closes the file, unless it is that of a
 * wait with limits of its own: whoever gives those has the reader in hand, and goes on or closes it.
 */
import { refused } from '../../kernel/caller.js';
import { StreamClosedError, TimeoutError } from '../../kernel/errors.js';
import type { WaitOptions } from '../../kernel/options.js';
import { Deadline } from './deadline.js';
import { Intake, type Room } from './intake.js';

/** What is made of the bytes of a file. */
export interface Taking {
  /** Where the next bytes go. */
  room(): Room;
  /** So many bytes have come to the room; 0: there are no more. */
  come(count: number): void;
}

export class Reader {
  private readonly intake: Intake;
  private readonly taking: Taking;
  /** Nothing more will come. */
  private over = false;
  private closed = false;
  /** What has closed it before its end. */
  private broken: { readonly cause: unknown } | null = null;

  constructor(path: string, taking: Taking) {
    this.intake = new Intake(path);
    this.taking = taking;
  }

  /**
   * What `some` finds; while it finds nothing, waits for more bytes. `undefined`: there are none. What is to be raised
   * in the caller comes first.
   */
  async take<T>(some: () => T | undefined, options?: WaitOptions): Promise<T | undefined> {
    try {
      const refusing = refused(options, () => `read of '${this.intake.path}'`);
      if (refusing !== null) await refusing;
      const limits = Deadline.of(options);
      while (!this.closed) {
        const found = some();
        if (found !== undefined) return found;
        if (this.over) this.closed = true;
        else await this.intake.pull(this.room, this.come, limits);
      }
      // Who shares it must not take for its end that another one was killed there.
      if (this.broken !== null) {
        throw new StreamClosedError(
          `read of '${this.intake.path}': it was closed before its end`,
          this.broken,
        );
      }
      await this.intake.close();
      return undefined;
    } catch (error) {
      const limited = error instanceof TimeoutError || options?.signal?.aborted === true;
      if (options === undefined || !limited) {
        if (!this.closed) this.broken = { cause: error };
        this.end();
      }
      throw error;
    }
  }

  /** Closes the file, and waits until it is closed. */
  async close(): Promise<void> {
    this.end();
    await this.intake.close();
  }

  private readonly room = (): Room => this.taking.room();

  private readonly come = (count: number): void => {
    this.taking.come(count);
    if (count > 0) return;
    this.over = true;
    this.intake.stop();
  };

  private end(): void {
    this.closed = true;
    this.intake.stop();
  }
}
