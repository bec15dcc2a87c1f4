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

/** The fewest places a {@link Row} has, and the most it keeps when it is empty: a burst is not remembered. */
const FEWEST = 16;
const MOST = 1024;

/** First in, first out: a circle of places that grows when it is full. */
export class Row implements Shelf {
  private places: unknown[] = new Array<unknown>(FEWEST);
  private first = 0;
  size = 0;

  put(value: unknown): void {
    if (this.size === this.places.length) this.grow();
    this.places[(this.first + this.size++) & (this.places.length - 1)] = value;
  }

  peek(): unknown {
    return this.places[this.first];
  }

  take(): unknown {
    const { places, first } = this;
    const value = places[first];
    places[first] = undefined;
    this.first = (first + 1) & (places.length - 1);
    if (--this.size === 0 && places.length > MOST) {
      this.places = new Array<unknown>(FEWEST);
      this.first = 0;
    }
    return value;
  }

  private grow(): void {
    const { places, first } = this;
    const { length } = places;
    // A power of two, so that a mask finds the place.
    const more = new Array<unknown>(2 * length);
    for (let i = 0; i < length; i++) more[i] = places[(first + i) & (length - 1)];
    this.places = more;
    this.first = 0;
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
