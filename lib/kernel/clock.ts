/**
 * Time, and everything that is due at a time.
 *
 * All timers of a scheduler are in one heap here and nowhere else, ordered by when they are due and then by
 * when they were set. Replace the `Time` under it (a virtual one, in tests) and that is the whole truth
 * about time. Taking a timer out costs O(log n) and leaves nothing behind.
 */

/** Milliseconds that never go back; not a time of day. */
export function monotonic(): number {
  return performance.now();
}

/** Something that is due. Who wants to be called is a `Timer` itself, so that a timeout is one object. */
export interface Timer {
  due: number;
  order: number;
  /** Where it stands in the heap; -1 when it is not set. */
  place: number;
  /** The time has come. Must not run code of the user's. */
  fire(): void;
}

/** Where a clock has its time from. */
export interface Time {
  now(): number;
  /** Asks to be told, through `tick`, when `due` has come; `undefined`: no more. */
  wakeAt(due: number | undefined, tick: () => void): void;
  /** Nobody can run until a timer is due or the outside world says something; `still` tells if that is so. */
  idle?(still: () => boolean): void;
}

/** The longest wait that the platform's own timer can express. */
const LONGEST = 2 ** 31 - 1;

interface Handle {
  ref?(): void;
  unref?(): void;
}

/** The platform's time. */
export class RealTime implements Time {
  private handle: ReturnType<typeof setTimeout> | undefined;
  private armed = 0;

  now(): number {
    return monotonic();
  }

  wakeAt(due: number | undefined, tick: () => void): void {
    const handle = this.handle as unknown as Handle | undefined;
    if (due === undefined) {
      // Not cancelled: whoever waits with a timeout will do so again, and to hold on is cheaper. Not
      // referenced, so that it does not keep the program alive.
      if (handle?.unref === undefined) this.disarm();
      else handle.unref();
    } else if (handle !== undefined && this.armed <= due) handle.ref?.();
    else {
      this.disarm();
      this.armed = due;
      const wait = Math.min(Math.max(Math.ceil(due - monotonic()), 0), LONGEST);
      this.handle = setTimeout(() => {
        this.handle = undefined;
        tick();
      }, wait);
    }
  }

  private disarm(): void {
    clearTimeout(this.handle);
    this.handle = undefined;
  }
}

export class Clock {
  private readonly heap: Timer[] = [];
  private readonly time: Time;
  private count = 0;
  private readonly tick: () => void = () => {
    this.fireDue();
  };

  constructor(time: Time = new RealTime()) {
    this.time = time;
  }

  /** Milliseconds; only differences mean something. */
  now(): number {
    return this.time.now();
  }

  /** @internal Whole milliseconds until `due`, at least 0: what to give the next of several waits with one end. */
  left(due: number): number {
    return Math.max(0, Math.ceil(due - this.time.now()));
  }

  /** When the next timer is due; `undefined` when none is set. */
  get next(): number | undefined {
    return this.heap[0]?.due;
  }

  /** Sets `timer`, which is not set, to fire in `delay` milliseconds. */
  set(timer: Timer, delay: number): void {
    this.setAt(timer, this.time.now() + delay);
  }

  setAt(timer: Timer, due: number): void {
    timer.due = due;
    timer.order = this.count++;
    this.heap.push(timer);
    this.rise(timer, this.heap.length - 1);
    if (timer.place === 0) this.time.wakeAt(due, this.tick);
  }

  /** Takes `timer` back; one that is not set is left alone. */
  cancel(timer: Timer): void {
    const { place } = timer;
    if (place < 0) return;
    this.takeOut(timer);
    if (this.heap.length === 0) this.time.wakeAt(undefined, this.tick);
  }

  /** Takes all timers back: whoever set them is not there any more. */
  clear(): void {
    for (const timer of this.heap) timer.place = -1;
    this.heap.length = 0;
    this.time.wakeAt(undefined, this.tick);
  }

  /** Fires all that is due, and asks to be woken for the rest. */
  fireDue(): void {
    const now = this.time.now();
    for (let timer = this.heap[0]; timer !== undefined && timer.due <= now; timer = this.heap[0]) {
      this.takeOut(timer);
      timer.fire();
    }
    this.time.wakeAt(this.heap[0]?.due, this.tick);
  }

  /** Nobody can run now; `still` tells later whether that is so. */
  idle(still: () => boolean): void {
    this.time.idle?.(still);
  }

  private takeOut(timer: Timer): void {
    const { heap } = this;
    const { place } = timer;
    const last = heap.pop() as Timer;
    timer.place = -1;
    if (last === timer) return;
    this.rise(last, place);
    this.sink(last, last.place);
  }

  private rise(timer: Timer, from: number): void {
    const { heap } = this;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Timer;
      if (!before(timer, parent)) break;
      heap[place] = parent;
      parent.place = place;
      place = above;
    }
    heap[place] = timer;
    timer.place = place;
  }

  private sink(timer: Timer, from: number): void {
    const { heap } = this;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && before(right, heap[below] as Timer)) below++;
      const child = heap[below] as Timer;
      if (!before(child, timer)) break;
      heap[place] = child;
      child.place = place;
      place = below;
    }
    heap[place] = timer;
    timer.place = place;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
