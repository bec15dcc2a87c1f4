import { show } from '../../kernel/options.js';
import { isPiece, toBytes, type Data } from '../data.js';

/** `data` as bytes. */
export function bytesOf(data: Data, where: string): Uint8Array {
  if (isPiece(data)) return toBytes(data);
  if (Array.isArray(data) && data.every(isPiece)) return Buffer.concat(data.map(toBytes));
  throw new TypeError(`${where}: takes text, bytes or an array of them, not ${show(data)}`);
}
