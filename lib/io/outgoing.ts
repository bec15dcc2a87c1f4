/**
 * The writing side of a Node stream.
 *
 * Who writes is served first come, first served, and whole. What is written within one turn of the event loop is
 * gathered and goes to the stream together, which makes one system call of it. While the stream has more than
 * enough to send, nobody's bytes are taken: they stay with the writer, who waits and can change his mind.
 */
import type { Writable } from 'node:stream';
import { Channel } from '../kernel/channel.js';
import { StreamClosedError, TimeoutError } from '../kernel/errors.js';
import { finish as conclude, type Sink } from '../kernel/meeting.js';
import type { WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { grant, letGo } from '../kernel/wait.js';
import type { Data, Piece } from './data.js';
import { Flushes, type Sending } from './flushes.js';
import { ENOUGH, Gathering } from './gathering.js';
import { holder } from './holder.js';
import { Idle } from './idle.js';
import { Late } from './late.js';
import { atTurnEnd } from './turn.js';

export class Outgoing implements Sink, Sending {
  /** Those who wait to write. */
  readonly writes: Channel<Data> = new Channel<Data>();
  /** Those who wait until everything is sent. */
  readonly flushes: Flushes;
  /** Those who wait for the end; it is over when the channel is. */
  readonly ends: Channel<void> = new Channel<void>();
  /** What broke it. */
  broken: Late | null = null;
  /** No more writes than those that wait already. */
  ending = false;
  /** What was taken from a writer did not get out, and nobody was told. */
  lost = false;
  private readonly stream: Writable;
  private readonly title: string;
  private readonly idle: Idle;
  private readonly gathering: Gathering = new Gathering();
  private scheduled = false;
  /** The stream has more than enough. */
  private full = false;
  /** How many writes the stream has not come back from. */
  private unsent = 0;

  constructor(stream: Writable, title: string, idleTimeout: number) {
    this.stream = stream;
    this.title = title;
    const what = `write on ${title}`;
    this.idle = new Idle(idleTimeout, () => {
      this.tell(new Late(() => new TimeoutError(`${what}: nothing was sent for ${idleTimeout} ms`)));
      this.idle.start();
    });
    this.writes.label = what;
    this.ends.label = `end of ${title}`;
    this.writes.sink = this;
    this.flushes = new Flushes(this, title);
    if (stream.writableFinished) this.ends.closeWith(undefined);
    this.ending = stream.writableEnded;
  }

  /** Takes `data`, or lets who writes it wait. */
  write(data: Data, options: WaitOptions | undefined): Promise<void> {
    const me = options === undefined && !this.full ? holder() : undefined;
    if (me === undefined) return this.writes.send(data, options);
    this.gather(data);
    return proceed(me, undefined) as Promise<void>;
  }

  /** Nothing can ever be written. */
  none(): void {
    this.broken = new Late(() => new TypeError(`${this.title}: nothing can be written to it`));
    conclude(this.ends, this.broken);
  }

  /** Nothing can be written any more. */
  get refuses(): boolean {
    return this.broken !== null || this.ending;
  }

  /** Everything is sent, and nobody waits to write. */
  get quiet(): boolean {
    return this.unsent === 0 && this.gathering.size === 0 && this.writes.senders.size === 0;
  }

  /** The error for one who cannot write. */
  told(): Error {
    this.lost = false;
    return this.broken?.error ?? new StreamClosedError(`write on ${this.title}: it was ended`);
  }

  // The sink of those who write ---------------------------------------------------------------------------

  get open(): boolean {
    return !this.full || this.refuses;
  }

  accept(data: unknown): boolean {
    if (this.refuses) throw this.told();
    if (this.full) return false;
    this.gather(data as Data);
    return true;
  }

  original(data: unknown): unknown {
    return data;
  }

  // Ends --------------------------------------------------------------------------------------------------

  /** No more writes; when those that wait are sent too, the stream is ended. */
  finish(): void {
    if (this.refuses) return;
    this.ending = true;
    this.flush();
    if (this.quiet) this.stop();
  }

  /** Ends it, and waits until that is done; what is broken already is only told of if bytes were lost by it. */
  async close(options: WaitOptions | undefined): Promise<void> {
    if (this.broken === null) {
      this.finish();
      await this.ends.receive(options);
    } else if (this.lost) throw this.told();
  }

  /** Nothing can be written any more, because of `why`: all who wait are told. */
  fail(why: Late): void {
    if (this.ends.closing) return;
    this.lost = this.unsent + this.gathering.size > 0;
    this.broken = why;
    this.gathering.clear();
    this.idle.stop();
    this.tell(why);
    conclude(this.ends, why);
  }

  // Inside ------------------------------------------------------------------------------------------------

  /** All who wait are told. */
  private tell(why: Late): void {
    const { size } = this.writes.senders;
    if (size + this.flushes.channel.receivers.size + this.ends.receivers.size > 0) this.lost = false;
    this.flushes.fail(why);
    while (this.ends.receivers.first !== null) this.ends.postError(why.error);
    for (let peer = this.writes.senders.first; peer !== null; peer = this.writes.senders.first) {
      const writer = grant(peer, why.error, true);
      writer.scheduler.wake(writer);
    }
  }

  private gather(data: Data): void {
    this.gathering.add(data);
    if (this.gathering.size >= ENOUGH) this.flush();
    else if (!this.scheduled && this.gathering.size > 0) {
      this.scheduled = true;
      atTurnEnd(this.turnOver);
    }
  }

  private readonly turnOver = (): void => {
    this.scheduled = false;
    this.flush();
  };

  /** Gives the stream what was gathered. */
  flush(): void {
    if (this.gathering.size === 0) return;
    this.idle.start();
    this.gathering.giveTo(this.stream, this.give);
  }

  private readonly give = (piece: Piece): void => {
    this.unsent++;
    this.full = !this.stream.write(piece, this.sent);
  };

  private readonly sent = (error?: Error | null): void => {
    if (error instanceof Error) {
      this.fail(new Late(() => error));
      return;
    }
    if (--this.unsent === 0) this.idle.stop();
    else this.idle.start();
    if (this.full && !this.stream.writableNeedDrain) {
      this.full = false;
      this.admit();
    }
    if (!this.quiet) return;
    this.flushes.done();
    if (this.ending) this.stop();
  };

  /** Takes from those who wait, in order, until the stream has more than enough again. */
  private admit(): void {
    const { senders } = this.writes;
    for (let peer = senders.first; peer !== null && !this.full; peer = senders.first) {
      const data = peer.value as Data;
      letGo(peer);
      // Last: to write may run anybody's code, which may break the stream.
      this.gather(data);
    }
  }

  private stop(): void {
    this.stream.end((error?: Error | null) => {
      if (error instanceof Error) this.fail(new Late(() => error));
      else this.ends.closeWith(undefined);
    });
  }
}
