/**
 * Lines of text, one after the other.
 *
 * What stands together is made text at once and cut there: cheaper than line by line. Bytes are taken line by
 * line all the same, so that whoever reads on after that finds the next line.
 */
import { LimitExceededError } from '../kernel/errors.js';
import type { WaitOptions } from '../kernel/options.js';
import type { ByteBuffer } from './byte-buffer.js';
import { brokenOff, type End, type Frame } from './frame.js';

/** Encodings in which a line break is one byte that is never part of anything else. */
export type LineEncoding = 'utf8' | 'latin1';

const LF = 10;
const CR = 13;
/** So many bytes are made text at once: a line that is kept may keep them all. */
const AHEAD = 16_384;

/** A line, without what ends it; at the end of input, if that is allowed, what stands behind the last one. */
export class Line implements Frame<string> {
  private from = 0;
  /** The next lines, where a byte is a character; the first of them begins at `place`, the one after at `after`. */
  private ahead: readonly string[] = [];
  private index = 0;
  private place = 0;
  private after = 0;
  /** Before this position there are characters of more than one byte. */
  private opaque = 0;
  private readonly encoding: LineEncoding;
  private readonly maxBytes: number;
  private readonly unterminated: boolean;
  private readonly title: string;

  constructor(encoding: LineEncoding, maxBytes: number, unterminated: boolean, title: string) {
    this.encoding = encoding;
    this.maxBytes = maxBytes;
    this.unterminated = unterminated;
    this.title = title;
  }

  begin(): void {
    this.from = 0;
  }

  measure(buffer: ByteBuffer): number {
    if (this.ahead.length > 0) {
      const length = this.known(buffer);
      if (length >= 0) return length;
    }
    const found = buffer.find(LF, this.from);
    this.check(found < 0 ? buffer.length : found);
    this.from = found < 0 ? buffer.length : found;
    if (found >= 0 && buffer.position >= this.opaque) this.look(buffer, found);
    return found + 1 || -1;
  }

  cut(buffer: ByteBuffer, length: number): string {
    if (this.ahead.length > 0) {
      const line = this.ahead[this.index] as string;
      return line.charCodeAt(line.length - 1) === CR ? line.slice(0, -1) : line;
    }
    let end = length;
    if (end > 0 && buffer.at(end - 1) === LF) {
      end--;
      if (end > 0 && buffer.at(end - 1) === CR) end--;
    }
    return buffer.text(end, this.encoding);
  }

  last(buffer: ByteBuffer, end: End): number {
    if (end.error === undefined && this.unterminated) return buffer.length;
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes of a line`);
  }

  /** How long the next of the lines is that are known; -1 if none is, or somebody else has read meanwhile. */
  private known({ position }: ByteBuffer): number {
    if (position === this.after) {
      this.index++;
      this.place = position;
    }
    const line = this.ahead[this.index];
    if (line === undefined || position !== this.place) {
      this.ahead = [];
      return -1;
    }
    this.check(line.length);
    this.after = position + line.length + 1;
    return line.length + 1;
  }

  /** Makes text of the lines that stand together, if a byte is a character there; the first one ends at `found`. */
  private look(buffer: ByteBuffer, found: number): void {
    const length = buffer.lastTogether(LF, AHEAD);
    if (length <= found) return;
    const text = buffer.text(length, this.encoding);
    if (text.length !== length) {
      this.opaque = buffer.position + length;
      return;
    }
    this.ahead = text.split('\n');
    this.index = 0;
    this.place = buffer.position;
    this.after = this.place + found + 1;
  }

  private check(length: number): void {
    const { maxBytes } = this;
    if (length > maxBytes) {
      throw new LimitExceededError(`${this.title}: a line of more than ${maxBytes} bytes`, maxBytes);
    }
  }
}

/**
 * The lines, pieces of text or frames of a stream, one after the other. Nothing is read before somebody asks, and
 * nothing in advance: to `break` leaves the stream where the last one ends.
 */
export class Readings<T> implements AsyncIterable<T> {
  private readonly read: (options?: WaitOptions) => Promise<IteratorResult<T, undefined>>;
  private readonly wait: WaitOptions | undefined;

  /** @internal */
  constructor(
    read: (options?: WaitOptions) => Promise<IteratorResult<T, undefined>>,
    wait: WaitOptions | undefined,
  ) {
    this.read = read;
    this.wait = wait;
  }

  /**
   * The next one as an iterator gives it; waits until it is complete.
   *
   * @param options `timeout` in milliseconds and `signal`, instead of those that were given for each of them.
   */
  next(options: WaitOptions | undefined = this.wait): Promise<IteratorResult<T, undefined>> {
    return this.read(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.read(this.wait) };
  }
}
