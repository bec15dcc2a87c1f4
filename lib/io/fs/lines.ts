/**
 * The lines of a file, as fast as a loop can take them.
 *
 * A block is read and cut into lines at once; then each is handed out without a look at the ring, as long as
 * nothing is to be raised in the tasklet and its time slice is not over.
 */
import { caller, running } from '../../kernel/caller.js';
import type { WaitOptions } from '../../kernel/options.js';
import { proceed } from '../../kernel/park.js';
import type { Waiter } from '../../kernel/waiter.js';
import { LineCutter, type FileLinesOptions } from './line-cutter.js';
import { pathOf, type Path } from './path.js';
import { Reader } from './reader.js';

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
  return new FileLines(file, new LineCutter(options, `lines of '${file}'`));
}

/** The lines of one file; see {@link lines}. Several tasklets may take from them: each gets the next one. */
export class FileLines implements AsyncIterable<string>, AsyncDisposable {
  /** @internal Those that are in memory. */
  block: string[] = [];
  /** @internal Which of them is next. */
  at = 0;
  private readonly reader: Reader;
  private readonly cutter: LineCutter;
  private whole = false;

  /** @internal */
  constructor(path: string, cutter: LineCutter) {
    this.cutter = cutter;
    this.reader = new Reader(path, {
      room: () => cutter.room(),
      come: (count) => {
        cutter.add(count);
        this.whole = count === 0;
      },
    });
  }

  /**
   * The next line, as an iterator gives it; waits until it is there. Timed out or aborted by its `options` it has
   * taken nothing, and one can go on. With any other error the file is closed, and whoever asks again gets
   * `StreamClosedError`.
   */
  async next(options?: WaitOptions): Promise<IteratorResult<string, undefined>> {
    const line = await this.reader.take(() => (this.isThere() ? this.block[this.at++] : undefined), options);
    if (line === undefined) return { value: undefined, done: true };
    const step = { value: line, done: false as const };
    return running() === undefined
      ? step
      : (proceed(caller(), step) as Promise<IteratorResult<string, undefined>>);
  }

  /**
   * The same lines in arrays, none of them empty: some hundreds at a time, for who does little with each.
   *
   * @example
   * let count = 0;
   * for await (const batch of lines('server.log').batches()) count += batch.length;
   * count; // 2
   */
  batches(): AsyncIterable<string[]> {
    const next = async (): Promise<IteratorResult<string[], undefined>> => {
      const batch = await this.reader.take(() => (this.isThere() ? this.rest() : undefined));
      return batch === undefined ? { value: batch, done: true } : { value: batch, done: false };
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: () => this.leave<string[]>() }) };
  }

  /**
   * Nothing more is wanted: closes the file, and waits until it is closed. While somebody reads, who is told, it is
   * closed when the system has come back, and nobody waits for that: a pipe may never have anything.
   */
  close(): Promise<void> {
    this.block = [];
    return this.reader.close();
  }

  /** An iterator for one loop. To `break` out of it closes the file. */
  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return new Cursor(this);
  }

  /** {@link FileLines.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal */
  async leave<T>(): Promise<IteratorResult<T, undefined>> {
    await this.close();
    return { value: undefined, done: true };
  }

  /** Whether a line is in memory, or can be made of what is. */
  private isThere(): boolean {
    while (this.at >= this.block.length) {
      const block = this.cutter.cut() ?? (this.whole ? this.cutter.rest() : null);
      if (block === null) return false;
      this.block = block;
      this.at = 0;
    }
    return true;
  }

  /** All that are in memory. */
  private rest(): string[] {
    const { at, block } = this;
    this.at = block.length;
    return at === 0 ? block : block.slice(at);
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

  next(): Promise<IteratorResult<string, undefined>> {
    const { lines } = this;
    if (lines.at < lines.block.length && this.goesOn()) {
      return Promise.resolve({ value: lines.block[lines.at++] as string, done: false });
    }
    return this.wait();
  }

  return(): Promise<IteratorResult<string, undefined>> {
    return this.lines.leave();
  }

  /** Whether nothing stands against another line: what {@link proceed} would ask too. */
  private goesOn(): boolean {
    const { me } = this;
    if (me === null || me === undefined) return me === undefined;
    const { scheduler } = me;
    return me.extra === null && scheduler.current === me && --scheduler.budget >= 0;
  }

  private async wait(): Promise<IteratorResult<string, undefined>> {
    const step = await this.lines.next();
    this.me = running();
    return step;
  }
}
