/**
 * The bytes of an answer, unpacked and never more than was agreed.
 *
 * Both sides of the unpacking are counted: a small body may unpack into a huge one, and a huge
 * one into nothing.
 */
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import type { BrotliDecompress, Gunzip } from 'node:zlib';

import { TaskGroup } from 'evergreen-tasklets';
import { ByteStream, IncompleteReadError, LimitExceededError } from 'evergreen-tasklets/io';
import type { HttpResponse } from 'evergreen-tasklets/io';

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
 * @param signal gives it up; so does a kill, or a `timeout` around it.
 * @throws {BodyError} it is too large, or packed in a way nobody asked for.
 * @throws {Error} the connection broke off; Node's error, with its `code`.
 */
export async function readBody(response: HttpResponse, limit: number, signal?: AbortSignal): Promise<Buffer> {
  const unpacker = unpackerFor(response);
  try {
    if (unpacker === undefined) return await response.body.readAll({ maxBytes: limit, signal });
    return await unpack(response.body, new ByteStream(unpacker), limit, signal);
  } catch (error) {
    // Nobody will read the rest of it.
    response.abort();
    if (error instanceof LimitExceededError) throw tooLarge(limit);
    // Half a body is none: what counts is why it ended.
    throw error instanceof IncompleteReadError && error.cause !== undefined ? error.cause : error;
  }
}

/** One tasklet puts the packed bytes in while another takes the unpacked ones out. */
async function unpack(
  packed: ByteStream,
  unpacker: ByteStream,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<Buffer> {
  try {
    return await TaskGroup.run(async (group) => {
      group.spawn(async () => {
        try {
          await put(packed, unpacker, limit);
        } catch (error) {
          // Who takes out would wait for ever.
          unpacker.abort(error as Error);
          throw error;
        }
      });
      return await unpacker.readAll({ maxBytes: limit, signal });
    });
  } finally {
    unpacker.abort();
  }
}

async function put(packed: ByteStream, unpacker: ByteStream, limit: number): Promise<void> {
  let length = 0;
  for await (const piece of packed) {
    length += piece.length;
    if (length > limit) throw tooLarge(limit);
    await unpacker.write(piece);
  }
  await unpacker.end();
}

function unpackerFor(response: HttpResponse): Gunzip | BrotliDecompress | undefined {
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

function tooLarge(limit: number): BodyError {
  return new BodyError('ERR_BODY_TOO_LARGE', `larger than ${limit} bytes`);
}
