/**
 * Stackless's channel.
 *
 * Not the native one, which closes for good, can limit every wait, and has no slot that others may change.
 * Both are a pair of queues of waiters; this one's hold tasklets of one world only.
 */
import { callable, show } from '../kernel/options.js';
import { Side } from '../kernel/waiter.js';
import { withTurn } from './calling.js';
import { RuntimeError, StopIteration, ValueError, type ErrorClass } from './errors.js';
import { Life } from './life.js';
import { payload } from './payload.js';
import type { Tasklet } from './tasklet.js';

/** A whole number, as Python takes a truth value for one. */
function integer(value: unknown, name: string): number {
  const number = typeof value === 'boolean' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw new TypeError(`Channel: ${name} must be an integer, not ${show(value)}`);
}

/**
 * A rendezvous of tasklets: whoever comes first waits for the other one.
 *
 * Source: Stackless `channel`.
 */
export class Channel<T = unknown> implements AsyncIterableIterator<T> {
  #preference = -1;
  #scheduleAll = false;
  #closing = false;
  readonly #senders: Side;
  readonly #receivers: Side;

  constructor() {
    const words = {
      describe: (sending: boolean) => `${sending ? 'send' : 'receive'} on a Stackless channel`,
    };
    this.#senders = new Side(words, true);
    this.#receivers = new Side(words, false);
  }

  /**
   * Who has the turn when two meet: a receiver that waited (-1, the default), a sender that waited (1), or
   * whoever came second (0). Read when the second one comes. Other integers count by their sign.
   */
  get preference(): number {
    return this.#preference;
  }

  set preference(preference: number) {
    this.#preference = Math.sign(integer(preference, 'preference'));
  }

  /** When two meet, whoever waited goes last, and whoever came yields too, whatever the preference is. */
  get scheduleAll(): boolean {
    return this.#scheduleAll;
  }

  set scheduleAll(flag: boolean | number) {
    this.#scheduleAll = integer(flag, 'scheduleAll') !== 0;
  }

  /** How many senders wait; if negative, how many receivers. */
  get balance(): number {
    return this.#senders.size - this.#receivers.size;
  }

  /** The first of those who wait, `null` if nobody does; its `next` is the one behind it. */
  get queue(): Tasklet | null {
    return Life.of(this.#senders.first ?? this.#receivers.first ?? undefined)?.handle ?? null;
  }

  /** `close()` was called. */
  get closing(): boolean {
    return this.#closing;
  }

  /** `close()` was called, and nobody waits. */
  get closed(): boolean {
    return this.#closing && this.balance === 0;
  }

  /** From now on nobody may begin to wait here. Who does already is not woken, and can be met. */
  close(): void {
    this.#closing = true;
  }

  /** Takes {@link Channel.close} back. */
  open(): void {
    this.#closing = false;
  }

  /**
   * Hands `value` to a receiver; waits until one comes.
   *
   * @throws {RuntimeError} nobody else could run, or the caller must not block. {ValueError} it would have
   * to wait, and the channel is closed. {TypeError} `value` is a promise or another thenable.
   */
  send(value: T): Promise<void> {
    return this.#offer(() => payload<unknown>(value, 'send'), false);
  }

  /** Raises `error`, this very object, in a receiver; otherwise as {@link Channel.send}. */
  sendThrow(error: Error): Promise<void> {
    return this.#offer(() => {
      if (error instanceof Error) return error;
      throw new TypeError(`sendThrow: takes an Error, not ${show(error)}`);
    }, true);
  }

  /** `sendThrow(new ErrorClass(...args))`. */
  sendException<A extends unknown[]>(ErrorClass: ErrorClass<A>, ...args: A): Promise<void> {
    return this.#offer(() => {
      callable(ErrorClass, 'the class of the error', 'sendException');
      const error: unknown = new ErrorClass(...args);
      if (error instanceof Error) return error;
      throw new TypeError('sendException: takes a class of errors');
    }, true);
  }

  /**
   * Sends each of `values`; the next one is asked for when the last one was taken.
   *
   * @returns how many there were.
   * @throws what `values` throws; otherwise as {@link Channel.send}.
   */
  async sendSequence(values: Iterable<T> | AsyncIterable<T>): Promise<number> {
    let count = 0;
    for await (const value of values) {
      await this.send(value);
      count++;
    }
    return count;
  }

  /**
   * Takes a value from a sender; waits until one comes.
   *
   * @throws what was sent as an error; {RuntimeError} and {ValueError} as {@link Channel.send}.
   */
  receive(): Promise<T> {
    return withTurn((me) => this.#meet(me, this.#receivers, this.#senders, undefined, false)) as Promise<T>;
  }

  /** Receives, as an iterator does: done when the channel is closed and nobody sends, or got a {@link StopIteration}. */
  async next(): Promise<IteratorResult<T, undefined>> {
    if (this.#closing && this.balance <= 0) return { value: undefined, done: true };
    try {
      return { value: await this.receive(), done: false };
    } catch (error) {
      if (error instanceof StopIteration) return { value: undefined, done: true };
      throw error;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #offer(offer: () => unknown, failed: boolean): Promise<void> {
    await withTurn((me) => this.#meet(me, this.#senders, this.#receivers, offer(), failed));
  }

  /** `me` comes to its side with `value`, and meets the first of the others or waits for one. */
  #meet(me: Life, mine: Side, others: Side, value: unknown, failed: boolean): Promise<unknown> {
    const { world, waiter } = me;
    const peer = Life.of(others.first ?? undefined);
    if (world.onChannel !== null) {
      // As in Stackless, the callback finds what is being sent in the caller's tempval.
      const { slot } = me;
      me.fill(value);
      try {
        world.onChannel(this, me.handle, mine.sending, peer === undefined);
      } finally {
        me.fill(slot);
      }
    }
    if (peer === undefined) {
      if (me.handle.blockTrap) throw new RuntimeError('this tasklet does not like to be blocked.');
      if (this.#closing) throw new ValueError('Send/receive operation on a closed channel');
      return world.blockAway(me, mine, value, failed);
    }
    if (peer.world !== world) throw new RuntimeError('the channel is in use by another world');
    const prefersPeer = this.#preference === (others.sending ? 1 : -1);
    if (this.#scheduleAll || prefersPeer) world.guard(peer.waiter);

    const got = mine.sending ? undefined : peer.waiter.value;
    const gotError = !mine.sending && peer.waiter.failed;
    peer.unblock();
    peer.fill(mine.sending ? value : undefined, mine.sending && failed);
    if (!this.#scheduleAll && !prefersPeer) {
      peer.enter();
      return world.proceed(me, got, gotError);
    }
    me.fill(got, gotError);
    if (!this.#scheduleAll) return world.handOver(me, peer);
    peer.enter();
    return world.switch(me, waiter.next);
  }
}
