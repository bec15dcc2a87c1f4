/**
 * The values of a map that are in work or whose results wait to be taken: never more than a limit.
 *
 * The next result stands on offer, so that every way to receive meets it there. An error is the last result.
 */
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import type { Source } from '../kernel/meeting.js';
import { Offer } from '../kernel/offer.js';
import type { Feed } from './feed.js';
import type { Worker } from './worker.js';

/** One value, and what comes of it. */
export class Piece {
  after: Piece | null = null;
  settled = false;
  failed = false;
  /** The value until it is settled, then the result or the error. */
  content: unknown;
  readonly index: number;

  constructor(content: unknown, index: number) {
    this.content = content;
    this.index = index;
  }
}

export class Window implements Source {
  readonly limit: number;
  readonly source: Feed;
  /** Where the results come. */
  readonly line: Channel<unknown> = line('the next result of a map');
  /** How many are in work or wait to be taken. */
  size = 0;
  /** Somebody has asked for a result that was not there. */
  wanted = false;
  /** No more values are taken in. */
  done = false;
  private readonly ordered: boolean;
  private readonly head: Offer<unknown> = new Offer(this.line, this);
  readonly worker: Worker;
  private readonly broken: () => void;
  /** In the order of the values, or, if results come as they are ready, those that are settled. */
  private first: Piece | null = null;
  private last: Piece | null = null;
  private index = 0;

  /** @param broken told when somebody has taken the error. */
  constructor(
    source: Feed,
    limit: number,
    ordered: boolean,
    worker: (window: Window) => Worker,
    broken: () => void,
  ) {
    this.source = source;
    this.limit = limit;
    this.ordered = ordered;
    this.broken = broken;
    this.line.feed(this);
    this.worker = worker(this);
  }

  /** There is room for one more, and there may be one. */
  get open(): boolean {
    return this.size < this.limit && !this.done;
  }

  /** What can be taken now, an error not counted. */
  get ready(): Piece | null {
    const { first } = this;
    return first !== null && first.settled && !first.failed ? first : null;
  }

  /** Takes in what comes next of a source that answers at once; `null` if there is no room, or nothing. */
  pull(): Piece | null {
    if (!this.open) return null;
    try {
      const step = this.source.now();
      if (step.done !== true) return this.put(step.value);
      this.end();
    } catch (error) {
      this.fail(error);
    }
    return null;
  }

  /** Takes in one more value. */
  put(value: unknown): Piece {
    const piece = new Piece(value, this.index++);
    this.size++;
    if (this.ordered) this.append(piece);
    return piece;
  }

  settle(piece: Piece, failed: boolean, content: unknown): void {
    piece.settled = true;
    piece.failed = failed;
    piece.content = content;
    if (!this.ordered) this.append(piece);
    if (piece === this.first) this.look();
  }

  /** Nothing more comes of the source. */
  end(): void {
    this.done = true;
    this.look();
  }

  /** Ends it with an error, which comes after what was begun. */
  fail(error: unknown): void {
    if (this.done) return;
    this.done = true;
    this.settle(this.put(undefined), true, error);
  }

  /** Nobody wants anything any more. */
  close(): void {
    this.done = true;
    this.first = null;
    this.head.hide();
    const broken = this.line.senders.size > 0;
    this.line.close();
    if (!broken) return;
    try {
      this.line.tryReceive();
    } catch {
      // An error that nobody has waited for.
    }
  }

  /** What is ready was taken; also told by the offer. */
  taken(): void {
    this.drop();
    this.look();
    // Not for each one: half of the room is worth the effort.
    if (2 * this.size <= this.limit) this.worker.refill();
  }

  private append(piece: Piece): void {
    if (this.first === null) this.first = piece;
    else (this.last as Piece).after = piece;
    this.last = piece;
  }

  private drop(): void {
    this.first = (this.first as Piece).after;
    this.size--;
  }

  /** Gives what is ready to those who wait, and offers what is left. */
  private look(): void {
    const { line } = this;
    if (line.closing) return;
    for (let piece = this.first; piece?.settled === true; piece = this.first) {
      if (piece.failed) {
        this.break(piece.content);
        return;
      }
      if (line.receivers.first === null) {
        this.wanted = false;
        this.head.show(piece.content);
        return;
      }
      this.drop();
      line.trySend(piece.content);
    }
    this.head.hide();
    if (this.size === 0 && this.done) line.close();
  }

  private break(error: unknown): void {
    this.done = true;
    this.head.hide();
    this.line.postError(error as Error, this.broken);
    this.line.close();
  }

  // How it feeds its line: somebody begins to work ----------------------------------------------------------

  poll(): void {
    if (this.head.shown || this.line.closing) return;
    this.wanted = true;
    this.worker.refill();
  }

  arm(): void {
    // Told already: who waits has asked.
  }

  disarm(): void {
    this.wanted = false;
  }
}
