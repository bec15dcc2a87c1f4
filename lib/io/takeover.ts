/**
 * A Node stream that was taken over, from then until it is closed.
 *
 * It listens to what ends both directions, and to nothing once that has happened. Whoever closes it, all who wait
 * are told, and the stream is destroyed.
 */
import type { Readable, Writable } from 'node:stream';
import type { Channel } from '../kernel/channel.js';
import { StateError, StreamClosedError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import type { WaitOptions } from '../kernel/options.js';
import { Incoming } from './incoming.js';
import { Late } from './late.js';
import { directions, type NodeStream } from './node-stream.js';
import { Outgoing } from './outgoing.js';

export class Takeover {
  readonly stream: NodeStream;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
  private readonly title: string;
  /** Is over when the stream is closed. */
  private readonly gone: Channel<void>;
  /** It was closed from this side. */
  private shut = false;

  /** @throws {TypeError} no Node stream. */
  constructor(stream: NodeStream, title: string, idleTimeout: number) {
    const { readable, writable } = directions(stream);
    this.stream = stream;
    this.title = title;
    this.gone = line(`close of ${title}`);
    this.incoming = new Incoming(stream as Readable, title, idleTimeout);
    this.outgoing = new Outgoing(stream as Writable, title, idleTimeout);
    if (!readable) this.incoming.none();
    if (!writable) this.outgoing.none();
    stream.on('error', this.failed);
    stream.on('close', this.left);
    if (stream.errored) this.failed(stream.errored);
    if (stream.closed) this.left();
  }

  get closed(): boolean {
    return this.shut || this.stream.destroyed;
  }

  /** Sends what is to be sent, then closes it; given up meanwhile, it closes at once. */
  async close(options: WaitOptions | undefined): Promise<void> {
    if (!this.shut) {
      this.shut = true;
      this.incoming.close(this.because(undefined));
      try {
        await this.outgoing.close(options);
      } finally {
        this.abort();
      }
    }
    await this.gone.receive(options);
  }

  abort(reason?: Error): void {
    this.shut = true;
    const why = this.because(reason);
    this.incoming.close(why);
    this.outgoing.fail(why);
    this.stream.destroy();
  }

  private because(reason: Error | undefined): Late {
    return new Late(() => reason ?? new StreamClosedError(`${this.title} was closed`));
  }

  /** @throws as `ByteStream.detach`. */
  detach(): NodeStream {
    if (this.closed) throw new StreamClosedError(`${this.title} is closed, and cannot be given away`);
    if (this.incoming.busy || !this.outgoing.quiet) {
      throw new StateError(`${this.title} is in use, and cannot be given away`);
    }
    if (!this.incoming.returnable) {
      throw new StateError(`${this.title} has ended: what was not read cannot be given away with it`);
    }
    this.release();
    const why = new Late(() => new StreamClosedError(`${this.title} was given away`));
    this.incoming.giveBack(why);
    this.outgoing.fail(why);
    this.shut = true;
    this.gone.closeWith(undefined);
    return this.stream;
  }

  /** Listens no longer. */
  release(): void {
    this.incoming.release();
    this.stream.off('error', this.failed);
    this.stream.off('close', this.left);
  }

  private readonly failed = (error: Error): void => this.fail(new Late(() => error));

  private fail(why: Late): void {
    this.incoming.finish(why);
    this.outgoing.fail(why);
  }

  private readonly left = (): void => {
    this.fail(new Late(() => new StreamClosedError(`${this.title} was destroyed`)));
    this.release();
    this.gone.closeWith(undefined);
  };
}
