/**
 * Bytes in, bytes out: any Node stream as something that waits.
 *
 * - What has come and was not read stays, whoever gives up and however the other side ends.
 * - What was read inside a frame is never the end of it: it is an error that carries what there was.
 * - What `write` took goes out, in order, or somebody is told.
 * - Closed, nobody waits at it any more, and nothing of ours listens to the Node stream.
 */
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { Case } from '../kernel/case.js';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { titled } from '../kernel/line.js';
import { show, type WaitOptions } from '../kernel/options.js';
import { isData, type Data, type Piece } from './data.js';
import type { Delimiter } from './delimiters.js';
import type { Framing } from './framing.js';
import type { Readings } from './lines.js';
import { readStreamOptions, type ByteStreamOptions, type NodeStream } from './node-stream.js';
import type { Outgoing } from './outgoing.js';
import { copy, drain, type PipeToOptions } from './pipe-to.js';
import {
  Reads,
  type FrameOptions,
  type LinesOptions,
  type ReadUntilOptions,
  type TextOptions,
} from './reads.js';
import { Takeover } from './takeover.js';

export type { ByteStreamOptions, NodeStream };

let streams = 0;

/**
 * A Node stream (a socket, a pipe, the output of a child) whose reads and writes wait.
 *
 * One tasklet reads at a time: a second one gets an error that names both. Any number may write, and each write
 * goes out whole, first come first served. Nothing is read before somebody reads; then at most 16 KiB and two
 * pieces as large as the platform reads them (64 KiB) are kept while nobody does, and the other side feels it.
 *
 * Every wait can be killed, timed out and aborted: a read that was given up has taken nothing, a write that was
 * given up has sent nothing. Source: Evergreen `evergreen.io.stream`.
 *
 * @example
 * const stream = new ByteStream(socket, { name: 'client' });
 * for await (const line of stream.lines()) await stream.write(`${line}\n`);
 * await stream.close();
 */
export class ByteStream implements AsyncIterable<Buffer>, AsyncDisposable {
  readonly name: string;
  private readonly title: string;
  private readonly life: Takeover;
  private readonly reads: Reads;
  private readonly writes: Outgoing;

  /**
   * Takes `stream` over: nobody else may read it, write to it or listen to its data from now on. On a stream with
   * two directions the end of one is not the end of the other one.
   *
   * @throws {TypeError | RangeError} no Node stream; a wrong or unknown option.
   */
  constructor(stream: NodeStream, options?: ByteStreamOptions) {
    const { name, idleTimeout } = readStreamOptions(options);
    this.name = name ?? `stream-${++streams}`;
    this.title = titled('stream', this.name);
    this.life = new Takeover(stream, this.title, idleTimeout);
    this.reads = new Reads(this.life.incoming, this.title);
    this.writes = this.life.outgoing;
  }

  /** @internal What was taken over. */
  get stream(): NodeStream {
    return this.life.stream;
  }

  /** Nothing more can come or go: it was closed, or both directions are over. What has come can still be read. */
  get closed(): boolean {
    return this.life.closed;
  }

  // Reading -----------------------------------------------------------------------------------------------

  /**
   * Takes bytes that are there, as many as stand together; waits until there are some.
   *
   * @param max at most so many, from 1.
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @returns the bytes, at least one; `undefined` at the end of input.
   * @throws {StateError} somebody else is reading. {StreamClosedError} it was closed from this side.
   * {TimeoutError}. What Node reports, with its `code`, once everything that came before it was read.
   */
  read(options?: WaitOptions): Promise<Buffer | undefined>;
  read(max: number, options?: WaitOptions): Promise<Buffer | undefined>;
  read(max?: number | WaitOptions, options?: WaitOptions): Promise<Buffer | undefined> {
    if (typeof max === 'object') return this.reads.some(Infinity, max);
    return this.reads.some(max ?? Infinity, options);
  }

  /** Takes bytes that are there; never waits. `undefined` if there are none, `{ value: undefined }` at the end. */
  tryRead(max: number = Infinity): { value: Buffer | undefined } | undefined {
    return this.reads.trySome(max);
  }

  /** A case of `select`: to read as {@link ByteStream.read} does. */
  reading(max: number = Infinity): Case<Buffer | undefined> {
    return this.reads.reading(max);
  }

  /**
   * Takes exactly `n` bytes; waits until they are there.
   *
   * @throws {IncompleteReadError} the input ends before that; carries what there is of it, which can still be
   * read. If an error ended it, that is its `cause`; with nothing there, it is raised itself.
   * Otherwise as {@link ByteStream.read}.
   */
  readExactly(n: number, options?: WaitOptions): Promise<Buffer> {
    return this.reads.exactly(n, options);
  }

  /**
   * Takes everything up to the first delimiter, which may come in pieces; waits until it is there.
   *
   * @param delimiters text, bytes, or several of them: the first that is complete counts, and of several that end
   * at the same byte the longest.
   * @param options `maxBytes` (65,536), `keep` (the delimiter is given back too, by default), `timeout` in
   * milliseconds for all of it, `signal`.
   * @throws {LimitExceededError} there is no delimiter within `maxBytes`; nothing was taken, so that one can read
   * on in another way. Otherwise as {@link ByteStream.readExactly}.
   * @example
   * const stream = new ByteStream(Readable.from(['GET / HTTP/1.1\r\n', '\r\nbody']));
   * const head = await stream.readUntil('\r\n\r\n', { maxBytes: 8192, timeout: 5000, keep: false });
   * String(head); // 'GET / HTTP/1.1'
   */
  readUntil(delimiters: Delimiter | readonly Delimiter[], options?: ReadUntilOptions): Promise<Buffer> {
    return this.reads.until(delimiters, options);
  }

  /**
   * Takes everything up to the end of the first match of `regex`; waits until there is one.
   *
   * Each byte is one character to it (Latin-1). It is tried anew on all of it whenever something comes, and what
   * matches then counts, even if more would match later: let it end with something definite. For what a delimiter
   * can say, {@link ByteStream.readUntil} is much cheaper.
   *
   * @throws as {@link ByteStream.readUntil}.
   */
  readUntilMatch(regex: RegExp, options?: FrameOptions): Promise<Buffer> {
    return this.reads.match(regex, options);
  }

  /**
   * Takes everything up to the end of input; waits until it has come.
   *
   * @param options `maxBytes` (16 MiB), `timeout`, `signal`.
   * @throws {LimitExceededError} there is more. Otherwise as {@link ByteStream.readExactly}.
   */
  readAll(options?: FrameOptions): Promise<Buffer> {
    return this.reads.all(options);
  }

  /**
   * The lines, without what ends them: a line feed, or a carriage return before one. Each is taken when it is
   * asked for, so that to `break` leaves the stream behind the last one.
   *
   * What stands behind the last line feed is a line too; but not on a socket, where nobody can tell a connection
   * that was ended from one that broke off: there it is an `IncompleteReadError`.
   *
   * @throws {TypeError | RangeError} a wrong or unknown option. While it is iterated: {LimitExceededError} a line
   * of more than `maxBytes`; otherwise as {@link ByteStream.read}.
   * @example
   * const stream = new ByteStream(socket);
   * for await (const line of stream.lines({ timeout: 60_000 })) await handle(line);
   */
  lines(options?: LinesOptions): Readings<string> {
    return this.reads.lines(options, !(this.stream instanceof Socket && this.stream.writable));
  }

  /** Text as it comes. What is made of the pieces together is what would be made of the whole. */
  text(options?: TextOptions): Readings<string> {
    return this.reads.text(options);
  }

  /**
   * Takes one message, as `framing` tells them apart; waits until all of it is there.
   *
   * @throws as {@link ByteStream.readUntil}.
   */
  readFrame(framing: Framing, options?: WaitOptions): Promise<Buffer> {
    return this.reads.frame(framing, options);
  }

  /** The messages up to the end of input, which must not come inside one. `options` are those of each. */
  frames(framing: Framing, options?: WaitOptions): Readings<Buffer> {
    return this.reads.frames(framing, options);
  }

  /** Bytes as they come, up to the end of input. To `break` leaves the stream open, and the rest in it. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    return { next: () => this.reads.next() };
  }

  // Writing -----------------------------------------------------------------------------------------------

  /**
   * Writes text (as UTF-8) or bytes, or several pieces that stay together; waits while more than enough is on its
   * way already.
   *
   * When it returns, the bytes were taken and will be sent, after all that was written before; what is written in
   * one turn of the event loop is sent together. They are not copied: do not change them before
   * {@link ByteStream.flush} says that they are sent. Killed, timed out or aborted while it waits, nothing of them
   * is sent.
   *
   * @throws what Node reports of this or an earlier write, with its `code`. {StreamClosedError} it was ended or
   * closed. {TimeoutError}. {TypeError} nothing of the kind.
   */
  write(data: Data, options?: WaitOptions): Promise<void> {
    const { writes } = this;
    if (!isData(data)) return Promise.reject(wrong(this.title, data));
    if (writes.refuses) return refused(options) ?? Promise.reject(writes.told());
    return writes.write(data, options);
  }

  /** Writes `data` if that need not wait. @returns whether it was taken. @throws as {@link ByteStream.write}. */
  tryWrite(data: Data): boolean {
    if (!isData(data)) throw wrong(this.title, data);
    return this.writes.writes.trySend(data);
  }

  /** A case of `select`: to write `data` as {@link ByteStream.write} does. */
  writing(data: Data): Case<void> {
    if (!isData(data)) throw wrong(this.title, data);
    return this.writes.writes.sending(data);
  }

  /** Writes one message, as `framing` tells them apart. @throws {RangeError} it cannot be told apart. */
  async writeFrame(framing: Framing, message: Piece, options?: WaitOptions): Promise<void> {
    await this.write(framing.wrap(message), options);
  }

  /** Waits until all that was written is handed to the system. @throws as {@link ByteStream.write}. */
  async flush(options?: WaitOptions): Promise<void> {
    await this.writes.flushes.channel.receive(options);
  }

  /**
   * Ends the writing side: waits until all that was written is handed to the system, and tells the other side that
   * nothing more comes. One can still read. Given up while it waits, it is ended all the same.
   *
   * @throws as {@link ByteStream.write}.
   */
  async end(options?: WaitOptions): Promise<void> {
    this.writes.finish();
    await this.writes.ends.receive(options);
  }

  // Both --------------------------------------------------------------------------------------------------

  /**
   * Writes everything that comes to `sink`, as fast as that takes it, and then ends it.
   *
   * Whatever goes wrong on the way, both stay as they are: what was read and not written is lost.
   *
   * @param options `end: false` leaves `sink` open. `timeout` in milliseconds and `signal` for all of it.
   * @returns how many bytes there were.
   * @throws as {@link ByteStream.read} and {@link ByteStream.write}.
   */
  async pipeTo(sink: ByteStream | Writable, options?: PipeToOptions): Promise<number> {
    if (sink instanceof ByteStream) return copy(this, sink, options);
    const made = new ByteStream(sink);
    try {
      return await copy(this, made, options);
    } finally {
      made.life.release();
    }
  }

  /** The end of a `pipeline`: each value is written, then the stream is ended. */
  run(input: Channel<Data>): Promise<number> {
    return drain(input, this);
  }

  /**
   * Closes it: who reads or waits to read is told at once, what `write` has taken is sent, and then the Node
   * stream is destroyed; waits until that is done. To close again waits for the same.
   *
   * Killed, timed out or aborted while something is still to be sent, it closes at once and raises that.
   *
   * @throws what Node reports, if bytes that `write` had taken were lost and nobody was told yet.
   */
  close(options?: WaitOptions): Promise<void> {
    return this.life.close(options);
  }

  /**
   * Closes it at once and does not wait: what was not sent is dropped, who waits is told.
   *
   * @param reason what they get, instead of {@link StreamClosedError}.
   */
  abort(reason?: Error): void {
    this.life.abort(reason);
  }

  /** {@link ByteStream.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Gives the Node stream back, with all that was not read in it; for somebody else to take over. Flush it first.
   *
   * @throws {StateError} somebody waits to read or to write, or not everything is sent; it has ended, and not
   * everything was read. {StreamClosedError} it is closed, or given away already.
   */
  detach(): NodeStream {
    return this.life.detach();
  }
}

function wrong(title: string, data: unknown): TypeError {
  return new TypeError(`write on ${title}: takes text, bytes or an array of them, not ${show(data)}`);
}
