/** What stands in a {@link Backlog}. */
export interface Entry<E> {
  before: E | null;
  after: E | null;
}

/** Work that waits for its turn: first in, first out, and anybody may leave from the middle in one step. */
export class Backlog<E extends Entry<E>> {
  size = 0;
  first: E | null = null;
  private last: E | null = null;

  push(entry: E): void {
    entry.before = this.last;
    if (this.last === null) this.first = entry;
    else this.last.after = entry;
    this.last = entry;
    this.size++;
  }

  /** Takes out the first one. */
  shift(): E | null {
    const { first } = this;
    if (first !== null) this.delete(first);
    return first;
  }

  /** Takes out `entry`, which stands here. */
  delete(entry: E): void {
    const { before, after } = entry;
    if (before === null) this.first = after;
    else before.after = after;
    if (after === null) this.last = before;
    else after.before = before;
    entry.before = null;
    entry.after = null;
    this.size--;
  }
}
