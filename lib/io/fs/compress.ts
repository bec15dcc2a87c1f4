/**
 * Compressed bytes as stages of a pipeline, through Node's own zlib.
 */
import type { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import type { Channel } from '../../kernel/channel.js';
import { line } from '../../kernel/line.js';
import { select } from '../../kernel/select.js';
import type { Outlet, Stage } from '../../pipeline/stage.js';
import { Inbox } from '../inbox.js';

/**
 * A stage that compresses what comes in, as gzip does.
 *
 * @param options those of Node's `zlib.createGzip`, such as `level`.
 * @throws what Node says of a wrong one.
 * @example
 * const file = await open('copy.gz', 'w');
 * await pipeline(chunks('server.log'), gzip(), (bytes) => file.write(bytes));
 * await file.close();
 */
export function gzip(options?: zlib.ZlibOptions): Stage<Uint8Array, Buffer> {
  return through('gzip', () => zlib.createGzip(options));
}

/**
 * A stage that makes of what gzip has made what it was before.
 *
 * What is broken off or no gzip at all ends the line with an error of zlib (`code` `Z_BUF_ERROR`, `Z_DATA_ERROR`); zeros
 * behind its end end the stage, and nothing more is asked for.
 *
 * @param options those of Node's `zlib.createGunzip`.
 * @example
 * await pipeline(chunks('server.log.gz'), gunzip(), splitLines({ containing: 'ERROR' }), collect()); // ['ERROR no disk']
 */
export function gunzip(options?: zlib.ZlibOptions): Stage<Uint8Array, Buffer> {
  return through('gunzip', () => zlib.createGunzip(options));
}

/** {@link gzip} for Brotli. @param options those of Node's `zlib.createBrotliCompress`. */
export function brotli(options?: zlib.BrotliOptions): Stage<Uint8Array, Buffer> {
  return through('brotli', () => zlib.createBrotliCompress(options));
}

/** {@link gunzip} for Brotli. @param options those of Node's `zlib.createBrotliDecompress`. */
export function unbrotli(options?: zlib.BrotliOptions): Stage<Uint8Array, Buffer> {
  return through('unbrotli', () => zlib.createBrotliDecompress(options));
}

function through(name: string, make: () => Transform): Stage<Uint8Array, Buffer> {
  // A wrong option is told where it was given, and not when the line runs.
  make().destroy();
  return {
    name,
    async run(input, output) {
      const transform = make();
      const results = new Inbox<Buffer>(transform, { name });
      transform.on('data', (bytes: Buffer) => results.put(bytes));
      transform.on('end', () => results.end());
      transform.on('error', (error) => results.end(error));
      try {
        for (let step = await input.next(); step.done !== true; step = await input.next()) {
          const taken: Channel<void> = line(`${name} of ${step.value.length} bytes`);
          transform.write(step.value, () => taken.closeWith(undefined));
          // At its end it takes nothing in any more, and the callback never comes.
          if (!(await passOn(results, taken, output))) return;
        }
        transform.end();
        for await (const bytes of results) await output.send(bytes);
      } finally {
        transform.destroy();
      }
    },
  };
}

/**
 * Passes results on until what was written is taken in: one may have to go before there is room for the other.
 *
 * @returns `false` if no more results come, whatever is written.
 */
async function passOn(
  results: Inbox<Buffer>,
  taken: Channel<void>,
  output: Outlet<Buffer>,
): Promise<boolean> {
  for (;;) {
    const hit = await select({ result: results.nexting(), taken: taken.receiving() }, { order: 'listed' });
    if (hit.case === 'taken') return true;
    if (hit.value.done === true) return false;
    await output.send(hit.value.value);
  }
}
