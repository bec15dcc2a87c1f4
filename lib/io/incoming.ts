/**
 * The reading side of a Node stream.
 *
 * It flows while somebody waits for bytes. What comes when nobody does is kept, and when that is more than a
 * little the stream is paused until somebody waits again. So at most {@link ENOUGH} bytes and what comes in one
 * piece are kept here, and one piece more in the stream itself. Nothing flows before the first read.
 */
import type { Readable } from 'node:stream';
import { StateError, TimeoutError } from '../kernel/errors.js';
import { show } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import { ByteBuffer } from './byte-buffer.js';
import type { Demand } from './demand.js';
import type { End, Frame } from './frame.js';
import { Idle } from './idle.js';
import { Late } from './late.js';

/** With so many bytes that nobody has taken, the stream is paused. */
const ENOUGH = 16_384;

const ORDERLY: End = { error: undefined };

export class Incoming {
  readonly buffer: ByteBuffer = new ByteBuffer();
  /** How the input has ended, once it has. What is in the buffer can be read all the same. */
  end: End | null = null;
  /** Those who wait to read. */
  private reader: Demand<unknown> | null = null;
  private readonly stream: Readable;
  private readonly title: string;
  private readonly idle: Idle;
  private begun = false;
  private paused = false;
  private closed = false;

  constructor(stream: Readable, title: string, idleTimeout: number) {
    this.stream = stream;
    this.title = title;
    this.idle = new Idle(idleTimeout, () =>
      this.reader?.refuse(new TimeoutError(`read on ${title}: nothing came for ${idleTimeout} ms`)),
    );
    stream.on('end', this.ended);
    if (stream.readableEnded) this.ended();
  }

  /** Nothing can ever be read. */
  none(): void {
    this.end = new Late(() => new TypeError(`${this.title}: nothing can be read from it`));
  }

  /** @throws {StateError} others are reading than those at `demand`. */
  admit(demand?: Demand<unknown>): void {
    const { reader } = this;
    if (reader === null || reader === demand) return;
    const me = current();
    throw new StateError(
      `${this.title}: ${me === undefined ? 'code outside tasklets' : `tasklet '${me.name}'`} cannot read, ` +
        `${whoWaits(reader)} is reading`,
    );
  }

  /** Somebody waits to read. */
  get busy(): boolean {
    return this.reader !== null;
  }

  /** How many bytes `frame` takes; -1 if it has to wait. @throws what the reader gets instead. */
  measure(frame: Frame<unknown>): number {
    const length = frame.measure(this.buffer);
    return length < 0 && this.end !== null ? frame.last(this.buffer, this.end) : length;
  }

  /** How many bytes `frame`, which begins, has if it is complete; otherwise -1. -2: the channel says what is wrong. */
  look(frame: Frame<unknown>): number {
    frame.begin?.();
    try {
      return frame.measure(this.buffer);
    } catch {
      return -2;
    }
  }

  /** Takes `frame`, which has `length` bytes. */
  give<T>(frame: Frame<T>, length: number): T {
    const { buffer } = this;
    const value = frame.cut(buffer, length);
    this.take(length);
    return value;
  }

  take(length: number): void {
    if (length > 0) this.buffer.skip(length);
  }

  /** Those at `demand` wait: the stream flows. */
  wanted(demand: Demand<unknown>): void {
    this.reader = demand;
    this.buffer.compact();
    this.idle.start();
    if (!this.begun) {
      this.begun = true;
      this.stream.on('data', this.arrived);
      this.stream.resume();
    } else if (this.paused) {
      this.paused = false;
      this.stream.resume();
    }
  }

  unwanted(demand: Demand<unknown>): void {
    if (this.reader !== demand) return;
    this.reader = null;
    this.idle.stop();
  }

  /** Nothing more will come, because of `why` if given. */
  finish(why?: Late): void {
    if (this.end !== null) return;
    // What the stream itself still has.
    if (why !== undefined) this.drain();
    this.end = why ?? ORDERLY;
    this.reader?.serve();
  }

  /** Closed from this side: what is there is dropped. */
  close(why: Late): void {
    if (this.closed) return;
    this.closed = true;
    this.buffer.clear();
    this.end = why;
    this.reader?.serve();
    this.release();
  }

  /** What is there can be put back: Node takes nothing behind the end. */
  get returnable(): boolean {
    return this.buffer.length === 0 || !this.stream.readableEnded;
  }

  /** Puts what is there back into the stream, for somebody else. */
  giveBack(why: Late): void {
    const { buffer, stream } = this;
    // One that can only be written to has no such thing.
    if ('pause' in stream) stream.pause();
    if (buffer.length > 0) stream.unshift(Buffer.from(buffer.peek(buffer.length)));
    this.close(why);
  }

  /** Listens no longer. */
  release(): void {
    this.stream.off('data', this.arrived);
    this.stream.off('end', this.ended);
  }

  private drain(): void {
    if (!this.begun) this.stream.on('data', this.arrived);
    this.begun = true;
    // Each is given to the listener.
    while (this.stream.read() !== null);
  }

  private readonly ended = (): void => this.finish();

  private readonly arrived = (bytes: unknown): void => {
    const { stream } = this;
    const buffer = toBuffer(bytes, stream);
    if (buffer === null) {
      stream.destroy(new TypeError(`${this.title}: gives bytes, and the stream has ${show(bytes)}`));
      return;
    }
    this.buffer.push(buffer);
    if (this.reader !== null) {
      this.idle.start();
      this.reader.serve();
    }
    // Asked again: whoever got something may have been the only one.
    if (this.reader === null && this.buffer.length >= ENOUGH && !this.paused) {
      this.paused = true;
      stream.pause();
    }
  };
}

function toBuffer(bytes: unknown, { readableEncoding }: Readable): Buffer | null {
  if (Buffer.isBuffer(bytes)) return bytes;
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return typeof bytes === 'string' ? Buffer.from(bytes, readableEncoding ?? 'utf8') : null;
}

interface Owned {
  readonly owner: Owned | null;
  readonly name?: unknown;
}

/** Who waits at `demand`, in words. */
function whoWaits({ channel }: Demand<unknown>): string {
  // A guest or an arm of a select belongs to the waiter of its tasklet, and that one to the tasklet.
  for (let at = channel.receivers.first as Owned | null; at !== null; at = at.owner ?? null) {
    if (typeof at.name === 'string') return `tasklet '${at.name}'`;
  }
  return 'code outside tasklets';
}
