/**
 * The values of a map that are in work or whose results wait to be taken: never more than a limit.
 */
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import { Backlog, type Entry } from './backlog.js';
import { Feed, type Answer } from './feed.js';

/** One value, and what comes of it. */
export class Piece implements Entry<Piece> {
  before: Piece | null = null;
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

export class Window {
  readonly limit: number;
  readonly source: Feed;
  /** Told when there may be something to take. */
  readonly arrived: Channel<void> = line('the next result of a map');
  /** In the order of the values; with those that are settled if results come in order. */
  private readonly work: Backlog<Piece> = new Backlog();
  /** As they were settled; `null` if results come in order. */
  private readonly ripe: Backlog<Piece> | null;
  private index = 0;

  constructor(values: Iterable<unknown> | AsyncIterable<unknown>, limit: number, ordered: boolean) {
    this.source = new Feed(values);
    this.limit = limit;
    this.ripe = ordered ? null : new Backlog();
  }

  get size(): number {
    return this.work.size + (this.ripe === null ? 0 : this.ripe.size);
  }

  /** There is room for one more. */
  get open(): boolean {
    return this.size < this.limit;
  }

  /** What can be taken now. */
  get ready(): Piece | null {
    if (this.ripe !== null) return this.ripe.first;
    const { first } = this.work;
    return first !== null && first.settled ? first : null;
  }

  /** The next value, if there is one without waiting and room for it. */
  pull(): Piece | null {
    for (;;) {
      const answer = this.open ? this.source.now() : undefined;
      if (answer === undefined) return null;
      const piece = this.add(answer);
      if (piece !== null && !piece.settled) return piece;
    }
  }

  /** Takes in what the source has answered; `null` if that was its end. Its error is the last of the pieces. */
  add(answer: Answer): Piece | null {
    if ('error' in answer) {
      const piece = this.put(undefined);
      this.settle(piece, true, answer.error);
      return piece;
    }
    if (answer.done !== true) return this.put(answer.value);
    this.source.end();
    this.tell();
    return null;
  }

  settle(piece: Piece, failed: boolean, content: unknown): void {
    piece.settled = true;
    piece.failed = failed;
    piece.content = content;
    if (this.ripe !== null) {
      this.work.delete(piece);
      this.ripe.push(piece);
      this.tell();
    } else if (piece === this.work.first) this.tell();
  }

  /** Takes out a piece that is ready. */
  take(piece: Piece): void {
    (this.ripe ?? this.work).delete(piece);
  }

  /** Wakes who waits: it is to look again. */
  tell(): void {
    this.arrived.trySend(undefined);
  }

  private put(value: unknown): Piece {
    const piece = new Piece(value, this.index++);
    this.work.push(piece);
    return piece;
  }
}
