/**
 * A reader's wish, and the channel at which it waits for it to be fulfilled.
 *
 * The channel is fed only while somebody waits there. Bytes leave the buffer in the step in which a reader gets
 * what is made of them; so one that is killed, timed out or chose another case has taken nothing.
 */
import { Channel } from '../kernel/channel.js';
import type { Source } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import { block } from '../kernel/park.js';
import { meet } from '../kernel/wait.js';
import { RECEIVING, type Waiter } from '../kernel/waiter.js';
import type { Frame } from './frame.js';
import type { Incoming } from './incoming.js';

export class Demand<T> implements Source {
  readonly channel: Channel<T> = new Channel<T>();
  /** What the next read wants, or the present one. */
  frame: Frame<T>;
  private readonly incoming: Incoming;
  private readonly offer: Offer<T>;
  /** How many bytes go with what is on offer. */
  private length = 0;

  constructor(incoming: Incoming, frame: Frame<T>, title: string) {
    this.incoming = incoming;
    this.frame = frame;
    this.channel.label = title;
    this.channel.feed(this);
    this.offer = new Offer(this.channel, this);
  }

  /** Somebody comes to read: what is there already is put on offer. */
  poll(): void {
    const { channel, frame, incoming, offer } = this;
    // What was on offer in a select that did something else.
    offer.hide();
    if (channel.senders.first !== null) channel.senders.remove(channel.senders.first);
    try {
      incoming.admit(this);
      frame.begin?.();
      this.length = incoming.measure(frame);
      if (this.length >= 0) offer.show(frame.cut(incoming.buffer, this.length));
    } catch (error) {
      channel.postError(error as Error);
    }
  }

  /** What was on offer was taken. */
  taken(): void {
    this.incoming.take(this.length);
  }

  arm(): void {
    this.incoming.wanted(this);
  }

  disarm(): void {
    this.incoming.unwanted(this);
  }

  /** What to receive from the channel comes to for `me`, who has the turn, if nothing is there for it. */
  wait(me: Waiter): Promise<unknown> {
    me.doing = RECEIVING;
    this.arm();
    return block(me, this.channel.receivers);
  }

  /** Something has come: those who wait here get what they want, if it is complete. */
  serve(): void {
    const { channel, incoming, frame } = this;
    try {
      for (let peer = channel.receivers.first; peer !== null; peer = channel.receivers.first) {
        const length = incoming.measure(frame);
        if (length < 0) return;
        const value = frame.cut(incoming.buffer, length);
        incoming.take(length);
        frame.begin?.();
        const taker = meet(peer, value, false);
        taker.scheduler.wake(taker);
      }
    } catch (error) {
      this.refuse(error as Error);
    }
  }

  /** Those who wait here get `error`. */
  refuse(error: Error): void {
    while (this.channel.receivers.first !== null) this.channel.postError(error);
  }
}
