/**
 * Bytes that have come and were not taken yet, as the pieces in which they came.
 *
 * Positions count from the first byte that was not taken. Nothing is moved to make it contiguous; only small
 * pieces are put together, so that a million of one byte each cost about as much as the bytes.
 */

/** A piece shorter than this does not stand alone, if others are there. */
const SMALL = 1024;
/** The places for small pieces are as large as what is there already, from the one to the other. */
const LEAST = 4096;
const MOST = 65_536;
/** Fewer bytes than this are given away as a copy if they are a small part of their piece, which they would hold. */
const COPIED = 512;

const NOTHING: Buffer = Buffer.alloc(0);

export class ByteBuffer {
  /** How many bytes are there. */
  length = 0;
  /** How many were taken since the beginning: where the first one stands in the whole. */
  position = 0;
  private pieces: Buffer[] = [];
  /** Which piece is the first one, and how much of it was taken. */
  private first = 0;
  private offset = 0;
  /** Where small pieces are put together: the last piece is its beginning. */
  private slab: Buffer | null = null;

  /** Puts `bytes` behind the others. They must not change any more. */
  push(bytes: Buffer): void {
    const { length } = bytes;
    if (length === 0) return;
    if (length >= SMALL || this.length === 0) {
      this.slab = null;
      this.pieces.push(bytes);
    } else this.append(bytes);
    this.length += length;
  }

  /** How many bytes stand together at the beginning. */
  get contiguous(): number {
    const piece = this.pieces[this.first];
    return piece === undefined ? 0 : piece.length - this.offset;
  }

  /** The first `length` bytes, which are there, without taking them. Copied only if they do not stand together. */
  peek(length: number): Buffer {
    const piece = this.pieces[this.first];
    if (piece === undefined || length === 0) return NOTHING;
    const { offset } = this;
    const end = offset + length;
    if (end > piece.length) return this.gather(length);
    if (length === piece.length) return piece;
    if (length < COPIED && piece.length > LEAST) {
      const copy = Buffer.allocUnsafe(length);
      piece.copy(copy, 0, offset, end);
      return copy;
    }
    return piece.subarray(offset, end);
  }

  /** The first `length` bytes, which are there, as text. */
  text(length: number, encoding: BufferEncoding): string {
    const piece = this.pieces[this.first];
    if (piece === undefined || length === 0) return '';
    const end = this.offset + length;
    if (end > piece.length) return this.gather(length).toString(encoding);
    return piece.toString(encoding, this.offset, end);
  }

  /** Takes the first `length` bytes, which are there. */
  skip(length: number): void {
    this.length -= length;
    this.position += length;
    if (this.length === 0) {
      this.clear();
      return;
    }
    const { pieces } = this;
    let left = this.offset + length;
    for (;;) {
      const size = (pieces[this.first] as Buffer).length;
      if (left < size) break;
      left -= size;
      pieces[this.first++] = NOTHING;
    }
    this.offset = left;
    if (this.first > 32 && 2 * this.first > pieces.length) {
      this.pieces = pieces.slice(this.first);
      this.first = 0;
    }
  }

  /** Lets go of a large piece of which little is left, before nothing happens for a while. */
  compact(): void {
    if (this.length === 0 || this.length >= SMALL || this.slab !== null) return;
    if (this.pieces.length - this.first === 1 && (this.pieces[this.first] as Buffer).length <= LEAST) return;
    const { length, position } = this;
    const rest = Buffer.from(this.peek(length));
    this.clear();
    this.push(rest);
    this.position = position;
  }

  /** Forgets everything. */
  clear(): void {
    this.position += this.length;
    this.length = 0;
    this.offset = 0;
    this.first = 0;
    this.slab = null;
    if (this.pieces.length === 1) this.pieces.pop();
    else this.pieces = [];
  }

  /** The byte at `position`, which is there. */
  at(position: number): number {
    const { pieces } = this;
    let i = this.first;
    let at = position + this.offset;
    for (; at >= (pieces[i] as Buffer).length; i++) at -= (pieces[i] as Buffer).length;
    return (pieces[i] as Buffer)[at] as number;
  }

  /** Where `byte` is for the last time among the first `limit` bytes, as far as they stand together; else -1. */
  lastTogether(byte: number, limit: number): number {
    const piece = this.pieces[this.first];
    if (piece === undefined) return -1;
    const { offset } = this;
    const last = Math.min(offset + limit, piece.length) - 1;
    const found = piece[last] === byte ? last : piece.lastIndexOf(byte, last);
    return found < offset ? -1 : found - offset;
  }

  /** Where `byte` is for the first time from position `from` on; -1 if nowhere. */
  find(byte: number, from: number): number {
    return this.walk(from, (piece, at, base) => {
      const found = piece.indexOf(byte, at);
      return found < 0 ? -1 : base + found;
    });
  }

  /**
   * Calls `look` with each piece from position `from` on, with where in it that is and with the position of its
   * beginning, until one gives what is not negative.
   */
  walk(from: number, look: (piece: Buffer, at: number, base: number) => number): number {
    const { pieces, first } = this;
    // From behind: what is looked for from some position on is nearly always in the last piece.
    let i = pieces.length - 1;
    if (i < first) return -1;
    let base = this.length - (pieces[i] as Buffer).length;
    while (base > from && i > first) base -= (pieces[--i] as Buffer).length;
    for (; i < pieces.length; i++) {
      const piece = pieces[i] as Buffer;
      const found = look(piece, Math.max(from, 0) > base ? Math.max(from, 0) - base : 0, base);
      if (found >= 0) return found;
      base += piece.length;
    }
    return -1;
  }

  private gather(length: number): Buffer {
    const all = Buffer.allocUnsafe(length);
    let filled = 0;
    let from = this.offset;
    for (let i = this.first; filled < length; i++) {
      const piece = this.pieces[i] as Buffer;
      filled += piece.copy(all, filled, from, Math.min(piece.length, from + length - filled));
      from = 0;
    }
    return all;
  }

  /** Puts a small piece into the slab, a new one if the last piece is none or is full. */
  private append(bytes: Buffer): void {
    const { pieces } = this;
    const last = pieces[pieces.length - 1] as Buffer;
    const size = last.length + bytes.length;
    if (this.slab !== null && size <= this.slab.length) {
      bytes.copy(this.slab, last.length);
      pieces[pieces.length - 1] = this.slab.subarray(0, size);
      return;
    }
    const slab = Buffer.allocUnsafeSlow(Math.min(Math.max(LEAST, this.length), MOST));
    // A small piece that stands alone comes along.
    if (this.slab === null && last.length < SMALL) {
      last.copy(slab);
      bytes.copy(slab, last.length);
      pieces[pieces.length - 1] = slab.subarray(0, size);
    } else {
      bytes.copy(slab);
      pieces.push(slab.subarray(0, bytes.length));
    }
    this.slab = slab;
  }
}
