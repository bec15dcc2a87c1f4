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
  /** The next lines, where a byte is a character; the next of them is the text from `at` to the line feed at `stop`. */
  private ahead = '';
  private at = 0;
  private stop = 0;
  /** Where that one begins in the whole, and the one after it. */
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
    if (this.ahead !== '') {
      const length = this.known(buffer);
      if (length >= 0) return length;
    }
    if (buffer.length === this.from) return -1;
    if (this.from === 0 && buffer.position >= this.opaque && this.look(buffer)) return this.known(buffer);
    const found = buffer.find(LF, this.from);
    this.check(found < 0 ? buffer.length : found);
    this.from = found < 0 ? buffer.length : found;
    return found + 1 || -1;
  }

  cut(buffer: ByteBuffer, length: number): string {
    if (this.ahead !== '') {
      const { ahead, at, stop } = this;
      // Who waits for the next one keeps none of them.
      if (stop === ahead.length - 1) this.ahead = '';
      return ahead.slice(at, stop > at && ahead.charCodeAt(stop - 1) === CR ? stop - 1 : stop);
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
    if (position !== this.place) {
      if (position !== this.after) {
        this.ahead = '';
        return -1;
      }
      this.at = this.stop + 1;
      this.place = position;
    }
    const { at } = this;
    const stop = this.ahead.indexOf('\n', at);
    this.check(stop - at);
    this.stop = stop;
    this.after = position + stop - at + 1;
    return stop - at + 1;
  }

  /** Makes text of the lines that stand together. @returns whether there are some, and a byte is a character there. */
  private look(buffer: ByteBuffer): boolean {
    const length = buffer.lastTogether(LF, AHEAD) + 1;
    if (length === 0) return false;
    const text = buffer.text(length, this.encoding);
    if (text.length !== length) {
      this.opaque = buffer.position + length;
      return false;
    }
    this.ahead = text;
    this.at = 0;
    this.place = buffer.position;
    return true;
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
