/**
 * Those who wait until everything is sent.
 */
import { Channel } from '../kernel/channel.js';
import { Offer } from '../kernel/offer.js';
import type { Late } from './late.js';

/** What they wait for. */
export interface Sending {
  /** Everything is sent. */
  readonly quiet: boolean;
  /** What broke it. */
  readonly broken: Late | null;
  /** The error for one who is told that something was not sent. */
  told(): Error;
  /** Sends what is there. */
  flush(): void;
}

export class Flushes {
  readonly channel: Channel<void> = new Channel<void>();
  private readonly pass: Offer<void>;

  constructor(sending: Sending, title: string) {
    const { channel } = this;
    channel.label = `flush of ${title}`;
    this.pass = new Offer(channel, this);
    channel.feed({
      poll: () => {
        this.pass.hide();
        if (channel.senders.first !== null) channel.senders.remove(channel.senders.first);
        if (sending.broken !== null) channel.postError(sending.told());
        else if (sending.quiet) this.pass.show(undefined);
      },
      arm: () => sending.flush(),
      // Who gives up leaves nothing behind.
      disarm: () => undefined,
    });
  }

  /** Everything is sent: all who wait go on. */
  done(): void {
    while (this.channel.trySend(undefined));
  }

  /** All who wait are told. */
  fail(why: Late): void {
    while (this.channel.receivers.first !== null) this.channel.postError(why.error);
  }

  /** @internal Somebody had nothing to wait for; nor has the next one, to whom it is shown anew. */
  taken(): void {
    // Nothing to do.
  }
}
