/**
 * The next value of a queue: it stands on offer for whoever looks for it, until something changes.
 *
 * Most who get do not look: they take it from the shelf themselves.
 */
import type { Channel } from '../kernel/channel.js';
import type { Source } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import type { Shelf } from './shelf.js';

export class Head implements Source {
  private readonly shelf: Shelf;
  private readonly offer: Offer<unknown>;
  private readonly owner: { taken(): void };

  /** @param owner told when it was taken from `gets`. */
  constructor(gets: Channel<unknown>, shelf: Shelf, owner: { taken(): void }) {
    this.shelf = shelf;
    this.owner = owner;
    this.offer = new Offer(gets, this);
    gets.source = this;
  }

  /** It is not the next one any more, or may not be. */
  forget(): void {
    if (this.offer.shown) this.offer.hide();
  }

  /** It was taken from who offers it. */
  taken(): void {
    this.offer.hide();
    this.owner.taken();
  }

  /** Somebody looks. */
  poll(): void {
    if (this.shelf.size > 0) this.offer.show(this.shelf.peek());
  }

  arm(): void {
    // Whoever puts looks whether somebody waits.
  }

  disarm(): void {
    // As above.
  }
}
