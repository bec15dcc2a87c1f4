// Who waits, first come, first served. The floors' only data structure: a singly linked
// list, because `Array.prototype.shift` is slow on long queues and a ring buffer is dearer
// to begin with.

/** Something that can stand in a line. */
export interface Standing<S> {
  next: S | undefined;
}

/** First in, first out. */
export class Line<S extends Standing<S>> {
  private first: S | undefined = undefined;
  private last: S | undefined = undefined;

  push(item: S): void {
    if (this.last === undefined) this.first = item;
    else this.last.next = item;
    this.last = item;
  }

  shift(): S | undefined {
    const item = this.first;
    if (item === undefined) return undefined;
    this.first = item.next;
    if (item.next === undefined) this.last = undefined;
    else item.next = undefined;
    return item;
  }
}
