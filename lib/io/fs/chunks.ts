import type { WaitOptions } from '../../kernel/options.js';
import { pathOf, type Path } from './path.js';
import { Reader } from './reader.js';

/** How much is read at a time: as much as a Node stream does. */
const SIZE = 64 * 1024;
const EMPTY = Buffer.alloc(0);

/**
 * The bytes of the file at `path`, some at a time (up to 64 KiB), as a source for pipelines and loops.
 *
 * It is opened when the first are asked for, and closed when the iteration ends, however it ends: at the end of the
 * file, by `break`, by an error, by a kill.
 *
 * @throws {TypeError} `path` is none. While it is iterated: what the system reports of the file.
 * @example
 * let size = 0;
 * for await (const bytes of chunks('server.log')) size += bytes.length;
 * size; // 27
 */
export function chunks(path: Path): FileChunks {
  return new FileChunks(pathOf(path, 'chunks'));
}

/** The bytes of one file; see {@link chunks}. Several tasklets may take from them: each gets the next ones. */
export class FileChunks implements AsyncIterable<Buffer>, AsyncDisposable {
  private readonly reader: Reader;
  private buffer: Buffer = EMPTY;
  private bytes: Buffer | undefined = undefined;

  /** @internal */
  constructor(path: string) {
    this.reader = new Reader(path, {
      room: () => ({ buffer: (this.buffer = Buffer.allocUnsafeSlow(SIZE)), offset: 0 }),
      come: (count) => {
        if (count > 0) this.bytes = this.buffer.subarray(0, count);
      },
    });
  }

  /**
   * The next bytes, as an iterator gives them; waits until they are there. Timed out or aborted by its `options` it
   * has taken nothing, and one can go on. With any other error the file is closed, and whoever asks again gets
   * `StreamClosedError`.
   */
  async next(options?: WaitOptions): Promise<IteratorResult<Buffer, undefined>> {
    const value = await this.reader.take(() => this.some(), options);
    return value === undefined ? { value, done: true } : { value, done: false };
  }

  /**
   * Nothing more is wanted: closes the file, and waits until it is closed. While somebody reads, who is told, it is
   * closed when the system has come back, and nobody waits for that: a pipe may never have anything.
   */
  close(): Promise<void> {
    return this.reader.close();
  }

  /** To `break` closes the file. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return {
      next: () => this.next(),
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }

  /** {@link FileChunks.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private some(): Buffer | undefined {
    const { bytes } = this;
    this.bytes = undefined;
    return bytes;
  }
}
