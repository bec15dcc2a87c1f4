/**
 * The door: callback in, tasklet out.
 *
 * What a callback brings is posted to a channel, which takes no tasklet and no waiting. While more of it stands
 * there untaken than the limit allows, the source is paused; when it was taken, the source goes on. So nothing
 * is lost, and nothing piles up because a tasklet is slow. A source that cannot be paused says beforehand what
 * is to be done at the limit.
 */
import type { Case } from '../kernel/case.js';
import { Channel } from '../kernel/channel.js';
import { OverflowError } from '../kernel/errors.js';
import { oneOf, readOptions, show, type WaitOptions } from '../kernel/options.js';
import { letGo } from '../kernel/wait.js';

/** What is done with a value too many of a source that cannot be paused. */
export type Overflow = 'error' | 'drop-oldest' | 'drop-newest';

const OVERFLOWS: readonly Overflow[] = ['error', 'drop-oldest', 'drop-newest'];

export interface InboxOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
  /**
   * How many values may stand there untaken, a whole number from 1. By default 1 for a source that can be
   * paused, 1024 for another.
   */
  limit?: number;
  /**
   * For a source that cannot be paused, what comes at the limit: the inbox ends with {@link OverflowError}
   * (`'error'`, the default), or a value is dropped and counted.
   */
  overflow?: Overflow;
}

/** What an inbox says to where its values come from. Each word is said when it is news, never twice in a row. */
export interface InboxSource {
  /** No more just now. What comes all the same is kept. */
  pause?(): void;
  /** Go on. */
  resume?(): void;
  /** The inbox has ended, whoever ended it: nothing is wanted any more. */
  stop?(): void;
}

let inboxes = 0;

/**
 * Where values from callbacks wait for tasklets.
 *
 * The callback's side ({@link Inbox.put}, {@link Inbox.end}) never waits and may be called from anywhere. The
 * tasklet's side is that of a channel. If `pause` or `resume` throws, the inbox ends with that error.
 *
 * @example
 * const lines = new Inbox<string>(reader);
 * reader.on('line', (line) => lines.put(line));
 * reader.on('close', () => lines.end());
 * for await (const line of lines) await handle(line); // the reader is paused meanwhile
 */
export class Inbox<T> implements AsyncIterable<T>, Disposable {
  readonly name: string;
  /** @internal Where its values stand. */
  readonly channel: Channel<T> = new Channel<T>();
  private readonly source: InboxSource;
  private readonly canPause: boolean;
  private readonly limit: number;
  private readonly overflow: Overflow;
  private paused = false;
  private lost = 0;

  /**
   * @param source told to pause, resume and stop; a stream or a socket will do, but is not stopped.
   * @throws {TypeError | RangeError} a wrong or unknown option.
   */
  constructor(source: InboxSource = {}, options?: InboxOptions) {
    const { name, limit, overflow } = readOptions(options, ['name', 'limit', 'overflow'], 'Inbox');
    if (Object(source) !== source) {
      throw new TypeError(`Inbox: source must be an object, not ${show(source)}`);
    }
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`Inbox: name must be a string, not ${show(name)}`);
    }
    this.source = source;
    this.canPause = typeof source.pause === 'function';
    this.name = name ?? `inbox-${++inboxes}`;
    this.channel.label = `inbox '${this.name}'`;
    this.limit = limit === undefined ? (this.canPause ? 1 : 1024) : atLeastOne(limit);
    this.overflow = oneOf(overflow ?? 'error', OVERFLOWS, 'overflow', 'Inbox');
  }

  /** How many values stand there untaken. */
  get size(): number {
    return this.channel.senders.size;
  }

  /** How many values were dropped at the limit. */
  get dropped(): number {
    return this.lost;
  }

  /** It has ended; values may still stand there. */
  get closing(): boolean {
    return this.channel.closing;
  }

  /** It has ended, and all was taken. */
  get closed(): boolean {
    return this.channel.closed;
  }

  // The callback's side -----------------------------------------------------------------------------------

  /**
   * Puts `value` there, behind all others; never waits. A waiting receiver goes to the end of the ring with it.
   *
   * @returns whether it was taken in: `false` if it was dropped, or if the inbox has ended, which is no error
   * because a callback may always come late.
   * @throws {TypeError} `value` is a thenable, which no `await` would deliver unharmed.
   */
  put(value: T): boolean {
    const { channel } = this;
    if (channel.closing) return false;
    if (this.canPause) {
      channel.post(value, this.taken);
      if (!this.paused && this.size >= this.limit) {
        this.paused = true;
        this.tell('pause');
      }
      return true;
    }
    if (this.size >= this.limit && this.overflow !== 'drop-oldest') {
      this.lost++;
      if (this.overflow === 'error') this.end(this.tooMuch(value));
      return false;
    }
    channel.post(value);
    if (this.size > this.limit) {
      this.lost++;
      this.drop();
    }
    return true;
  }

  /**
   * Nothing more will come: what stands there is still received, then receivers and iterations end. To end it
   * again changes nothing.
   *
   * @param error with this, they get it instead of a plain end.
   */
  end(error?: unknown): void {
    const { channel } = this;
    if (channel.closing) return;
    if (error === undefined) channel.close();
    else channel.failWith(error);
    this.source.stop?.();
  }

  // The tasklet's side ------------------------------------------------------------------------------------

  /**
   * Takes the first value; waits until there is one. Killed, timed out or aborted while it waits, it takes
   * nothing. See {@link Channel.receive}.
   *
   * @throws {ChannelClosedError} it has ended and all was taken; otherwise what it ended with.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  receive(options?: WaitOptions): Promise<T> {
    return this.channel.receive(options);
  }

  /** Takes the first value as an iterator does: says `done` when the inbox has ended. See {@link Channel.next}. */
  next(options?: WaitOptions): Promise<IteratorResult<T, undefined>> {
    return this.channel.next(options);
  }

  /** Takes the first value if there is one; never waits. See {@link Channel.tryReceive}. */
  tryReceive(): { value: T } | undefined {
    return this.channel.tryReceive();
  }

  /** A case of `select`: to take the first value. */
  receiving(): Case<T> {
    return this.channel.receiving();
  }

  /** A case of `select`: to take the first value as {@link Inbox.next} does, so that the end is a value. */
  nexting(): Case<IteratorResult<T, undefined>> {
    return this.channel.nexting();
  }

  /** To `break` out of an iteration leaves the inbox open; {@link Inbox.close} or `using` ends it. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.channel[Symbol.asyncIterator]();
  }

  /** Nothing more is wanted: ends it, and drops what stands there. */
  close(): void {
    this.end();
    while (this.size > 0) this.drop();
  }

  /** {@link Inbox.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Called in a microtask of its own for each value that was taken. */
  private readonly taken: () => void = () => {
    if (!this.paused || this.closing || this.size >= this.limit) return;
    this.paused = false;
    this.tell('resume');
  };

  /** Drops what has stood there longest: an error that was posted, too, which is raised in nobody then. */
  private drop(): void {
    const { first } = this.channel.senders;
    if (first !== null) letGo(first);
  }

  private tell(word: 'pause' | 'resume'): void {
    try {
      this.source[word]?.();
    } catch (error) {
      this.end(error);
    }
  }

  private tooMuch(value: T): OverflowError {
    return new OverflowError(
      `${this.channel.describe(false)}: more than ${this.limit} values untaken`,
      value,
    );
  }
}

function atLeastOne(limit: unknown): number {
  if (typeof limit !== 'number') throw new TypeError(`Inbox: limit must be a number, not ${show(limit)}`);
  if (limit === Infinity || (Number.isInteger(limit) && limit >= 1)) return limit;
  throw new RangeError(`Inbox: limit must be a whole number from 1, not ${limit}`);
}
