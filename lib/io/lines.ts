/**
 * Lines of text, one after the other.
 */
import { LimitExceededError } from '../kernel/errors.js';
import type { WaitOptions } from '../kernel/options.js';
import type { ByteBuffer } from './byte-buffer.js';
import { brokenOff, type End, type Frame } from './frame.js';

export type LineEncoding = 'utf8' | 'latin1';

/** A line, without what ends it; at the end of input what stands behind the last one, if anything does. */
export class LineFrame implements Frame<IteratorResult<string, undefined>> {
  private from = 0;
  private readonly encoding: LineEncoding;
  private readonly maxBytes: number;
  /** Whether the end of input may end a line. */
  private readonly open: boolean;
  private readonly title: string;

  constructor(encoding: LineEncoding, maxBytes: number, open: boolean, title: string) {
    this.encoding = encoding;
    this.maxBytes = maxBytes;
    this.open = open;
    this.title = title;
  }

  begin(): void {
    this.from = 0;
  }

  measure(buffer: ByteBuffer): number {
    const { maxBytes } = this;
    const found = buffer.find(LF, this.from);
    if (found > maxBytes || (found < 0 && buffer.length > maxBytes)) {
      throw new LimitExceededError(`${this.title}: a line of more than ${maxBytes} bytes`, maxBytes);
    }
    this.from = found < 0 ? buffer.length : found;
    return found + 1 || -1;
  }

  cut(buffer: ByteBuffer, length: number): IteratorResult<string, undefined> {
    if (length === 0) return { done: true, value: undefined };
    let end = length;
    if (buffer.at(end - 1) === LF) end--;
    if (end < length && end > 0 && buffer.at(end - 1) === CR) end--;
    return { done: false, value: buffer.text(end, this.encoding) };
  }

  last(buffer: ByteBuffer, end: End): number {
    if (end.error === undefined && (this.open || buffer.length === 0)) return buffer.length;
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes of a line`);
  }
}

const LF = 10;
const CR = 13;

/** Lines of a stream. */
export class Lines implements AsyncIterable<string> {
  private readonly frame: LineFrame;
  private readonly read: (
    frame: LineFrame,
    options?: WaitOptions,
  ) => Promise<IteratorResult<string, undefined>>;

  /** @internal */
  constructor(
    frame: LineFrame,
    read: (frame: LineFrame, options?: WaitOptions) => Promise<IteratorResult<string, undefined>>,
  ) {
    this.frame = frame;
    this.read = read;
  }

  /** The next line as an iterator gives it; waits until there is one. */
  next(options?: WaitOptions): Promise<IteratorResult<string, undefined>> {
    return this.read(this.frame, options);
  }

  /** To `break` leaves the stream behind the last line that was given. */
  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return { next: () => this.next() };
  }
}
