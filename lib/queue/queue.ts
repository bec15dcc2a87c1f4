/**
 * Values on their way from those who put them to those who get them.
 *
 * - Somebody waits to get only while it is empty, and to put only while it is full.
 * - Who gets takes the next value and lets in the one who has waited longest to put, in one step.
 * - Whoever looks for a value finds the next one on offer, so every way to receive meets it; a put is a send to a
 *   sink with room. To put and to get without waiting do the same by themselves: most need not wait.
 */
import { caller, isPlain } from '../kernel/caller.js';
import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { offer, receive, send, take } from '../kernel/meeting.js';
import { isThenable, readOptions, whole, type WaitOptions } from '../kernel/options.js';
import { proceed } from '../kernel/park.js';
import { letGo } from '../kernel/wait.js';
import { NEXTING, RECEIVING } from '../kernel/waiter.js';
import { Head } from './head.js';
import { Row, type Shelf } from './shelf.js';
import { Tally } from './tally.js';

type Step<T> = IteratorResult<T, undefined>;

export interface QueueOptions {
  /** How many values it keeps, from 1, before who puts must wait; no limit by default. */
  maxSize?: number;
  /** Shown in `dump()` and in error messages. */
  name?: string;
}

/**
 * Keeps values between those who put them and those who get them: first in, first out.
 *
 * Both are served first come, first served, without overtaking. After {@link Queue.close} what is in it can
 * still be got. For a hand-over without keeping anything, use a `Channel`.
 * Source: Python `queue.Queue`; `close` as Go's, for Python's `shutdown`.
 *
 * @example
 * const jobs = new Queue<string>({ maxSize: 10, name: 'jobs' });
 * spawn(async () => {
 *   await jobs.put('the dishes');
 *   jobs.close();
 * });
 * for await (const job of jobs) {
 *   job; // 'the dishes'
 * }
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly name: string;
  /** How many values it keeps before who puts must wait. */
  readonly maxSize: number;
  /** @internal */
  protected readonly title: string;
  /** @internal Those who wait to put. */
  protected readonly puts: Channel<unknown>;
  /** Those who wait to get, or else the next value. */
  private readonly gets: Channel<T>;
  private readonly head: Head;
  private readonly shelf: Shelf;
  /** What was put and not reported done. */
  private readonly unfinished: Tally;

  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: QueueOptions);
  /** @internal */
  constructor(options: QueueOptions | undefined, shelf: Shelf);
  constructor(options?: QueueOptions, shelf: Shelf = new Row()) {
    const { maxSize = Infinity, name } = readOptions(options, ['maxSize', 'name'], 'Queue');
    this.maxSize = maxSize === Infinity ? maxSize : whole(maxSize, 1, 'maxSize', 'Queue');
    this.name = nameOf(name, 'Queue');
    this.title = titled('queue', this.name);
    this.shelf = shelf;
    this.puts = line(`put into ${this.title}`);
    this.puts.sink = this;
    this.gets = line(`get from ${this.title}`);
    this.head = new Head(this.gets, shelf, this);
    this.unfinished = new Tally(`join ${this.title}`);
  }

  /** How many values it keeps; those who wait to put are not counted. */
  get size(): number {
    return this.shelf.size;
  }

  /** Who gets must wait. */
  get empty(): boolean {
    return this.shelf.size === 0;
  }

  /** Who puts must wait. */
  get full(): boolean {
    return this.shelf.size >= this.maxSize;
  }

  /** `close()` was called. There may still be values in it. */
  get closing(): boolean {
    return this.puts.closing;
  }

  /** `close()` was called, and all values were got. */
  get closed(): boolean {
    return this.closing && this.empty && this.puts.closed;
  }

  /**
   * Puts `value` last; waits while the queue is full.
   *
   * The caller goes on at once if there is room; if somebody waits for a value they have it in the same step,
   * and go to the end of the ring. Killed, timed out or aborted while it waits, the value was not put. Closed
   * while it waits, it stays on offer.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {ChannelClosedError} the queue is closing; carries the value.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   * @throws {TypeError} `value` is a promise or another thenable, which no `await` would deliver unharmed.
   */
  put(value: T, options?: WaitOptions): Promise<void> {
    return this.send(value, options);
  }

  /**
   * Puts `value` last if the queue is not full; never waits.
   *
   * @returns whether it was put.
   * @throws {ChannelClosedError} the queue is closing. {TypeError} `value` is a thenable.
   */
  tryPut(value: T): boolean {
    return this.puts.trySend(value);
  }

  /** A case of {@link select}: to put `value`. */
  putting(value: T): Case<void> {
    return this.puts.sending(value);
  }

  /**
   * Takes the next value; waits while the queue is empty.
   *
   * If there is one the caller goes on at once, and who has waited longest to put goes to the end of the ring.
   * Killed, timed out or aborted while it waits, it takes nothing.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {ChannelClosedError} the queue is closed.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  get(options?: WaitOptions): Promise<T> {
    const me = caller();
    if (!isPlain(me, options)) return take(this.gets, me, RECEIVING, options) as Promise<T>;
    if (this.empty) return receive(this.gets, me, RECEIVING) as Promise<T>;
    return proceed(me, this.remove()) as Promise<T>;
  }

  /**
   * Takes the next value if there is one; never waits.
   *
   * @returns the value in an object, since `undefined` is a value too; `undefined` if the queue is empty.
   * @throws {ChannelClosedError} the queue is closed.
   */
  tryGet(): { value: T } | undefined {
    return this.gets.tryReceive();
  }

  /** A case of {@link select}: to get the next value. If the queue is closed, the select rejects. */
  getting(): Case<T> {
    return this.gets.receiving();
  }

  /** Gets as an iterator does: says `done` when the queue is closed. */
  next(options?: WaitOptions): Promise<IteratorResult<T, undefined>> {
    const me = caller();
    if (!isPlain(me, options)) return take(this.gets, me, NEXTING, options) as Promise<Step<T>>;
    if (this.empty) return receive(this.gets, me, NEXTING) as Promise<Step<T>>;
    return proceed(me, { value: this.remove(), done: false }) as Promise<Step<T>>;
  }

  /** A case of {@link select}: to get as {@link Queue.next} does, so that the end is a value. */
  nexting(): Case<IteratorResult<T, undefined>> {
    return this.gets.nexting();
  }

  /** Gets until the queue is closed. To `break` leaves it usable, and takes no value too many. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return { next: () => this.next() };
  }

  /** The next value, in an object, without taking it; `undefined` if the queue is empty. */
  peek(): { value: T } | undefined {
    return this.empty ? undefined : { value: this.shelf.peek() as T };
  }

  /**
   * Lets nobody put any more. What is in it, and what those who wait already want to put, can still be got;
   * after that, who gets is told that the queue is closed. To end it at once, {@link Queue.clear} it as well. To
   * close again changes nothing.
   *
   * @param error with this, who gets (also in a `for await`) has it instead, once the queue is empty.
   * @throws {TypeError} `error` is no `Error`.
   */
  close(error?: Error): void {
    this.gets.close(error);
    this.puts.close();
  }

  /**
   * Takes out everything, also what those who wait want to put (they go on), and counts it as done.
   *
   * @returns what it was, in the order in which it would have been got.
   */
  clear(): T[] {
    const all: T[] = [];
    while (!this.empty) {
      const { value } = this.gets.tryReceive() as { value: T };
      all.push(value);
    }
    // Some of them may have been reported done before.
    this.unfinished.done(all.length);
    return all;
  }

  /**
   * Reports that what was got is done, for those who join.
   *
   * @throws {StateError} more were reported than were put.
   */
  taskDone(): void {
    if (this.unfinished.none) throw new StateError(`${this.title}: more were reported done than were put`);
    this.unfinished.done(1);
  }

  /**
   * Waits until everything that was put was reported done; at once if there is nothing.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  join(options?: WaitOptions): Promise<void> {
    return this.unfinished.line.receive(options);
  }

  /** A case of {@link select}: that everything was reported done. */
  joining(): Case<void> {
    return this.unfinished.line.receiving();
  }

  /** @internal {@link Queue.put}, as the shelf keeps it. */
  protected send(value: unknown, options: WaitOptions | undefined): Promise<void> {
    if (isThenable(value)) return this.puts.send(value, options);
    const me = caller();
    if (!isPlain(me, options)) return offer(this.puts, me, value, false, options) as Promise<void>;
    if (this.full || this.closing) return send(this.puts, me, value, false) as Promise<void>;
    this.keep(value);
    return proceed(me, undefined) as Promise<void>;
  }

  /** Takes the next value, since there is one, and lets in who has waited longest to put. */
  private remove(): unknown {
    this.head.forget();
    const value = this.shelf.take();
    const next = this.puts.senders.first;
    if (next !== null) {
      const put = next.value;
      letGo(next);
      this.keep(put);
    }
    return value;
  }

  // Between the two lines ---------------------------------------------------------------------------------

  /** @internal There is room. */
  get open(): boolean {
    return !this.full;
  }

  /** @internal Somebody puts. */
  accept(value: unknown): boolean {
    if (this.full) return false;
    this.keep(value);
    return true;
  }

  /** @internal The next value was taken. */
  taken(): void {
    this.remove();
  }

  /** @internal */
  original(value: unknown): unknown {
    return value;
  }

  private keep(value: unknown): void {
    this.unfinished.add();
    // Whoever waits does because it is empty.
    if (this.gets.receivers.first !== null) this.gets.trySend(this.original(value) as T);
    else {
      this.shelf.put(value);
      this.head.forget();
    }
  }
}
