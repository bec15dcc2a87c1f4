/**
 * The lines of a file, as fast as a loop can take them.
 *
 * A block is read and cut into lines at once; then each is handed out without a look at the ring, as long as
 * nothing is to be raised in the tasklet and its time slice is not over.
 */
import { caller, refused, running } from '../../kernel/caller.js';
import { TimeoutError } from '../../kernel/errors.js';
import type { WaitOptions } from '../../kernel/options.js';
import { proceed } from '../../kernel/park.js';
import type { Waiter } from '../../kernel/waiter.js';
import { Deadline } from './deadline.js';
import { Intake, type Room } from './intake.js';
import { LineCutter, type FileLinesOptions } from './line-cutter.js';
import { pathOf, type Path } from './path.js';

const NONE: string[] = [];

type Step<T> = IteratorResult<T, undefined>;

/**
 * The lines of the file at `path`, without what ends them: a line feed, or a carriage return before one. What
 * stands behind the last line feed is a line too, if it is not empty. A byte order mark is left as it is.
 *
 * The file is opened when the first line is asked for, read as it is needed, and closed when the iteration ends,
 * however it ends: at the end of the file, by `break`, by an error, by a kill. What others append meanwhile may
 * come too.
 *
 * In a loop, lines that are in memory already are handed out without a switch: others have a turn whenever the
 * file is read, and the event loop has one at the end of the time slice.
 *
 * @throws {TypeError | RangeError} a wrong or unknown option. While it is iterated: what the system reports of the
 * file; {LimitExceededError} a line is longer than `maxBytes`.
 * @example
 * let failed = 0;
 * for await (const line of lines('server.log', { containing: 'ERROR' })) failed++;
 * failed; // 1
 */
export function lines(path: Path, options?: FileLinesOptions): FileLines {
  const file = pathOf(path, 'lines');
  return new FileLines(new Intake(file), new LineCutter(options, `lines of '${file}'`));
}

/** The lines of one file. Several tasklets may take from them: each gets the next one. */
export class FileLines implements AsyncIterable<string>, AsyncDisposable {
  /** @internal Those that are in memory. */
  block: string[] = NONE;
  /** @internal Which of them is next. */
  at = 0;
  private readonly intake: Intake;
  private readonly cutter: LineCutter;
  private over = false;

  /** @internal */
  constructor(intake: Intake, cutter: LineCutter) {
    this.intake = intake;
    this.cutter = cutter;
  }

  /**
   * The next line, as an iterator gives it; waits until it is there. Timed out or aborted by its `options` it has
   * taken nothing, and one can go on. With any other error the file is closed.
   */
  async next(options?: WaitOptions): Promise<Step<string>> {
    const line = await this.take(() => this.block[this.at++] as string, options);
    if (line === undefined) return { value: undefined, done: true };
    const step = { value: line, done: false as const };
    return running() === undefined ? step : (proceed(caller(), step) as Promise<Step<string>>);
  }

  /**
   * The same lines in arrays, none of them empty: as many at a time as came with one read.
   *
   * @example
   * let count = 0;
   * for await (const batch of lines('server.log').batches()) count += batch.length;
   * count; // 2
   */
  batches(): AsyncIterable<string[]> {
    return { [Symbol.asyncIterator]: () => new Batches(this) };
  }

  /** Nothing more is wanted: closes the file, and waits until it is closed. */
  async close(): Promise<void> {
    this.end();
    await this.intake.close();
  }

  /** An iterator for one loop. To `break` out of it closes the file. */
  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return new Cursor(this);
  }

  /** {@link FileLines.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * @internal Waits until there is a line, and calls `some` in that same step: another one may come for it.
   * `undefined`: there is none any more. What is to be raised in the caller comes first.
   */
  async take<T>(some: () => T, options?: WaitOptions): Promise<T | undefined> {
    try {
      const refusing = refused(options, () => `read of '${this.intake.path}'`);
      if (refusing !== null) await refusing;
      const limits = Deadline.of(options);
      for (;;) {
        if (this.at < this.block.length) return some();
        const block = this.over ? null : this.cutter.cut();
        if (block !== null) this.give(block);
        else if (this.over) break;
        else await this.intake.pull(this.room, this.come, limits);
      }
      await this.intake.close();
      return undefined;
    } catch (error) {
      const limited = error instanceof TimeoutError || options?.signal?.aborted === true;
      if (options === undefined || !limited) this.end();
      throw error;
    }
  }

  /** @internal All that are in memory. */
  rest(): string[] {
    const { at, block } = this;
    this.at = block.length;
    return at === 0 ? block : block.slice(at);
  }

  private give(block: string[]): void {
    this.block = block;
    this.at = 0;
  }

  private readonly room = (): Room => this.cutter.room();

  private readonly come = (count: number): void => {
    this.cutter.add(count);
    if (count > 0) return;
    this.give(this.cutter.rest());
    this.over = true;
    this.intake.stop();
  };

  private end(): void {
    this.over = true;
    this.give(NONE);
    this.intake.stop();
  }
}

/** The iterator of one loop, and so of one tasklet. */
class Cursor implements AsyncIterator<string, undefined> {
  private readonly lines: FileLines;
  /** Whose loop it is, as of its last wait; `undefined` outside of tasklets. */
  private me: Waiter | undefined | null = null;

  constructor(lines: FileLines) {
    this.lines = lines;
  }

  next(): Promise<Step<string>> {
    const { lines } = this;
    if (lines.at < lines.block.length && this.goesOn()) {
      return Promise.resolve({ value: lines.block[lines.at++] as string, done: false });
    }
    return this.wait();
  }

  async return(): Promise<Step<string>> {
    await this.lines.close();
    return { value: undefined, done: true };
  }

  /** Whether nothing stands against another line: what {@link proceed} would ask too. */
  private goesOn(): boolean {
    const { me } = this;
    if (me === null || me === undefined) return me === undefined;
    const { scheduler } = me;
    return me.extra === null && scheduler.current === me && --scheduler.budget >= 0;
  }

  private async wait(): Promise<Step<string>> {
    const step = await this.lines.next();
    this.me = running();
    return step;
  }
}

/** The iterator of one loop over arrays. */
class Batches implements AsyncIterator<string[], undefined> {
  private readonly lines: FileLines;

  constructor(lines: FileLines) {
    this.lines = lines;
  }

  async next(): Promise<Step<string[]>> {
    const batch = await this.lines.take(() => this.lines.rest());
    return batch === undefined ? { value: undefined, done: true } : { value: batch, done: false };
  }

  async return(): Promise<Step<string[]>> {
    await this.lines.close();
    return { value: undefined, done: true };
  }
}
