/**
 * Text as it comes: decoded piece by piece, with the same result as decoding the whole.
 */
import type { ByteBuffer } from './byte-buffer.js';
import { orderly, type End, type Frame } from './frame.js';

export type TextEncoding = 'utf8' | 'latin1' | 'utf16le';

/** Whatever text is there, but for a character of which something is still to come. */
export class Text implements Frame<string> {
  private readonly encoding: TextEncoding;

  constructor(encoding: TextEncoding) {
    this.encoding = encoding;
  }

  measure(buffer: ByteBuffer): number {
    return buffer.length - this.pending(buffer) || -1;
  }

  cut(buffer: ByteBuffer, length: number): string {
    return buffer.text(length, this.encoding);
  }

  /** What is broken off in the middle of a character is made U+FFFD, as all that is invalid. */
  last(buffer: ByteBuffer, end: End): number {
    orderly(end);
    return buffer.length;
  }

  /** How many bytes at the end belong to a character that is not complete. */
  private pending(buffer: ByteBuffer): number {
    const { length } = buffer;
    if (this.encoding === 'latin1') return 0;
    if (this.encoding === 'utf16le') {
      const odd = length % 2;
      // The first half of a pair.
      return length > 1 && (buffer.at(length - odd - 1) & 0xfc) === 0xd8 ? odd + 2 : odd;
    }
    for (let back = 1; back <= Math.min(3, length); back++) {
      const byte = buffer.at(length - back);
      // A byte in the middle of a character; one that begins it says how long it is.
      if ((byte & 0xc0) === 0x80) continue;
      const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      return size > back ? back : 0;
    }
    return 0;
  }
}
