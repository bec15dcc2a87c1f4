/**
 * Where tasklets meet.
 *
 * - A value is with the sender or with the receiver, never with both and never with neither: to pair them is
 *   one step, and nothing that happens later can undo it.
 * - First come, first served, on either side.
 * - No sender and receiver who could pair ever stand here together.
 * - Closed stays closed. To close is the only way to wake everybody.
 *
 * A channel holds no values, only those who wait.
 */
import { caller, isPlain } from './caller.js';
import { Case } from './case.js';
import {
  CLOSED,
  ending,
  finish,
  offer,
  post,
  receive,
  refusal,
  send,
  take,
  type Final,
  type Sink,
  type Source,
} from './meeting.js';
import { isThenable, oneOf, readOptions, show, type WaitOptions } from './options.js';
import { sendAll } from './send-all.js';
import { letGo, meet } from './wait.js';
import { NEXTING, RECEIVING, SENDING, Side } from './waiter.js';

/** Who goes on at once when two meet. */
export type Preference = 'receiver' | 'sender' | 'neither';

const PREFERENCES: readonly Preference[] = ['receiver', 'sender', 'neither'];

export interface ChannelOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
  /** Who goes on at once when two meet; `'receiver'` by default, as in Stackless. */
  preference?: Preference;
}

let channels = 0;

/**
 * A rendezvous: a sender waits for a receiver, a receiver for a sender.
 *
 * Source: Stackless `channel`; `close` and the `try` twins as in Go.
 *
 * @example
 * const line = new Channel<string>({ name: 'line' });
 * spawn(() => line.send('hello'));
 * await line.receive(); // 'hello'
 */
export class Channel<T> implements AsyncIterable<T> {
  readonly name: string;
  /** @internal Those who wait, on either side. */
  readonly senders: Side;
  /** @internal */
  readonly receivers: Side;
  /** @internal What it is called in `dump()`; by default by its side and name. */
  label: string | undefined = undefined;
  /** @internal */
  prefers: Preference = 'receiver';
  /** @internal */
  final: Final | null = null;
  /** @internal */
  source: Source | null = null;
  /** @internal */
  sink: Sink | null = null;

  /** @throws {TypeError} an unknown option, a name that is no string, a preference that does not exist. */
  constructor(options?: ChannelOptions) {
    this.senders = new Side(this, true);
    this.receivers = new Side(this, false);
    channels++;
    if (options === undefined) {
      this.name = `channel-${channels}`;
      return;
    }
    const { name, preference } = readOptions(options, ['name', 'preference'], 'Channel');
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`Channel: name must be a string, not ${show(name)}`);
    }
    this.name = name ?? `channel-${channels}`;
    if (preference !== undefined) this.preference = preference;
  }

  /**
   * Who goes on at once when two meet; read when the second one arrives.
   *
   * With `'receiver'` a send to a waiting receiver gives it the turn, and the sender goes to the end of the
   * ring. With `'sender'` a receive from a waiting sender does. In all other cases, and with `'neither'`, the
   * one who came second goes on and the other one goes to the end of the ring.
   * Source: Stackless `channel.preference`, -1, 1 and 0.
   */
  get preference(): Preference {
    return this.prefers;
  }

  set preference(preference: Preference) {
    this.prefers = oneOf(preference, PREFERENCES, 'preference', 'Channel');
  }

  /** How many senders wait here; if negative, how many receivers. Source: Stackless `channel.balance`. */
  get balance(): number {
    return this.senders.size - this.receivers.size;
  }

  /** `close()` was called. Senders who waited then may still be waiting. */
  get closing(): boolean {
    return this.final !== null;
  }

  /** `close()` was called, and nobody waits to send any more. */
  get closed(): boolean {
    return this.final !== null && this.senders.size === 0;
  }

  /**
   * Hands `value` to a receiver; waits until one comes.
   *
   * If a receiver is waiting it runs next and the caller goes to the end of the ring (see
   * {@link Channel.preference}; Stackless `channel.send`). Killed, timed out or aborted while it waits, the
   * offer is taken back: nobody will receive it. Closed while it waits, it stays on offer.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @returns when a receiver has taken the value.
   * @throws {ChannelClosedError} the channel is closing; carries the value.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   * @throws {TypeError} `value` is a promise or another thenable, which no `await` would deliver unharmed:
   * send what it comes to, or an object that holds it.
   * @example
   * const line = new Channel<string>();
   * spawn(() => line.send('hello'));
   * await line.receive(); // 'hello'
   */
  send(value: T, options?: WaitOptions): Promise<void> {
    if (isThenable(value)) return Promise.reject(thenable(this));
    const me = caller();
    const sent = isPlain(me, options) ? send(this, me, value, false) : offer(this, me, value, false, options);
    return sent as Promise<void>;
  }

  /**
   * Raises `error` at a receiver; waits until one comes, and schedules like {@link Channel.send}.
   *
   * The receiver gets this very object, and the channel stays usable.
   * Source: Stackless `channel.send_throw`.
   *
   * @throws as {@link Channel.send}; {TypeError} when `error` is no `Error`.
   */
  sendError(error: Error, options?: WaitOptions): Promise<void> {
    if (!(error instanceof Error)) {
      return Promise.reject(
        new TypeError(`${this.describe(true)}: sendError takes an Error, not ${show(error)}`),
      );
    }
    return offer(this, caller(), error, true, options) as Promise<void>;
  }

  /**
   * Sends each of `values` in turn; the next one is asked for when the last one was taken.
   *
   * If it ends early (closed, killed) the rest is not asked for, and the source's own clean-up runs.
   * Source: Stackless `channel.send_sequence`.
   *
   * @returns how many were sent.
   * @throws what `values` raises; otherwise as {@link Channel.send}.
   */
  sendAll(values: Iterable<T> | AsyncIterable<T>): Promise<number> {
    return sendAll(this, values, () => new Channel());
  }

  /**
   * Takes a value from a sender; waits until one comes.
   *
   * If a sender is waiting the caller goes on and the sender goes to the end of the ring (see
   * {@link Channel.preference}; Stackless `channel.receive`). Killed, timed out or aborted while it waits, it
   * takes nothing.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {ChannelClosedError} the channel has ended, or what it was closed with.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   * @throws what a sender sent with {@link Channel.sendError}.
   */
  receive(options?: WaitOptions): Promise<T> {
    const me = caller();
    return (
      isPlain(me, options) ? receive(this, me, RECEIVING) : take(this, me, RECEIVING, options)
    ) as Promise<T>;
  }

  /**
   * Receives as an iterator does: says `done` when the channel has ended.
   *
   * `for await (const value of channel)` uses it. To `break` leaves the channel usable, and takes no value
   * too many.
   *
   * @throws what the channel was closed with; what a sender sent with {@link Channel.sendError}.
   */
  next(options?: WaitOptions): Promise<IteratorResult<T, undefined>> {
    const me = caller();
    const got = isPlain(me, options) ? receive(this, me, NEXTING) : take(this, me, NEXTING, options);
    return got as Promise<IteratorResult<T, undefined>>;
  }

  /** Ends nothing: others may go on iterating. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next() };
  }

  /**
   * Hands `value` to a receiver if one is waiting; never waits itself. The receiver goes to the end of the ring.
   *
   * @returns whether somebody took it.
   * @throws {ChannelClosedError} the channel is closing. {TypeError} `value` is a thenable.
   */
  trySend(value: T): boolean {
    if (isThenable(value)) throw thenable(this);
    if (this.final !== null) throw refusal(this, value);
    const peer = this.receivers.first;
    if (peer === null) return this.sink !== null && this.sink.accept(value);
    const taker = meet(peer, value, false);
    taker.scheduler.wake(taker);
    return true;
  }

  /**
   * Takes a value from a sender if one is waiting; never waits itself. The sender goes to the end of the ring.
   *
   * @returns the value in an object, since `undefined` is a value too; `undefined` if nobody is sending.
   * @throws what the sender sent with {@link Channel.sendError}; what the channel ended with.
   */
  tryReceive(): { value: T } | undefined {
    if (this.source !== null) this.source.poll();
    const peer = this.senders.first;
    if (peer === null) {
      if (this.final === null) return undefined;
      const { failed, value } = ending(this, RECEIVING);
      if (failed) throw value as Error;
      return { value: value as T };
    }
    const { value, failed } = peer;
    letGo(peer);
    if (failed) throw value as Error;
    return { value: value as T };
  }

  /**
   * Queues a send and does not wait; for callbacks, which cannot. It is served in order like any other.
   *
   * @param taken called in a microtask of its own when a receiver has taken the value; never if nobody does.
   * @throws {ChannelClosedError} the channel is closing. {TypeError} `value` is a thenable.
   */
  post(value: T, taken?: () => void): void {
    if (isThenable(value)) throw thenable(this);
    if (this.final !== null) throw refusal(this, value);
    post(this, value, false, taken);
  }

  /** {@link Channel.post} for an error. */
  postError(error: Error, taken?: () => void): void {
    if (this.final !== null) throw refusal(this, error);
    post(this, error, true, taken);
  }

  /**
   * Ends the channel: no more sends. Senders who are waiting are still received, in order.
   *
   * Waiting receivers are woken, in order, and go to the end of the ring. From then on `receive` rejects with
   * {@link ChannelClosedError} and iteration ends. To close again changes nothing.
   *
   * @param error with this, receivers and iterations get it instead.
   */
  close(error?: Error): void {
    if (error !== undefined && !(error instanceof Error)) {
      throw new TypeError(`${this.describe(false)}: close takes an Error, not ${show(error)}`);
    }
    finish(this, error === undefined ? CLOSED : { failed: true, value: error });
  }

  /** A case of {@link select}: to send `value` here. */
  sending(value: T): Case<void> {
    if (isThenable(value)) throw thenable(this);
    return new Case<void>(this, SENDING, value);
  }

  /** A case of {@link select}: to receive from here. If the channel has ended, the select rejects. */
  receiving(): Case<T> {
    return new Case<T>(this, RECEIVING, undefined);
  }

  /** A case of {@link select}: to receive from here as {@link Channel.next} does, so that the end is a value. */
  nexting(): Case<IteratorResult<T, undefined>> {
    return new Case<IteratorResult<T, undefined>>(this, NEXTING, undefined);
  }

  /** @internal What who stands on one side waits for. */
  describe(sending: boolean): string {
    return this.label ?? `${sending ? 'send' : 'receive'} on channel '${this.name}'`;
  }

  /** @internal Ends the channel with a value: every receive, now and later, gets it. */
  closeWith(value: unknown): void {
    finish(this, { failed: false, value });
  }

  /** @internal Ends the channel with an error, whatever was thrown: every receive, now and later, gets it. */
  failWith(error: unknown): void {
    finish(this, { failed: true, value: error });
  }

  /** @internal Lets `source` feed the channel. */
  feed(source: Source): this {
    this.source = source;
    this.receivers.emptied = () => {
      source.disarm();
    };
    return this;
  }
}

function thenable(channel: { describe(sending: boolean): string }): TypeError {
  return new TypeError(
    `${channel.describe(true)}: a promise cannot pass through an await unharmed; ` +
      'send what it comes to, or an object that holds it',
  );
}
