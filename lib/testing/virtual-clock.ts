/**
 * Time that passes only when it is told to, or when nobody can run.
 *
 * It is the production queue of timers with another time under it, so that what is tested is what runs.
 */
import { Clock, type Time } from '../kernel/clock.js';
import { soon } from '../kernel/host.js';
import { duration } from '../kernel/options.js';

class VirtualTime implements Time {
  time = 0;
  whenIdle: ((still: () => boolean) => void) | null = null;

  now(): number {
    return this.time;
  }

  wakeAt(): void {
    // Nobody wakes it: it is moved.
  }

  idle(still: () => boolean): void {
    this.whenIdle?.(still);
  }
}

/**
 * A clock for tests: an hour of sleeping takes no time, and the order is always the same.
 *
 * @example
 * const scheduler = new Scheduler({ clock: new VirtualClock() });
 * await run(() => sleep(3_600_000), { scheduler }); // at once
 */
export class VirtualClock extends Clock {
  private readonly virtual: VirtualTime;

  /** @param options `jump`: whether time jumps to the next timer when nobody can run; true by default. */
  constructor(options: { jump?: boolean } = {}) {
    const virtual = new VirtualTime();
    super(virtual);
    this.virtual = virtual;
    if (options.jump === false) return;
    virtual.whenIdle = (still) => {
      // Not before all microtasks have run: code outside tasklets may have something to say.
      soon(() => {
        if (still()) this.advanceToNext();
      });
    };
  }

  /** Moves time by `ms` milliseconds and fires all that is due on the way, each at its own time. */
  advance(ms: number): void {
    duration(ms, 'ms', 'advance');
    const end = this.virtual.time + ms;
    for (let due = this.next; due !== undefined && due <= end; due = this.next) this.moveTo(due);
    this.moveTo(end);
  }

  /** Moves time to when the next timer is due; `false` if there is none. */
  advanceToNext(): boolean {
    const due = this.next;
    if (due === undefined) return false;
    this.moveTo(due);
    return true;
  }

  private moveTo(time: number): void {
    this.virtual.time = Math.max(this.virtual.time, time);
    this.fireDue();
  }
}
