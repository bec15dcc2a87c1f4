/**
 * What ends a frame: one or several sequences of bytes.
 *
 * The frame ends where the first one of them is complete. That can be told as soon as the bytes are there, and
 * is the same however they were cut. If several end there, the longest one counts.
 */
import { show } from '../kernel/options.js';
import type { ByteBuffer } from './byte-buffer.js';

/** One sequence of bytes; text is taken as UTF-8. */
export type Delimiter = string | Uint8Array;

export class Delimiters {
  /** The one that was given first. */
  readonly first: Buffer;
  private readonly all: readonly Buffer[];
  /** The only byte of the only delimiter; otherwise -1. */
  private readonly single: number;
  /** By its last byte: the delimiters that end with it, the longest first. */
  private readonly endings: (Buffer[] | undefined)[] = [];

  /** @throws {TypeError | RangeError} no delimiter, one that is empty or of another type. */
  constructor(given: Delimiter | readonly Delimiter[], where: string) {
    const list = typeof given === 'string' || given instanceof Uint8Array ? [given] : given;
    if (!Array.isArray(list)) {
      throw new TypeError(`${where}: delimiters must be text, bytes or an array of them, not ${show(given)}`);
    }
    if (list.length === 0) throw new RangeError(`${where}: without a delimiter nothing would ever end`);
    const all = (list as readonly Delimiter[]).map((each) => bytesOf(each, where));
    this.first = all[0] as Buffer;
    this.single = all.length === 1 && this.first.length === 1 ? (this.first[0] as number) : -1;
    this.all = all.sort((a, b) => b.length - a.length);
    for (const each of this.all) (this.endings[each[each.length - 1] as number] ??= []).push(each);
  }

  /** Where the first delimiter that ends after position `from` ends; -1 if none does yet. */
  search(buffer: ByteBuffer, from: number): number {
    const { endings, single } = this;
    if (single >= 0) return buffer.find(single, from) + 1 || -1;
    return buffer.walk(from, (piece, at, base) => {
      for (let i = at; i < piece.length; i++) {
        const candidates = endings[piece[i] as number];
        if (candidates !== undefined && candidates.some((each) => endsAt(buffer, base + i, each))) {
          return base + i + 1;
        }
      }
      return -1;
    });
  }

  /** How long the delimiter is that ends before position `end`. */
  lengthAt(buffer: ByteBuffer, end: number): number {
    if (this.single >= 0) return 1;
    return (this.all.find((each) => endsAt(buffer, end - 1, each)) as Buffer).length;
  }
}

function endsAt(buffer: ByteBuffer, last: number, delimiter: Buffer): boolean {
  const start = last - delimiter.length + 1;
  if (start < 0) return false;
  for (let i = 0; i < delimiter.length; i++) if (buffer.at(start + i) !== delimiter[i]) return false;
  return true;
}

function bytesOf(delimiter: Delimiter, where: string): Buffer {
  if (typeof delimiter !== 'string' && !(delimiter instanceof Uint8Array)) {
    throw new TypeError(`${where}: a delimiter must be text or bytes, not ${show(delimiter)}`);
  }
  const bytes = Buffer.from(delimiter as string);
  if (bytes.length === 0) throw new RangeError(`${where}: a delimiter must not be empty`);
  return bytes;
}
