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

  add(data: Data): void {
    if (typeof data === 'string' || data instanceof Uint8Array) this.addPiece(data);
    else for (const piece of data) this.addPiece(piece);
  }

  clear(): void {
    this.pieces = [];
    this.size = 0;
  }

  /** Gives everything to `stream`, in one piece or so that it makes one system call of it. */
  giveTo(stream: Writable, write: (piece: Piece) => void): void {
    const { pieces, size } = this;
    this.clear();
    if (pieces.length === 1) write(pieces[0] as Piece);
    else if (size < ENOUGH) write(Buffer.concat(pieces.map(toBytes)));
    else {
      stream.cork();
      pieces.forEach(write);
      stream.uncork();
    }
  }

  private addPiece(piece: Piece): void {
    const { pieces } = this;
    const last = pieces.length - 1;
    this.size += piece.length;
    // Text is put together as text: cheaper than as bytes.
    if (last >= 0 && typeof piece === 'string' && typeof pieces[last] === 'string') pieces[last] += piece;
    else if (piece.length > 0) pieces.push(piece);
  }
}
