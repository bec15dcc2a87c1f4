import { defaultScheduler } from '../kernel/caller.js';
import type { Timer } from '../kernel/clock.js';
import type { Source } from '../kernel/meeting.js';

/** Keeps the program alive while somebody waits at the channel it feeds: a listener for a signal does not. */
export class Vigil implements Source, Timer {
  due = 0;
  order = 0;
  place = -1;

  poll(): void {
    // What has come stands in the channel.
  }

  /** In real time, as signals come in no other. */
  arm(): void {
    defaultScheduler.clock.cancel(this);
    defaultScheduler.clock.set(this, 2 ** 31);
  }

  disarm(): void {
    defaultScheduler.clock.cancel(this);
  }

  fire(): void {
    this.arm();
  }
}
