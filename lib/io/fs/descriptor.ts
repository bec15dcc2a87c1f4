/**
 * One open file of the system, and what is in flight on it.
 *
 * What the system has begun cannot be taken back. So who gives up waiting leaves at once, and what is left
 * behind is looked after here:
 * - A file that is open when nobody waits for that any more is closed.
 * - A descriptor is closed when nothing is in flight on it, and not before: its number would be another file's.
 */
import * as fs from 'node:fs';
import type { Channel } from '../../kernel/channel.js';
import { StreamClosedError } from '../../kernel/errors.js';
import { line } from '../../kernel/line.js';
import type { WaitOptions } from '../../kernel/options.js';
import type { Deadline } from './deadline.js';

export type Callback<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** How many bytes are read or written in one step at most: so long may it take until a killed one has stopped. */
export const PIECE: number = 8 * 1024 * 1024;

/** Calls `begin` with a callback and waits for it. `late` gets what comes when nobody waits any more. */
export async function obtain<T>(
  title: string,
  begin: (callback: Callback<T>) => void,
  late: (value: T) => void,
  options?: WaitOptions,
): Promise<T> {
  const answer: Channel<void> = line(title);
  let got: { readonly value: T } | undefined;
  let wanted = true;
  begin((error, value) => {
    if (error !== null) answer.failWith(error);
    else if (wanted) {
      got = { value: value as T };
      answer.closeWith(undefined);
    } else late(value as T);
  });
  try {
    await answer.receive(options);
  } catch (error) {
    wanted = false;
    // It was given up before, but it is heard of only now.
    if (got !== undefined) late(got.value);
    throw error;
  }
  return (got as unknown as { readonly value: T }).value;
}

export class Descriptor {
  readonly path: string;
  private readonly fd: number;
  private inFlight = 0;
  /** Those who read: a pipe may never have anything for them, and the descriptor may be closed meanwhile. */
  private readonly readers: Set<Channel<unknown>> = new Set();
  /** Writes that somebody has given up. */
  private readonly strays: Set<Channel<unknown>> = new Set();
  private readonly end: Channel<void>;
  private closing = false;
  private whenShut: (() => void) | undefined = undefined;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
    this.end = line(`close of '${path}'`);
  }

  /** Begins to open `path`, for whoever is called back. */
  static begin(path: string, flags: string | number, mode: number, callback: Callback<Descriptor>): void {
    fs.open(path, flags, mode, (error, fd) => {
      if (error === null) callback(null, new Descriptor(path, fd));
      else callback(error);
    });
  }

  /** Opens `path`. Given up while it waits, it leaves nothing open. */
  static open(
    path: string,
    flags: string | number,
    mode: number,
    options?: WaitOptions,
  ): Promise<Descriptor> {
    const begin = (callback: Callback<Descriptor>): void => Descriptor.begin(path, flags, mode, callback);
    return obtain(`open of '${path}'`, begin, (late) => void late.close(), options);
  }

  /** Makes a file at `path`, where there is none, to be read and written. Given up, it leaves no file. */
  static create(path: string, mode: number, options?: WaitOptions): Promise<Descriptor> {
    const begin = (callback: Callback<Descriptor>): void => Descriptor.begin(path, 'wx+', mode, callback);
    return obtain(`open of '${path}'`, begin, (late) => void late.remove(), options);
  }

  /** It was closed, or will be as soon as nothing is in flight. */
  get closed(): boolean {
    return this.closing;
  }

  /** Begins an operation. The channel ends with what it comes to, whoever waits for it and whether anybody does. */
  begin<T>(title: string, operation: (fd: number, callback: Callback<T>) => void): Channel<T> {
    const answer = line<T>(`${title} '${this.path}'`);
    if (this.closing) {
      answer.failWith(this.refusal(answer));
      return answer;
    }
    operation(this.fd, (error, value) => {
      if (error !== null) answer.failWith(error);
      else answer.closeWith(value);
      this.readers.delete(answer);
      this.strays.delete(answer);
      if (--this.inFlight === 0 && this.closing) this.shut();
    });
    this.inFlight++;
    return answer;
  }

  /** Begins to read into `buffer`. `position`: where; `null`: where the last one ended. */
  read(buffer: Buffer, offset: number, length: number, position: number | null): Channel<number> {
    const answer = this.begin<number>('read of', (fd, callback) => {
      fs.read(fd, buffer, offset, length, position, callback);
    });
    if (!answer.closing) this.readers.add(answer);
    return answer;
  }

  /** Writes all of `data`. Given up while it waits, an unknown part of it is written. */
  async write(data: Uint8Array, position: number | null, limits: Deadline | undefined): Promise<void> {
    for (let done = 0; done < data.length;) {
      if (this.strays.size > 0) await this.strayed(limits);
      const from = done;
      const place = position === null ? null : position + from;
      const length = Math.min(data.length - from, PIECE);
      const writing = this.begin<number>('write to', (fd, callback) => {
        fs.write(fd, data, from, length, place, callback);
      });
      try {
        done += await writing.receive(limits?.left);
      } catch (error) {
        if (!writing.closing) this.strays.add(writing);
        throw error;
      }
    }
  }

  /** Waits for the writes that were given up: none must come after the next one. */
  private async strayed(limits: Deadline | undefined): Promise<void> {
    for (const stray of this.strays) {
      try {
        await stray.receive(limits?.left);
      } catch (error) {
        // What became of it is nobody's business any more.
        if (stray.final?.value !== error) throw error;
      }
    }
  }

  /** Closes it; the channel ends when that is done. To close again changes nothing. */
  close(): Channel<void> {
    if (!this.closing) {
      this.closing = true;
      for (const reader of this.readers) reader.failWith(this.refusal(reader));
      if (this.inFlight === 0) this.shut();
    }
    return this.end;
  }

  /**
   * Closes it, and waits until that is done: a write that was given up must not come later. A read that was given up
   * does no harm, and may never end.
   */
  async leave(): Promise<void> {
    const reading = this.readers.size > 0;
    const end = this.close();
    if (!reading) await end.receive();
  }

  /**
   * Closes it and then removes the file, if it is still there; both happen whoever waits. The channel ends when that
   * is done.
   */
  remove(): Channel<void> {
    const removed: Channel<void> = line(`removal of '${this.path}'`);
    const unlink = (): void => {
      fs.unlink(this.path, (error) => {
        if (error === null || error.code === 'ENOENT') removed.closeWith(undefined);
        else removed.failWith(error);
      });
    };
    this.close();
    if (this.end.closing) unlink();
    else this.whenShut = unlink;
    return removed;
  }

  private shut(): void {
    fs.close(this.fd, (error) => {
      if (error === null) this.end.closeWith(undefined);
      else this.end.failWith(error);
      this.whenShut?.();
    });
  }

  private refusal(operation: Channel<unknown>): StreamClosedError {
    return new StreamClosedError(`${operation.describe(false)}: the file is closed`);
  }
}
