/**
 * The reading side of a Node stream.
 *
 * It flows while somebody waits for bytes. What comes when nobody does is kept, and when that is more than a
 * little the stream is paused until somebody waits again. So at most {@link ENOUGH} bytes and what comes in one
 * piece are kept here, and one piece more in the stream itself.
 */
import type { Readable } from 'node:stream';
import { StateError, StreamClosedError } from '../kernel/errors.js';
import { show } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import type { Tasklet } from '../tasklet/tasklet.js';
import { ByteBuffer } from './byte-buffer.js';
import type { Demand } from './demand.js';
import type { End, Frame } from './frame.js';

/** With so many bytes that nobody has taken, the stream is paused. */
const ENOUGH = 16_384;

export class Incoming {
  readonly buffer: ByteBuffer = new ByteBuffer();
  /** How the input has ended, once it has. What is in the buffer can be read all the same. */
  end: End | null = null;
  /** Those who wait to read. */
  private reader: Demand<unknown> | null = null;
  private readonly stream: Readable;
  private readonly title: string;
  private begun = false;
  private paused = false;

  constructor(stream: Readable, title: string) {
    this.stream = stream;
    this.title = title;
    stream.on('end', this.ended);
    if (stream.readableEnded) this.ended();
  }

  /** @throws {StateError} somebody else is reading. */
  mayRead(demand?: Demand<unknown>): void {
    const { reader } = this;
    if (reader === null || reader === demand) return;
    const me = current();
    throw new StateError(
      `${this.title}: ${me === undefined ? 'this code' : `tasklet '${me.name}'`} cannot read, ` +
        `${whoWaits(reader)} is reading`,
    );
  }

  /** Whether somebody waits to read. */
  get busy(): boolean {
    return this.reader !== null;
  }

  /** How many bytes `frame` takes; -1 if it has to wait. @throws what the reader gets instead. */
  measure(frame: Frame<unknown>): number {
    const length = frame.measure(this.buffer);
    return length < 0 && this.end !== null ? frame.last(this.buffer, this.end) : length;
  }

  take(length: number): void {
    if (length > 0) this.buffer.skip(length);
  }

  /** Those at `demand` wait: the stream flows. */
  wanted(demand: Demand<unknown>): void {
    this.reader = demand;
    if (this.end !== null) return;
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
    if (this.reader === demand) this.reader = null;
  }

  /** Nothing more will come, because of `error` if given. */
  finish(error?: Error): void {
    if (this.end !== null) return;
    // What the stream itself still has.
    if (error !== undefined && this.begun) while (this.stream.read() !== null);
    this.end = { error };
    this.reader?.serve();
  }

  /** Closed from this side: what is there is dropped. */
  close(): void {
    this.buffer.clear();
    this.end = { error: new StreamClosedError(`${this.title} was closed`) };
    this.reader?.serve();
    this.release();
  }

  /** Listens no longer. */
  release(): void {
    this.stream.off('data', this.arrived);
    this.stream.off('end', this.ended);
  }

  private readonly ended = (): void => this.finish();

  private readonly arrived = (bytes: unknown): void => {
    this.buffer.push(toBuffer(bytes, this.stream));
    if (this.reader !== null) this.reader.serve();
    // Asked again: whoever got something may not be the last one.
    if (this.reader === null && this.buffer.length >= ENOUGH && !this.paused) {
      this.paused = true;
      this.stream.pause();
    }
  };
}

function toBuffer(bytes: unknown, stream: Readable): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (typeof bytes === 'string') return Buffer.from(bytes, stream.readableEncoding ?? 'utf8');
  throw new TypeError(`a ByteStream reads bytes, and the stream gave ${show(bytes)}`);
}

/** Who waits at `demand`, in words. */
function whoWaits({ channel }: Demand<unknown>): string {
  const owners: unknown[] = [];
  // A guest or an arm belongs to the waiter of its tasklet.
  for (let at: unknown = channel.receivers.first; at !== null && typeof at === 'object';) {
    owners.push(at);
    at = (at as { owner?: unknown }).owner;
  }
  const tasklet = owners.at(-1) as Partial<Tasklet> | undefined;
  return typeof tasklet?.name === 'string' ? `tasklet '${tasklet.name}'` : 'other code';
}
