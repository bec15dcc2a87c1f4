/**
 * The writing side of a Node stream.
 *
 * Who writes is served first come, first served, and whole. What is written within one turn of the event loop is
 * gathered and goes to the stream together, which makes one system call of it. While the stream has too much
 * to send, nobody's bytes are taken: they stay with the writer, who waits and can change his mind.
 */
import type { Writable } from 'node:stream';
import { Channel } from '../kernel/channel.js';
import { StreamClosedError } from '../kernel/errors.js';
import type { Sink } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import { grant, letGo } from '../kernel/wait.js';
import { atTurnEnd } from './turn.js';

/** What one write brings. */
export type Piece = string | Uint8Array;
export type Data = Piece | readonly Piece[];

/** With so many bytes gathered the stream gets them at once, without waiting for the end of the turn. */
const ENOUGH = 65_536;

export class Outgoing implements Sink {
  /** Those who wait to write. */
  readonly writes: Channel<Data> = new Channel<Data>();
  /** Those who wait until everything is sent. */
  readonly flushes: Channel<void> = new Channel<void>();
  /** Those who wait for the end; it is over when the channel is. */
  readonly ends: Channel<void> = new Channel<void>();
  /** What broke it. */
  failure: Error | null = null;
  /** No more writes. */
  ending = false;
  /** Bytes that were taken from a writer did not get out, and nobody was told. */
  lost = false;
  private readonly pass: Offer<void>;
  private readonly stream: Writable;
  private readonly title: string;
  private pieces: Piece[] = [];
  private gathered = 0;
  private scheduled = false;
  /** The stream has enough. */
  private full = false;
  /** How many writes the stream has not come back from. */
  private unsent = 0;

  constructor(stream: Writable, title: string) {
    this.stream = stream;
    this.title = title;
    this.writes.label = `write on ${title}`;
    this.writes.sink = this;
    this.flushes.label = `flush of ${title}`;
    this.ends.label = `end of ${title}`;
    this.pass = new Offer(this.flushes, this);
    this.flushes.feed({
      poll: () => this.poll(),
      arm: () => this.flush(),
      disarm: nothing,
    });
  }

  /** Everything is sent. */
  get idle(): boolean {
    return this.unsent === 0 && this.gathered === 0 && this.writes.senders.size === 0;
  }

  // The sink of the writers -------------------------------------------------------------------------------

  get open(): boolean {
    return this.refused || !this.full;
  }

  accept(data: unknown): boolean {
    if (this.refused) throw this.told();
    if (this.full) return false;
    this.gather(data as Data);
    return true;
  }

  original(data: unknown): unknown {
    return data;
  }

  /** A flush that had nothing to wait for. */
  taken(): void {
    // There is always one more.
  }

  /** Nothing can be written any more. */
  get refused(): boolean {
    return this.failure !== null || this.ending;
  }

  /** The error for one who cannot write. */
  told(): Error {
    this.lost = false;
    return this.failure ?? new StreamClosedError(`${this.title} was ended`);
  }

  // Ends --------------------------------------------------------------------------------------------------

  /** No more writes but those that wait already. */
  finish(): void {
    if (this.ending) return;
    this.ending = true;
    if (this.failure === null && this.idle) this.stop();
  }

  /** Nothing can be written any more, because of `error`: all who wait are told. */
  fail(error: Error): void {
    if (this.failure !== null) return;
    this.lost = this.unsent > 0 || this.gathered > 0;
    this.failure = error;
    this.pieces = [];
    this.gathered = 0;
    const { senders } = this.writes;
    for (let peer = senders.first; peer !== null; peer = senders.first) {
      const writer = grant(peer, this.told(), true);
      writer.scheduler.wake(writer);
    }
    while (this.flushes.receivers.first !== null) this.flushes.postError(this.told());
    if (this.ends.receivers.size > 0) this.lost = false;
    this.ends.failWith(error);
  }

  // Inside ------------------------------------------------------------------------------------------------

  private gather(data: Data): void {
    if (typeof data === 'string' || data instanceof Uint8Array) this.add(data);
    else for (const piece of data) this.add(piece);
    if (this.gathered >= ENOUGH) this.flush();
    else if (!this.scheduled && this.gathered > 0) {
      this.scheduled = true;
      atTurnEnd(this.turnOver);
    }
  }

  private add(piece: Piece): void {
    if (piece.length === 0) return;
    const { pieces } = this;
    const last = pieces.length - 1;
    this.gathered += piece.length;
    // Text is put together as text: cheaper than bytes.
    if (typeof piece === 'string' && last >= 0 && typeof pieces[last] === 'string') pieces[last] += piece;
    else pieces.push(piece);
  }

  private readonly turnOver = (): void => {
    this.scheduled = false;
    this.flush();
  };

  /** Gives the stream what was gathered. */
  private flush(): void {
    const { pieces, stream } = this;
    if (pieces.length === 0) return;
    this.pieces = [];
    const { gathered } = this;
    this.gathered = 0;
    if (pieces.length === 1) this.write(pieces[0] as Piece);
    else if (gathered < ENOUGH) this.write(Buffer.concat(pieces.map(toBytes)));
    else {
      stream.cork();
      for (const piece of pieces) this.write(piece);
      stream.uncork();
    }
  }

  private write(piece: Piece): void {
    this.unsent++;
    this.full = !this.stream.write(piece, this.sent);
  }

  private readonly sent = (error?: Error | null): void => {
    this.unsent--;
    if (error instanceof Error) {
      this.fail(error);
      return;
    }
    if (this.full && !this.stream.writableNeedDrain) {
      this.full = false;
      this.admit();
    }
    if (!this.idle || this.failure !== null) return;
    while (this.flushes.trySend(undefined));
    if (this.ending) this.stop();
  };

  /** Takes from those who wait, in order, until the stream has enough again. */
  private admit(): void {
    const { senders } = this.writes;
    for (let peer = senders.first; peer !== null && !this.full; peer = senders.first) {
      const data = peer.value as Data;
      letGo(peer);
      this.gather(data);
    }
  }

  private poll(): void {
    const { flushes, pass } = this;
    pass.hide();
    if (flushes.senders.first !== null) flushes.senders.remove(flushes.senders.first);
    if (this.failure !== null) flushes.postError(this.told());
    else if (this.idle) pass.show(undefined);
  }

  private stop(): void {
    this.stream.end((error?: Error | null) => {
      if (error instanceof Error) this.fail(error);
      else this.ends.closeWith(undefined);
    });
  }
}

function toBytes(piece: Piece): Uint8Array {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}

function nothing(): void {
  // Who gives up a flush leaves nothing behind.
}
