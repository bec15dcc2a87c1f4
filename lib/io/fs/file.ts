/**
 * An open file.
 *
 * - `position` moves only when a read or write has succeeded: who was killed or has failed there can do it again.
 * - Those who read or write there come one after the other, in order. Those who say where do not wait for others.
 */
import * as fs from 'node:fs';
import { refused } from '../../kernel/caller.js';
import { IncompleteReadError } from '../../kernel/errors.js';
import { oneOf, readOptions, whole, type WaitOptions } from '../../kernel/options.js';
import { Lock } from '../../sync/lock.js';
import type { Data } from '../data.js';
import { bytesOf } from './bytes.js';
import { Deadline } from './deadline.js';
import { Descriptor, PIECE, type Callback } from './descriptor.js';
import { pathOf, type Path } from './path.js';

/** What for: to read (`r`), to write a new or emptied one (`w`), to append (`a`); `+`: both; `x`: only a new one. */
export type OpenFlags = 'r' | 'r+' | 'w' | 'w+' | 'wx' | 'wx+' | 'a' | 'a+' | 'ax' | 'ax+';

const FLAGS: readonly OpenFlags[] = ['r', 'r+', 'w', 'w+', 'wx', 'wx+', 'a', 'a+', 'ax', 'ax+'];

export interface OpenOptions extends WaitOptions {
  /** The permissions of a file that is made, less those of the umask; `0o666` by default. */
  mode?: number;
}

export interface PlaceOptions extends WaitOptions {
  /** At which byte, from 0. By default at {@link File.position}, which then moves on. */
  position?: number;
}

/**
 * Opens the file at `path`.
 *
 * Killed, timed out or aborted while it waits, it leaves nothing open.
 *
 * @param flags `'r'` by default.
 * @param options `mode`; `timeout` in milliseconds, `signal`.
 * @throws what the system reports, with `code`, `errno`, `syscall` and `path`. {TypeError | RangeError} a wrong or
 * unknown option. {TimeoutError}.
 * @example
 * await using file = await open('notes/monday.txt', 'r+');
 * String(await file.read()); // 'Buy milk.\n'
 * await file.write('Buy bread.\n');
 */
export async function open(path: Path, flags: OpenFlags = 'r', options?: OpenOptions): Promise<File> {
  const file = pathOf(path, 'open');
  oneOf(flags, FLAGS, 'flags', 'open');
  const { mode = 0o666, timeout, signal } = readOptions(options, ['mode', 'timeout', 'signal'], 'open');
  whole(mode, 0, 'mode', 'open');
  const limits = { timeout, signal };
  const refusing = refused(limits, () => `open of '${file}'`);
  if (refusing !== null) return refusing;
  return new File(await Descriptor.open(file, flags, mode, limits), flags.startsWith('a'));
}

/**
 * An open file; see {@link open}. To forget one is a leak: close it, or hold it with `await using`.
 *
 * It is for what has places to read and write at; for a pipe or a terminal there is `ByteStream`.
 */
export class File implements AsyncDisposable {
  /** At which byte the next read or write begins that does not say where. To set it moves there. */
  position = 0;
  private readonly descriptor: Descriptor;
  private readonly appends: boolean;
  private readonly temporary: boolean;
  private readonly turn: Lock;

  /** @internal `temporary`: to close it removes it. */
  constructor(descriptor: Descriptor, appends: boolean, temporary = false) {
    this.descriptor = descriptor;
    this.appends = appends;
    this.temporary = temporary;
    this.turn = new Lock({ name: descriptor.path });
  }

  get path(): string {
    return this.descriptor.path;
  }

  /** It was closed, or will be as soon as nothing is in flight there. */
  get closed(): boolean {
    return this.descriptor.closed;
  }

  /**
   * Reads some bytes, at most `max`; waits until they are there.
   *
   * @param max from 1; 65,536 by default.
   * @param options `position`; `timeout` in milliseconds, `signal`.
   * @returns the bytes; `undefined` at the end of the file.
   * @throws what the system reports. {StreamClosedError} it is closed. {TimeoutError}.
   */
  async read(max: number = 65_536, options?: PlaceOptions): Promise<Buffer | undefined> {
    whole(max, 1, 'max', 'read');
    const length = Math.min(max, PIECE);
    const room = Buffer.allocUnsafe(length);
    const count = await this.at(options, 'read', (position, limits) =>
      this.descriptor.read(room, 0, length, position).receive(limits?.left),
    );
    if (count === 0) return undefined;
    const bytes = room.subarray(0, count);
    // Few bytes must not hold on to much room.
    return 2 * count < length ? Buffer.from(bytes) : bytes;
  }

  /**
   * Reads `count` bytes; waits until they are there.
   *
   * @throws {IncompleteReadError} the file ends before; `partial` is what there was, and `position` is where it was.
   * Otherwise as {@link File.read}.
   */
  async readExactly(count: number, options?: PlaceOptions): Promise<Buffer> {
    whole(count, 0, 'count', 'readExactly');
    const bytes = Buffer.allocUnsafe(count);
    await this.at(options, 'readExactly', async (position, limits) => {
      for (let done = 0; done < count;) {
        const length = Math.min(count - done, PIECE);
        const some = await this.descriptor.read(bytes, done, length, position + done).receive(limits?.left);
        if (some === 0) throw incomplete(this.path, bytes.subarray(0, done), count);
        done += some;
      }
      return count;
    });
    return bytes;
  }

  /**
   * Writes `data`, all of it; waits until the system has it (not the disk: {@link File.sync}).
   *
   * Opened to append, it goes to the end of the file, wherever the position is. Killed or timed out, an unknown part
   * of it is written, and `position` is where it was.
   *
   * @throws as {@link File.read}; {TypeError} `data` is neither text nor bytes.
   */
  async write(data: Data, options?: PlaceOptions): Promise<void> {
    const bytes = bytesOf(data, 'write');
    await this.at(options, 'write', async (position, limits) => {
      await this.descriptor.write(bytes, this.appends ? null : position, limits);
      return bytes.length;
    });
  }

  /** Size, times, permissions. */
  stat(options?: WaitOptions): Promise<fs.Stats> {
    return this.ask<fs.Stats>('stat', (fd, callback) => fs.fstat(fd, callback), options);
  }

  /** Cuts it off behind `size` bytes (0 by default), or fills it up with zeros. The position stays. */
  async truncate(size: number = 0, options?: WaitOptions): Promise<void> {
    whole(size, 0, 'size', 'truncate');
    await this.ask('truncate', (fd, callback) => fs.ftruncate(fd, size, callback), options);
  }

  /** Waits until what was written is on the disk. */
  async sync(options?: WaitOptions): Promise<void> {
    await this.ask('sync', (fd, callback) => fs.fsync(fd, callback), options);
  }

  /**
   * Closes it as soon as nothing is in flight there, and waits for that. Who waits for a read is told. To close again
   * changes nothing.
   */
  async close(options?: WaitOptions): Promise<void> {
    if (this.temporary && !this.closed) await this.descriptor.remove().receive(options);
    else await this.descriptor.close().receive(options);
  }

  /** {@link File.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does `step` where `options` say, or in order where the last one ended; `step` says how far it has come. */
  private async at(
    options: PlaceOptions | undefined,
    what: string,
    step: (position: number, limits: Deadline | undefined) => Promise<number>,
  ): Promise<number> {
    const { position, timeout, signal } = readOptions(options, ['position', 'timeout', 'signal'], what);
    const wait = timeout === undefined && signal === undefined ? undefined : { timeout, signal };
    const refusing = refused(wait, () => `${what} of '${this.path}'`);
    if (refusing !== null) return refusing;
    const limits = Deadline.of(wait);
    if (position !== undefined) return step(whole(position, 0, 'position', what), limits);
    using _turn = this.turn.tryAcquire() ?? (await this.turn.acquire(limits?.left));
    const count = await step(whole(this.position, 0, 'position', what), limits);
    this.position += count;
    return count;
  }

  private async ask<T>(
    what: string,
    operation: (fd: number, callback: Callback<T>) => void,
    options?: WaitOptions,
  ): Promise<T> {
    const refusing = refused(options, () => `${what} of '${this.path}'`);
    if (refusing !== null) return refusing;
    return this.descriptor.begin(`${what} of`, operation).receive(options);
  }
}

function incomplete(path: string, partial: Buffer, count: number): IncompleteReadError {
  return new IncompleteReadError(
    `readExactly: '${path}' ends after ${partial.length} of ${count} bytes`,
    partial,
  );
}
