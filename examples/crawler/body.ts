/**
 * The bytes of an answer, unpacked and never more than was agreed.
 *
 * Both sides of the unpacking are counted: a small body may unpack into a huge one, and a huge
 * one into nothing.
 */
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { BrotliDecompress, Gunzip } from 'node:zlib';

/** A body that cannot be had. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code: 'ERR_BODY_TOO_LARGE' | 'ERR_BODY_ENCODING';

  constructor(code: BodyError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The packings one may ask for: what {@link readBody} can undo. */
export const ACCEPT_ENCODING = 'gzip, br';

/**
 * Reads the body of `response` to its end.
 *
 * @param limit in bytes, for what arrives as well as for what comes out.
 * @param signal breaks the connection off.
 * @throws {BodyError} it is too large, or packed in a way nobody asked for.
 * @throws {Error} the connection broke off; Node's error, with its `code`.
 */
export async function readBody(
  response: IncomingMessage,
  limit: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const unpack = unpackerFor(response);
  const gather = (pieces: AsyncIterable<Buffer>): Promise<Buffer> => gatherAtMost(limit, pieces);
  if (unpack === undefined) return await pipeline(response, gather, { signal });
  const count = (pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> => atMost(limit, pieces);
  return await pipeline(response, count, unpack, gather, { signal });
}

function unpackerFor(response: IncomingMessage): Gunzip | BrotliDecompress | undefined {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  switch (encoding) {
    case 'identity':
    case '':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'br':
      return createBrotliDecompress();
    default:
      // Two of them on top of each other end here too.
      throw new BodyError('ERR_BODY_ENCODING', `packed as ${encoding}`);
  }
}

async function* atMost(limit: number, pieces: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > limit) throw tooLarge(limit);
    yield piece;
  }
}

/** Copies, because a thousand one-byte pieces would each keep a block of memory alive. */
async function gatherAtMost(limit: number, pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  let body = Buffer.alloc(Math.min(limit, 16_384));
  let length = 0;
  for await (const piece of pieces) {
    const end = length + piece.length;
    if (end > limit) throw tooLarge(limit);
    if (end > body.length) {
      const wider = Buffer.alloc(Math.min(limit, Math.max(end, body.length * 2)));
      body.copy(wider, 0, 0, length);
      body = wider;
    }
    piece.copy(body, length);
    length = end;
  }
  return body.subarray(0, length);
}

function tooLarge(limit: number): BodyError {
  return new BodyError('ERR_BODY_TOO_LARGE', `larger than ${limit} bytes`);
}
