/**
 * Bytes in, lines out.
 *
 * The bytes of a line that is not complete stand at the beginning of one buffer, and the next ones come behind
 * them. All complete lines of a block are made in one step: one decoding and one `split` of the whole block, or,
 * where only some are wanted, one search over bytes.
 */
import { LimitExceededError } from '../../kernel/errors.js';
import { oneOf, readOptions, show, whole } from '../../kernel/options.js';
import type { LineEncoding } from '../lines.js';
import type { Room } from './intake.js';

export interface FileLinesOptions {
  /** `'utf8'` by default; what is invalid there becomes U+FFFD. */
  encoding?: LineEncoding;
  /** How many bytes a line may have, without its line feed, from 1; 65,536 by default. */
  maxBytes?: number;
  /** Only lines in which these bytes stand; no other line is made a string. Text is taken in `encoding`. */
  containing?: string | Uint8Array;
}

const LF = 10;
const CR = 13;

/** How much is read at a time: fewer, larger reads cost less. */
const BLOCK = 256 * 1024;
/** How much is made lines at a time: a larger string is no longer where young things are, and costs twice as much. */
const SLICE = 64 * 1024;

export class LineCutter {
  private buffer: Buffer = Buffer.alloc(0);
  /** Where the next line begins. */
  private from = 0;
  /** Up to here no line ends. */
  private seen = 0;
  /** How many bytes there are. */
  private total = 0;
  private readonly encoding: LineEncoding;
  private readonly maxBytes: number;
  private readonly needle: Buffer | null;
  private readonly where: string;
  private failure: LimitExceededError | null = null;

  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options: FileLinesOptions | undefined, where: string) {
    const given = readOptions(options, ['encoding', 'maxBytes', 'containing'], where);
    this.encoding = oneOf(given.encoding ?? 'utf8', ['utf8', 'latin1'], 'encoding', where);
    this.maxBytes = whole(given.maxBytes ?? 65_536, 1, 'maxBytes', where);
    this.needle = given.containing === undefined ? null : needleOf(given.containing, this.encoding, where);
    this.where = where;
  }

  /** Where the next bytes go. */
  room(): Room {
    const { buffer, from } = this;
    if (from > 0) {
      buffer.copyWithin(0, from, this.total);
      this.total -= from;
      this.seen -= from;
      this.from = 0;
    }
    if (this.total === buffer.length) {
      this.buffer = Buffer.allocUnsafeSlow(Math.max(BLOCK, 2 * buffer.length));
      buffer.copy(this.buffer);
    }
    return { buffer: this.buffer, offset: this.total };
  }

  /** `count` bytes have come to the room. */
  add(count: number): void {
    this.total += count;
  }

  /** Some of the lines that are complete, perhaps none of those that are wanted; `null`: none is complete. */
  cut(): string[] | null {
    if (this.failure !== null) throw this.failure;
    const { buffer, from, needle, total } = this;
    while (this.seen < total) {
      const end = needle === null ? Math.min(total, this.seen + SLICE) : total;
      const last = buffer.subarray(this.seen, end).lastIndexOf(LF);
      if (last >= 0) return this.upTo(this.seen + last);
      this.seen = end;
      if (end - from > this.maxBytes) throw this.tooLong();
    }
    return null;
  }

  /** What stands behind the last line feed, now that nothing more will come; `null`: nothing does. */
  rest(): string[] | null {
    const { from, total, needle } = this;
    if (from === total) return null;
    this.from = this.seen = total;
    return needle === null ? [this.text(from, total)] : this.search(from, total, needle, true);
  }

  /** The lines up to the line feed at `end`. */
  private upTo(end: number): string[] {
    const { buffer, from, needle } = this;
    this.from = this.seen = end + 1;
    const good = this.admit(from, end);
    if (needle !== null) return this.search(from, good, needle, false);
    const lines = this.text(from, good).split('\n');
    if (buffer.subarray(from, good).includes(CR)) {
      for (let i = 0; i < lines.length; i++) lines[i] = withoutReturn(lines[i] as string);
    }
    return lines;
  }

  /** `end`, or where the last line ends before one that is too long; not every line must be looked at. */
  private admit(from: number, end: number): number {
    const { buffer, maxBytes } = this;
    for (let at = from; end - at > maxBytes;) {
      // The last line that ends close enough to the beginning of this one.
      const next = buffer.lastIndexOf(LF, at + maxBytes);
      if (next < at) {
        this.failure = this.tooLong();
        if (at === from) throw this.failure;
        return at - 1;
      }
      at = next + 1;
    }
    return end;
  }

  /** The lines from `from` to `end` in which `needle` stands. `open`: the last of them has no line feed. */
  private search(from: number, end: number, needle: Buffer, open: boolean): string[] {
    const bytes = this.buffer.subarray(0, end);
    const lines: string[] = [];
    for (let at = bytes.indexOf(needle, from); at >= 0; at = bytes.indexOf(needle, at)) {
      const begin = bytes.lastIndexOf(LF, at) + 1;
      const next = bytes.indexOf(LF, at);
      const stop = next < 0 ? end : next;
      const ends = bytes[stop - 1] === CR && stop > begin && !(open && next < 0);
      lines.push(this.text(begin, ends ? stop - 1 : stop));
      if (next < 0) break;
      at = next + 1;
    }
    return lines;
  }

  private text(from: number, to: number): string {
    return this.buffer.toString(this.encoding, from, to);
  }

  private tooLong(): LimitExceededError {
    const { maxBytes } = this;
    return new LimitExceededError(`${this.where}: a line of more than ${maxBytes} bytes`, maxBytes);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

function needleOf(containing: unknown, encoding: LineEncoding, where: string): Buffer {
  if (typeof containing !== 'string' && !(containing instanceof Uint8Array)) {
    throw new TypeError(`${where}: containing must be text or bytes, not ${show(containing)}`);
  }
  const needle = Buffer.from(containing as string, encoding);
  if (needle.length === 0) throw new RangeError(`${where}: containing must not be empty`);
  if (needle.includes(LF)) throw new RangeError(`${where}: containing must not have a line feed in it`);
  return needle;
}
