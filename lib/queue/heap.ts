import type { Shelf } from './shelf.js';

/** A value and its rank, found out before it was put: nothing here calls code of the user's. */
export class Ranked {
  readonly value: unknown;
  readonly rank: number;
  /** When it came in. */
  readonly order: number;

  constructor(value: unknown, rank: number, order = 0) {
    this.value = value;
    this.rank = rank;
    this.order = order;
  }

  before(other: Ranked): boolean {
    return this.rank < other.rank || (this.rank === other.rank && this.order < other.order);
  }
}

/** The lowest rank first, and of equals the one that came first: a binary heap. */
export class Heap implements Shelf {
  private readonly heap: Ranked[] = [];
  private count = 0;

  get size(): number {
    return this.heap.length;
  }

  put({ value, rank }: Ranked): void {
    const { heap } = this;
    // One of its own: what is put again and again (a case of a select) comes in each time anew.
    const ranked = new Ranked(value, rank, this.count++);
    let place = heap.length;
    heap.push(ranked);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Ranked;
      if (parent.before(ranked)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = ranked;
  }

  peek(): unknown {
    return (this.heap[0] as Ranked).value;
  }

  take(): unknown {
    const { heap } = this;
    const { value } = heap[0] as Ranked;
    const last = heap.pop() as Ranked;
    if (heap.length > 0) this.sink(last);
    return value;
  }

  /** Puts `ranked` where the first one was, and lets it sink to its place. */
  private sink(ranked: Ranked): void {
    const { heap } = this;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right?.before(heap[below] as Ranked) === true) below++;
      const child = heap[below] as Ranked;
      if (ranked.before(child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = ranked;
  }
}
