/**
 * Bytes in, bytes out: any Node stream as something that waits.
 */
import { Socket } from 'node:net';
import type { Duplex, Readable, Writable } from 'node:stream';
import { refused } from '../kernel/caller.js';
import type { Case } from '../kernel/case.js';
import { Channel } from '../kernel/channel.js';
import { StreamClosedError } from '../kernel/errors.js';
import { titled } from '../kernel/line.js';
import { readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { Delimiters, type Delimiter } from './delimiters.js';
import { Demand } from './demand.js';
import { Chunks, Exactly, Some, Until, UntilMatch, type Frame } from './frame.js';
import { Incoming } from './incoming.js';
import { LineFrame, Lines, type LineEncoding } from './lines.js';
import { Outgoing, type Data } from './outgoing.js';

/** What a frame may have unless somebody says otherwise. */
const LIMIT = 65_536;

export interface ByteStreamOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
}

export interface FrameOptions extends WaitOptions {
  /** How many bytes it may have, the delimiter included, from 1; 65,536 by default. */
  maxBytes?: number;
}

export interface ReadUntilOptions extends FrameOptions {
  /** Whether the delimiter is given back too; it is by default. */
  keep?: boolean;
}

export interface LinesOptions {
  /** `'utf8'` by default; what is invalid there becomes U+FFFD. */
  encoding?: LineEncoding;
  /** How many bytes a line may have, without what ends it, from 1; 65,536 by default. */
  maxBytes?: number;
  /** Whether what stands behind the last line break is a line; by default it is, but not on a socket. */
  unterminated?: boolean;
}

let streams = 0;

/**
 * A Node stream (a socket, a pipe, a file, a child's output) as something that waits.
 */
export class ByteStream implements AsyncIterable<Buffer>, AsyncDisposable {
  readonly name: string;
  /** @internal */
  readonly stream: Readable | Writable | Duplex;
  private readonly title: string;
  private readonly incoming: Incoming | null;
  private readonly outgoing: Outgoing | null;
  private readonly reads: Demand<unknown> | null;
  private readonly some: Some = new Some();
  private readonly chunks: Chunks = new Chunks();
  /** Ends when the stream is closed. */
  private readonly closes: Channel<void> = new Channel<void>();
  private shut = false;
  private lastUntil:
    { given: unknown; keep: boolean | undefined; maxBytes: number; frame: Until } | undefined;

  /**
   * Takes over `stream`: from now on nobody else may read or write it, nor listen to its data.
   *
   * @throws {TypeError} no Node stream; a wrong or unknown option.
   */
  constructor(stream: Readable | Writable | Duplex, options?: ByteStreamOptions) {
    const { name } = readOptions(options, ['name'], 'ByteStream');
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`ByteStream: name must be a string, not ${show(name)}`);
    }
    this.name = name ?? `stream-${++streams}`;
    this.title = titled('stream', this.name);
    this.closes.label = `close ${this.title}`;
    this.stream = stream;
    const readable = isReadable(stream) ? stream : null;
    const writable = isWritable(stream) ? stream : null;
    if (readable === null && writable === null) {
      throw new TypeError(`ByteStream: takes a Node stream, not ${show(stream)}`);
    }
    // The end of the one direction is not the end of the other one.
    if (readable !== null && writable !== null) Object.assign(stream, { allowHalfOpen: true });
    this.incoming = readable === null ? null : new Incoming(readable, this.title);
    this.outgoing = writable === null ? null : new Outgoing(writable, this.title);
    this.reads =
      this.incoming === null ? null : new Demand(this.incoming, this.some, `read on ${this.title}`);
    stream.on('error', this.failed);
    stream.on('close', this.gone);
    if (stream.errored) this.failed(stream.errored);
    if (stream.closed) this.gone();
  }

  /** It was closed, from this side or because both directions have ended. What has come can still be read. */
  get closed(): boolean {
    return this.shut || this.stream.destroyed;
  }

  // Reading -----------------------------------------------------------------------------------------------

  read(max?: number, options?: WaitOptions): Promise<Buffer | undefined>;
  read(options?: WaitOptions): Promise<Buffer | undefined>;
  read(max?: number | WaitOptions, options?: WaitOptions): Promise<Buffer | undefined> {
    if (typeof max === 'object') return this.receive(this.some, max, Infinity);
    if (max === undefined) return this.receive(this.some, options, Infinity);
    try {
      whole(max, 1, 'max', `read on ${this.title}`);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.receive(this.some, options, max);
  }

  readExactly(n: number, options?: WaitOptions): Promise<Buffer> {
    try {
      return this.receive(
        new Exactly(whole(n, 0, 'n', `read on ${this.title}`), `read on ${this.title}`),
        options,
      );
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readUntil(delimiters: Delimiter | readonly Delimiter[], options?: ReadUntilOptions): Promise<Buffer> {
    try {
      const { maxBytes = LIMIT, keep, wait } = frameOptions(options, this.title);
      const last = this.lastUntil;
      if (
        last !== undefined &&
        last.given === delimiters &&
        last.keep === keep &&
        last.maxBytes === maxBytes
      ) {
        return this.receive(last.frame, wait);
      }
      const frame = new Until(
        new Delimiters(delimiters, `read on ${this.title}`),
        maxBytes,
        keep ?? true,
        `read on ${this.title}`,
      );
      // An array may change.
      if (typeof delimiters === 'string') this.lastUntil = { given: delimiters, keep, maxBytes, frame };
      return this.receive(frame, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readUntilMatch(regex: RegExp, options?: FrameOptions): Promise<Buffer> {
    try {
      if (!(regex instanceof RegExp))
        throw new TypeError(`readUntilMatch takes a RegExp, not ${show(regex)}`);
      const { maxBytes = LIMIT, wait } = frameOptions(options, this.title);
      return this.receive(new UntilMatch(regex, maxBytes, `read on ${this.title}`), wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  lines(options?: LinesOptions): Lines {
    const read = readOptions(options, ['encoding', 'maxBytes', 'unterminated'], 'lines');
    const { encoding = 'utf8', maxBytes = LIMIT } = read;
    whole(maxBytes, 1, 'maxBytes', 'lines');
    const open = read.unterminated ?? !(this.stream instanceof Socket && this.outgoing !== null);
    return new Lines(new LineFrame(encoding, maxBytes, open, `read on ${this.title}`), (frame, wait) =>
      this.receive(frame, wait),
    );
  }

  /** A case of `select`: to read what is there, as {@link ByteStream.read} does. */
  reading(max: number = Infinity): Case<Buffer | undefined> {
    if (this.incoming === null) throw this.cannot('read');
    const frame = new Some();
    frame.max = max;
    return new Demand(this.incoming, frame, `read on ${this.title}`).channel.receiving();
  }

  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return { next: () => this.receive(this.chunks) };
  }

  // Writing -----------------------------------------------------------------------------------------------

  write(data: Data, options?: WaitOptions): Promise<void> {
    const { outgoing } = this;
    if (!isData(data)) {
      return Promise.reject(
        new TypeError(`write on ${this.title}: takes text, bytes or an array of them, not ${show(data)}`),
      );
    }
    if (outgoing === null) return Promise.reject(this.cannot('write'));
    if (outgoing.refused) return refused(options) ?? Promise.reject(outgoing.told());
    return outgoing.writes.send(data, options);
  }

  /** A case of `select`: to write `data`, as {@link ByteStream.write} does. */
  writing(data: Data): Case<void> {
    if (this.outgoing === null) throw this.cannot('write');
    return this.outgoing.writes.sending(data);
  }

  flush(options?: WaitOptions): Promise<void> {
    if (this.outgoing === null) return Promise.reject(this.cannot('write'));
    return this.outgoing.flushes.receive(options);
  }

  end(options?: WaitOptions): Promise<void> {
    if (this.outgoing === null) return Promise.reject(this.cannot('write'));
    this.outgoing.finish();
    return this.outgoing.ends.receive(options);
  }

  async pipeTo(sink: ByteStream | Writable, options?: { end?: boolean }): Promise<number> {
    const { end = true } = readOptions(options, ['end'], 'pipeTo');
    const to = sink instanceof ByteStream ? sink : new ByteStream(sink);
    let count = 0;
    for (;;) {
      const bytes = await this.read();
      if (bytes === undefined) break;
      await to.write(bytes);
      count += bytes.length;
    }
    if (end) await to.end();
    else await to.flush();
    return count;
  }

  // Ends --------------------------------------------------------------------------------------------------

  async close(options?: WaitOptions): Promise<void> {
    const { incoming, outgoing, stream } = this;
    const first = !this.shut;
    this.shut = true;
    incoming?.close();
    try {
      if (first && outgoing !== null) await this.finish(outgoing, options);
    } finally {
      stream.destroy();
      outgoing?.fail(new StreamClosedError(`${this.title} was closed`));
    }
    await this.closes.receive();
  }

  /** Closes it at once: what was not sent is dropped. All who wait are told. */
  abort(reason?: Error): void {
    this.shut = true;
    this.incoming?.close();
    this.outgoing?.fail(reason ?? new StreamClosedError(`${this.title} was closed`));
    this.stream.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // Inside ------------------------------------------------------------------------------------------------

  private receive<T>(frame: Frame<T>, options?: WaitOptions, max?: number): Promise<T> {
    const { reads, incoming } = this;
    if (reads === null || incoming === null) return Promise.reject(this.cannot('read'));
    if (incoming.busy) {
      try {
        incoming.mayRead();
      } catch (error) {
        return Promise.reject(error);
      }
    }
    if (max !== undefined) this.some.max = max;
    reads.frame = frame;
    return reads.channel.receive(options) as Promise<T>;
  }

  /** What was written gets out before it is closed. */
  private async finish(outgoing: Outgoing, options: WaitOptions | undefined): Promise<void> {
    if (outgoing.failure !== null) {
      if (outgoing.lost) throw outgoing.told();
      return;
    }
    outgoing.finish();
    await outgoing.ends.receive(options);
  }

  private cannot(what: string): TypeError {
    return new TypeError(`${this.title}: nothing can be ${what === 'read' ? 'read from' : 'written to'} it`);
  }

  private readonly failed = (error: Error): void => {
    this.incoming?.finish(error);
    this.outgoing?.fail(error);
  };

  private readonly gone = (): void => {
    const { stream, incoming, outgoing } = this;
    const error = new StreamClosedError(`${this.title} was destroyed`);
    incoming?.finish(error);
    incoming?.release();
    outgoing?.fail(error);
    stream.off('error', this.failed);
    stream.off('close', this.gone);
    this.closes.closeWith(undefined);
  };
}

function frameOptions(
  options: ReadUntilOptions | undefined,
  title: string,
): { maxBytes?: number; keep?: boolean; wait?: WaitOptions } {
  if (options === undefined) return {};
  const { maxBytes, keep, timeout, signal } = readOptions(
    options,
    ['maxBytes', 'keep', 'timeout', 'signal'],
    `read on ${title}`,
  );
  if (maxBytes !== undefined) whole(maxBytes, 1, 'maxBytes', `read on ${title}`);
  return {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(keep === undefined ? {} : { keep }),
    ...(timeout === undefined && signal === undefined ? {} : { wait: { timeout, signal } }),
  };
}

function isData(data: unknown): data is Data {
  if (typeof data === 'string' || data instanceof Uint8Array) return true;
  return Array.isArray(data) && data.every((each) => typeof each === 'string' || each instanceof Uint8Array);
}

function isReadable(stream: unknown): stream is Readable {
  const given = stream as Partial<Readable> | null | undefined;
  return typeof given?.read === 'function' && typeof given.resume === 'function';
}

function isWritable(stream: unknown): stream is Writable {
  const given = stream as Partial<Writable> | null | undefined;
  return typeof given?.write === 'function' && typeof given.end === 'function' && given.writable !== false;
}
