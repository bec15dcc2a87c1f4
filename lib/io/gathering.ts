/**
 * What was written in one turn of the event loop, until the stream gets it.
 */
import type { Writable } from 'node:stream';
import { toBytes, type Data, type Piece } from './data.js';

/** With so much it is not put together any more: it costs more to copy than to hand over in pieces. */
export const ENOUGH = 65_536;

export class Gathering {
  /** How many bytes there are; of text, how many characters. */
  size = 0;
  private pieces: Piece[] = [];
  /** Behind the pieces: text is put together as text, which is cheaper than as bytes. */
  private text = '';

  add(data: Data): void {
    if (typeof data === 'string') this.addText(data);
    else if (data instanceof Uint8Array) this.addBytes(data);
    else for (const piece of data) this.add(piece);
  }

  clear(): void {
    this.size = 0;
    this.text = '';
    if (this.pieces.length > 0) this.pieces = [];
  }

  /** Gives everything to `stream`, in one piece or so that it makes one system call of it. */
  giveTo(stream: Writable, write: (piece: Piece) => void): void {
    const { pieces, size, text } = this;
    this.clear();
    if (pieces.length === 0) {
      write(text);
      return;
    }
    if (text !== '') pieces.push(text);
    if (pieces.length === 1) write(pieces[0] as Piece);
    else if (size < ENOUGH) write(Buffer.concat(pieces.map(toBytes)));
    else {
      stream.cork();
      pieces.forEach(write);
      stream.uncork();
    }
  }

  private addText(text: string): void {
    this.size += text.length;
    this.text += text;
  }

  private addBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.size += bytes.length;
    if (this.text !== '') {
      this.pieces.push(this.text);
      this.text = '';
    }
    this.pieces.push(bytes);
  }
}
