/**
 * What anybody may pass while it is open, and waits at while it is shut.
 */
import type { Channel } from './channel.js';
import { Offer } from './offer.js';

export class Gate {
  private readonly channel: Channel<void>;
  private readonly pass: Offer<void>;

  /** A gate that is shut; to receive from `channel` is to pass it. */
  constructor(channel: Channel<void>) {
    this.channel = channel;
    this.pass = new Offer(channel, this);
  }

  get isOpen(): boolean {
    return this.pass.shown;
  }

  /** Lets all pass who wait, in order, and whoever comes until it is shut. */
  open(): void {
    // They are queued, not run: nobody can come back to wait while this lasts.
    while (this.channel.trySend(undefined));
    this.pass.show(undefined);
  }

  shut(): void {
    this.pass.hide();
  }

  /** @internal Somebody has passed; there is always one more. */
  taken(): void {
    this.pass.show(undefined);
  }
}
