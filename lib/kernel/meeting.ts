/**
 * How two meet at a channel.
 *
 * Who comes second does it all: takes the first one out of its queue, hands the value over, and decides by the
 * channel's preference who goes on. Who finds nobody stands in the queue and waits.
 */
import { here } from './caller.js';
import type { Channel } from './channel.js';
import { ChannelClosedError } from './errors.js';
import { next } from './host.js';
import { limited } from './limit.js';
import type { WaitOptions } from './options.js';
import { grant, letGo, meet } from './wait.js';
import { NEXTING, POSTED, READY, RECEIVING, SENDING, TASKLET, Waiter, insertBefore } from './waiter.js';
import { block, handOver, proceed } from './park.js';

/** How a channel ended: with what its receivers get from then on. */
export interface Final {
  readonly failed: boolean;
  readonly value: unknown;
}

/** Simply closed. */
export const CLOSED: Final = { failed: true, value: undefined };

/** What feeds a channel only while somebody waits for it: a timer, a signal. */
export interface Source {
  /** Somebody wants a value now: post it if there is one. */
  poll(): void;
  /** Somebody waits. */
  arm(): void;
  /** Nobody waits any more. */
  disarm(): void;
}

/** What takes the values of senders while it has room, so that they need not wait: the store of a queue. */
export interface Sink {
  /** Whether it would take one now. */
  readonly open: boolean;
  /** Takes `value`, if it can. Must not run code of the user's. */
  accept(value: unknown): boolean;
  /** What somebody who sends `value` calls it, for the error that refuses it. */
  original(value: unknown): unknown;
}

type Meeting = Channel<unknown>;

/** Sends as `me`; what is to be raised in it has been raised. */
export function send(channel: Meeting, me: Waiter, value: unknown, failed: boolean): Promise<unknown> {
  const { scheduler } = me;
  const peer = channel.receivers.first;
  if (peer !== null) {
    if (
      me === scheduler.current &&
      peer.doing === RECEIVING &&
      peer.kind === TASKLET &&
      peer.scheduler === scheduler &&
      peer.extra === null &&
      peer.limit === null &&
      me.extra === null &&
      scheduler.observer === null &&
      channel.prefers === 'receiver' &&
      !failed
    ) {
      // The short way, on purpose written out: what the long one does when nothing is rare, in five sixths of the time.
      channel.receivers.remove(peer);
      peer.value = value;
      peer.doing = READY;
      me.doing = READY;
      const wait = me.turn();
      insertBefore(peer, me.next);
      scheduler.give(peer);
      return wait;
    }
    return deliver(channel, me, peer, value, failed, undefined);
  }
  if (channel.final !== null) return proceed(me, refusal(channel, value), true);
  if (channel.sink !== null && channel.sink.accept(value)) return proceed(me, undefined);
  me.doing = SENDING;
  me.value = value;
  me.failed = failed;
  return block(me, channel.senders);
}

/** Receives as `me`, plainly or as an iterator; what is to be raised in it has been raised. */
export function receive(channel: Meeting, me: Waiter, doing: number): Promise<unknown> {
  if (channel.source !== null) channel.source.poll();
  const peer = channel.senders.first;
  if (peer !== null) return collect(channel, me, peer, boxed(peer, doing), peer.failed);
  if (channel.final !== null) {
    const { failed, value } = ending(channel, doing);
    return proceed(me, value, failed);
  }
  me.doing = doing;
  if (channel.source !== null && channel.receivers.size === 0) channel.source.arm();
  return block(me, channel.receivers);
}

/** {@link send} as one with limits, or in which something is to be raised. */
export function offer(
  channel: Meeting,
  me: Waiter,
  value: unknown,
  failed: boolean,
  options: WaitOptions | undefined,
): Promise<unknown> {
  return limited(
    me,
    options,
    () => channel.describe(true),
    () => send(channel, me, value, failed),
  );
}

/** {@link receive} as one with limits, or in which something is to be raised. */
export function take(
  channel: Meeting,
  me: Waiter,
  doing: number,
  options: WaitOptions | undefined,
): Promise<unknown> {
  return limited(
    me,
    options,
    () => channel.describe(false),
    () => receive(channel, me, doing),
  );
}

/** Hands `value` to `peer`, the first of the receivers; to have done so comes to `outcome`. */
export function deliver(
  channel: Meeting,
  me: Waiter,
  peer: Waiter,
  value: unknown,
  failed: boolean,
  outcome: unknown,
): Promise<unknown> {
  const taker = meet(peer, value, failed);
  if (channel.prefers === 'receiver') return handOver(me, taker, outcome);
  taker.scheduler.wake(taker);
  return proceed(me, outcome);
}

/** Lets `peer`, the first of the senders, go; to have received comes to `outcome`. */
export function collect(
  channel: Meeting,
  me: Waiter,
  peer: Waiter,
  outcome: unknown,
  failed: boolean,
): Promise<unknown> {
  if (channel.prefers === 'sender' && peer.kind !== POSTED) {
    return handOver(me, grant(peer, undefined, false), outcome, failed);
  }
  letGo(peer);
  return proceed(me, outcome, failed);
}

/** What `peer`, who sends, has for one who receives in this way. */
export function boxed(peer: Waiter, doing: number): unknown {
  return doing === NEXTING && !peer.failed ? { value: peer.value, done: false } : peer.value;
}

/** `arm`, which stands nowhere, waits on the side of what it is doing. */
export function queue(channel: Meeting, arm: Waiter): void {
  if (arm.doing === SENDING) channel.senders.push(arm);
  else {
    channel.receivers.push(arm);
    if (channel.source !== null && channel.receivers.size === 1) channel.source.arm();
  }
}

/** Sends without anybody to wait for it. */
export function post(
  channel: Meeting,
  value: unknown,
  failed: boolean,
  taken: (() => void) | undefined,
): void {
  const peer = channel.receivers.first;
  if (peer !== null) {
    const taker = meet(peer, value, failed);
    taker.scheduler.wake(taker);
    if (taken !== undefined) next(taken);
    return;
  }
  const waiter = new Waiter(POSTED, here(), null);
  waiter.doing = SENDING;
  waiter.value = value;
  waiter.failed = failed;
  waiter.tag = taken;
  channel.senders.push(waiter);
}

/** Whether an operation of this kind would not wait. */
export function isReady(channel: Meeting, doing: number): boolean {
  if (doing === SENDING) {
    return channel.receivers.first !== null || channel.final !== null || channel.sink?.open === true;
  }
  if (channel.source !== null) channel.source.poll();
  return channel.senders.first !== null || channel.final !== null;
}

/** Ends the channel: all who wait to receive are woken, in order. */
export function finish(channel: Meeting, final: Final): void {
  if (channel.final !== null) return;
  channel.final = final;
  for (let peer = channel.receivers.first; peer !== null; peer = channel.receivers.first) {
    const { failed, value } = ending(channel, peer.doing);
    const taker = grant(peer, value, failed);
    taker.scheduler.wake(taker);
  }
}

/** What a receiver gets from a channel that has ended. */
export function ending(channel: Meeting, doing: number): Final {
  const final = channel.final as Final;
  if (doing === NEXTING && (final === CLOSED || !final.failed)) {
    return { failed: false, value: { value: final.value, done: true } };
  }
  if (final !== CLOSED) return final;
  return { failed: true, value: new ChannelClosedError(`${channel.describe(false)}: the channel is closed`) };
}

/** What a sender gets from a channel that is closing. */
export function refusal(channel: Meeting, value: unknown): ChannelClosedError {
  const lost = channel.sink === null ? value : channel.sink.original(value);
  return new ChannelClosedError(`${channel.describe(true)}: the channel is closed`, lost);
}
