/**
 * Time that passes only when it is told to, or when nobody can run.
 *
 * It is the production queue of timers with another time under it, so that what is tested is what runs.
 */
import { Clock, type Time } from '../kernel/clock.js';
import { soon } from '../kernel/host.js';
import { duration, readOptions } from '../kernel/options.js';

class VirtualTime implements Time {
  time = 0;
  whenIdle: ((still: () => boolean) => void) | null = null;
  whenSet: (() => void) | null = null;

  now(): number {
    return this.time;
  }

  wakeAt(due: number | undefined): void {
    // Nobody wakes it: it is moved. But who comes back from outside may set a timer when all are idle already.
    if (due !== undefined) this.whenSet?.();
  }

  idle(still: () => boolean): void {
    this.whenIdle?.(still);
  }
}

/**
 * A clock for tests: an hour of sleeping takes no time, and the order is always the same. It is for one
 * scheduler: with two, time jumps for both when one of them is idle.
 *
 * @example
 * const scheduler = new Scheduler({ clock: new VirtualClock() });
 * await run(() => sleep(3_600_000), { scheduler }); // at once
 */
export class VirtualClock extends Clock {
  private readonly virtual: VirtualTime;
  /** The schedulers that have this clock, each as its answer to whether nobody can run there. */
  private readonly schedulers: Set<() => boolean> = new Set();
  private jumping = false;

  /** @param options `jump`: whether time jumps to the next timer when nobody can run; true by default. */
  constructor(options: { jump?: boolean } = {}) {
    const virtual = new VirtualTime();
    super(virtual);
    this.virtual = virtual;
    if (readOptions(options, ['jump'], 'VirtualClock').jump === false) return;
    virtual.whenIdle = (still) => {
      this.schedulers.add(still);
      this.jump();
    };
    virtual.whenSet = () => {
      this.jump();
    };
  }

  /** @internal Calls `task` whenever nobody can run; time does not jump by itself any more. */
  onIdle(task: () => void): void {
    this.virtual.whenIdle = task;
  }

  /** @internal Time jumps when nobody can run. */
  jumpWhenIdle(): void {
    this.virtual.whenIdle = (still) => {
      this.schedulers.add(still);
      this.jump();
    };
  }

  /**
   * Moves time by `ms` milliseconds, a finite number from 0, and fires all that is due on the way, each at its own
   * time. Who is woken goes on when the caller waits.
   */
  advance(ms: number): void {
    if (duration(ms, 'ms', 'advance') === Infinity)
      throw new RangeError('advance: time has no end to move to');
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

  /** Not before all microtasks have run: code outside tasklets may have something to say. */
  private jump(): void {
    if (this.jumping) return;
    this.jumping = true;
    soon(() => {
      this.jumping = false;
      if (![...this.schedulers].some((still) => still())) return;
      // Whose time has come may be paused: then it is still nobody's turn.
      if (this.advanceToNext()) this.jump();
    });
  }

  private moveTo(time: number): void {
    this.virtual.time = Math.max(this.virtual.time, time);
    this.fireDue();
  }
}
