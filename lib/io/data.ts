/** Text, which is written as UTF-8, or bytes. */
export type Piece = string | Uint8Array;

/** What one write brings: a piece, or several that stay together. */
export type Data = Piece | readonly Piece[];

export function isPiece(piece: unknown): piece is Piece {
  return typeof piece === 'string' || piece instanceof Uint8Array;
}

export function isData(data: unknown): data is Data {
  return isPiece(data) || (Array.isArray(data) && data.every(isPiece));
}

export function toBytes(piece: Piece): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}
