/**
 * Something that is there to be taken, for as long as it is: a free lock, a permit, the next value of a queue.
 *
 * It stands alone among the senders of a channel, so that every way to receive meets it there: plainly, at
 * once, in a select. Whoever offers it is told in the same step that takes it, and may offer the next one.
 */
import { here } from './caller.js';
import type { Channel } from './channel.js';
import { POSTED, SENDING, Waiter, type Side } from './waiter.js';

export class Offer<T> {
  private readonly side: Side;
  private readonly waiter: Waiter;

  /** @param owner told when it was taken; what it does then must not run code of the user's. */
  constructor(channel: Channel<T>, owner: { taken(): void }) {
    this.side = channel.senders;
    this.waiter = new Waiter(POSTED, here(), owner);
    this.waiter.doing = SENDING;
  }

  /** It can be taken. */
  get shown(): boolean {
    return this.waiter.side !== null;
  }

  /** Offers `value`, instead of what it was if it is shown already. Nobody may be waiting to receive it. */
  show(value: T): void {
    const { waiter } = this;
    waiter.value = value;
    if (waiter.side === null) this.side.push(waiter);
  }

  /** It cannot be taken any more. */
  hide(): void {
    const { waiter } = this;
    waiter.value = undefined;
    if (waiter.side !== null) this.side.remove(waiter);
  }
}
