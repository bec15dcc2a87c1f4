/**
 * What a queue keeps its values in; it decides which one is next.
 */
export interface Shelf {
  readonly size: number;
  put(value: unknown): void;
  /** The next one; there is one. */
  peek(): unknown;
  /** Takes the next one out; there is one. */
  take(): unknown;
}

/** How many places the first stretch of a {@link Row} has; each is twice as long as the one before, up to a limit. */
const SHORT = 16;
const LONG = 32768;
/** How many it keeps at most when it is empty. */
const MOST = 256;

/** Places one after the other. */
class Stretch {
  readonly places: unknown[];
  after: Stretch | null = null;

  constructor(length: number) {
    this.places = new Array<unknown>(length);
  }
}

/**
 * First in, first out: a chain of stretches, filled at one end and emptied at the other.
 *
 * Not a circle of places that grows: a million values would be moved each time, and all of it is in use to the end.
 */
export class Row implements Shelf {
  size = 0;
  private head: Stretch = new Stretch(SHORT);
  private tail: Stretch = this.head;
  /** The place of the next one in the head. */
  private first = 0;
  /** The next free place in the tail. */
  private free = 0;
  /** The stretch emptied last, for the next one that is needed. */
  private spare: Stretch | null = null;

  put(value: unknown): void {
    if (this.free === this.tail.places.length) this.extend();
    this.tail.places[this.free++] = value;
    this.size++;
  }

  peek(): unknown {
    return this.head.places[this.first];
  }

  take(): unknown {
    const { places } = this.head;
    const value = places[this.first];
    places[this.first++] = undefined;
    if (--this.size === 0) {
      // Head and tail are the same one now.
      this.first = 0;
      this.free = 0;
      this.spare = null;
      // A burst is not remembered.
      if (places.length > MOST) this.head = this.tail = new Stretch(SHORT);
    } else if (this.first === places.length) this.shorten();
    return value;
  }

  private extend(): void {
    const next = this.spare ?? new Stretch(Math.min(2 * this.tail.places.length, LONG));
    this.spare = null;
    this.tail.after = next;
    this.tail = next;
    this.free = 0;
  }

  /** The head is empty, and there is more behind it. */
  private shorten(): void {
    const { head } = this;
    this.head = head.after as Stretch;
    this.first = 0;
    head.after = null;
    if (head.places.length === LONG) this.spare = head;
  }
}

/** Last in, first out. */
export class Stack implements Shelf {
  private readonly values: unknown[] = [];

  get size(): number {
    return this.values.length;
  }

  put(value: unknown): void {
    this.values.push(value);
  }

  peek(): unknown {
    return this.values[this.values.length - 1];
  }

  take(): unknown {
    return this.values.pop();
  }
}
