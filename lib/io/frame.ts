/**
 * What can be read: so many bytes, up to a delimiter, whatever is there.
 *
 * A frame only looks. It is asked whenever bytes have come, may remember how far it has looked, and says how
 * many bytes it takes; they are taken in the step that gives them to the reader, and not before.
 */
import { IncompleteReadError, LimitExceededError } from '../kernel/errors.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { Delimiters } from './delimiters.js';

/** How a stream came to its end: `error` unless it was in good order. */
export interface End {
  readonly error: Error | undefined;
}

export interface Frame<T> {
  /** Another read begins: what it remembers is no longer true. */
  begin?(): void;
  /** How many bytes it takes; -1 as long as it is not complete. @throws {LimitExceededError} */
  measure(buffer: ByteBuffer): number;
  /** What the reader gets for the first `length` bytes. */
  cut(buffer: ByteBuffer, length: number): T;
  /** How many bytes it takes now that nothing more will come. @throws what the reader gets instead. */
  last(buffer: ByteBuffer, end: End): number;
}

/** Bytes that are there, up to `max`; at the end `undefined`. */
export class Some implements Frame<Buffer | undefined> {
  max: number;

  constructor(max: number) {
    this.max = max;
  }

  measure(buffer: ByteBuffer): number {
    return Math.min(this.max, buffer.contiguous) || -1;
  }

  cut(buffer: ByteBuffer, length: number): Buffer | undefined {
    return length === 0 ? undefined : buffer.peek(length);
  }

  last(_: ByteBuffer, end: End): number {
    return orderly(end);
  }
}

/** Exactly `size` bytes. */
export class Exactly implements Frame<Buffer> {
  private readonly size: number;
  private readonly title: string;

  constructor(size: number, title: string) {
    this.size = size;
    this.title = title;
  }

  measure(buffer: ByteBuffer): number {
    return buffer.length < this.size ? -1 : this.size;
  }

  cut(buffer: ByteBuffer, length: number): Buffer {
    return buffer.peek(length);
  }

  last(buffer: ByteBuffer, end: End): number {
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} of ${this.size} bytes`);
  }
}

/** Up to the first delimiter. */
export class Until implements Frame<Buffer> {
  /** How far was looked. */
  private from = 0;
  private readonly delimiters: Delimiters;
  private readonly maxBytes: number;
  private readonly keep: boolean;
  private readonly title: string;

  constructor(delimiters: Delimiters, maxBytes: number, keep: boolean, title: string) {
    this.delimiters = delimiters;
    this.maxBytes = maxBytes;
    this.keep = keep;
    this.title = title;
  }

  begin(): void {
    this.from = 0;
  }

  measure(buffer: ByteBuffer): number {
    const { maxBytes } = this;
    const end = this.delimiters.search(buffer, this.from);
    // The same whether the delimiter is there already or not: how bytes were cut changes nothing.
    if (end > maxBytes || (end < 0 && buffer.length >= maxBytes)) {
      throw new LimitExceededError(`${this.title}: no delimiter within ${maxBytes} bytes`, maxBytes);
    }
    this.from = end < 0 ? buffer.length : end - 1;
    return end;
  }

  cut(buffer: ByteBuffer, length: number): Buffer {
    return buffer.peek(this.keep ? length : length - this.delimiters.lengthAt(buffer, length));
  }

  last(buffer: ByteBuffer, end: End): number {
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes and no delimiter`);
  }
}

/** Up to the end of the first match of a regular expression, which sees each byte as one character. */
export class UntilMatch implements Frame<Buffer> {
  private readonly regex: RegExp;
  private readonly maxBytes: number;
  private readonly title: string;

  constructor(regex: RegExp, maxBytes: number, title: string) {
    // Without a memory of where it was: it looks from the beginning every time, as a match may begin anywhere.
    this.regex = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ''));
    this.maxBytes = maxBytes;
    this.title = title;
  }

  measure(buffer: ByteBuffer): number {
    const { maxBytes } = this;
    const match = this.regex.exec(buffer.text(Math.min(buffer.length, maxBytes), 'latin1'));
    if (match !== null) return match.index + match[0].length;
    if (buffer.length < maxBytes) return -1;
    throw new LimitExceededError(`${this.title}: no match within ${maxBytes} bytes`, maxBytes);
  }

  cut(buffer: ByteBuffer, length: number): Buffer {
    return buffer.peek(length);
  }

  last(buffer: ByteBuffer, end: End): number {
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes and no match`);
  }
}

/** Everything up to the end. */
export class All implements Frame<Buffer> {
  private readonly maxBytes: number;
  private readonly title: string;

  constructor(maxBytes: number, title: string) {
    this.maxBytes = maxBytes;
    this.title = title;
  }

  measure(buffer: ByteBuffer): number {
    if (buffer.length <= this.maxBytes) return -1;
    throw new LimitExceededError(`${this.title}: more than ${this.maxBytes} bytes`, this.maxBytes);
  }

  cut(buffer: ByteBuffer, length: number): Buffer {
    return buffer.peek(length);
  }

  last(buffer: ByteBuffer, end: End): number {
    if (end.error !== undefined) throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes`);
    return buffer.length;
  }
}

/** Another frame as the steps of an iteration, which is over when the input ends before one. */
export class Steps<T> implements Frame<IteratorResult<T, undefined>> {
  private readonly frame: Frame<T>;
  private over = false;

  constructor(frame: Frame<T>) {
    this.frame = frame;
  }

  begin(): void {
    this.frame.begin?.();
  }

  measure(buffer: ByteBuffer): number {
    this.over = false;
    return this.frame.measure(buffer);
  }

  cut(buffer: ByteBuffer, length: number): IteratorResult<T, undefined> {
    if (this.over) return { done: true, value: undefined };
    return { done: false, value: this.frame.cut(buffer, length) };
  }

  last(buffer: ByteBuffer, end: End): number {
    if (buffer.length > 0) return this.frame.last(buffer, end);
    this.over = true;
    return orderly(end);
  }
}

/** Nothing, unless the input has ended with an error. */
export function orderly({ error }: End): number {
  if (error !== undefined) throw error;
  return 0;
}

/**
 * What a reader gets when the input ends inside what it reads. Nobody can rely on what the platform says of how
 * it ended: some report a clean end of a connection that was reset.
 */
export function brokenOff(buffer: ByteBuffer, { error }: End, what: string): Error {
  if (error !== undefined && buffer.length === 0) return error;
  return new IncompleteReadError(
    `${what} before the end of input`,
    buffer.peek(buffer.length),
    error === undefined ? undefined : { cause: error },
  );
}
