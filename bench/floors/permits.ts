// Permits and a bounded buffer by hand: a count, and a line of those who wait. What is
// released goes to the first in the line, so the order is that of the library.

import { settled } from './promises.js';
import { Line } from './line.js';

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  next: Waiting<T> | undefined;
}

/** A value that is kept, or that somebody waits to put. */
interface Kept<T> {
  readonly value: T;
  readonly put: (() => void) | undefined;
  next: Kept<T> | undefined;
}

/** A semaphore; a lock if there is one permit. */
export class Permits {
  private readonly line = new Line<Waiting<void>>();
  private free: number;

  constructor(permits: number) {
    this.free = permits;
  }

  acquire(): Promise<unknown> {
    if (this.free > 0) {
      this.free--;
      return settled;
    }
    return new Promise<void>((resolve) => {
      this.line.push({ resolve, next: undefined });
    });
  }

  release(): void {
    const next = this.line.shift();
    if (next === undefined) this.free++;
    else next.resolve();
  }
}

/** A queue that keeps up to `room` values. */
export class Buffer<T> {
  private readonly values = new Line<Kept<T>>();
  private readonly putters = new Line<Kept<T>>();
  private readonly getters = new Line<Waiting<T>>();
  private room: number;

  constructor(room: number) {
    this.room = room;
  }

  put(value: T): Promise<unknown> {
    const getter = this.getters.shift();
    if (getter !== undefined) getter.resolve(value);
    else if (this.room > 0) {
      this.room--;
      this.values.push({ value, put: undefined, next: undefined });
    } else {
      return new Promise<void>((put) => {
        this.putters.push({ value, put, next: undefined });
      });
    }
    return settled;
  }

  get(): Promise<T> | T {
    const first = this.values.shift();
    if (first === undefined) {
      return new Promise<T>((resolve) => {
        this.getters.push({ resolve, next: undefined });
      });
    }
    const putter = this.putters.shift();
    if (putter === undefined) this.room++;
    else {
      this.values.push(putter);
      putter.put?.();
    }
    return first.value;
  }
}
