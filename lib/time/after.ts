import { Channel } from '../kernel/channel.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Source } from '../kernel/meeting.js';
import { duration } from '../kernel/options.js';
import { here } from '../kernel/caller.js';

/** Set only while somebody waits: an `after` that lost a select leaves nothing behind. */
class Alarm implements Source, Timer {
  due: number;
  order = 0;
  place = -1;
  private readonly clock: Clock;
  private readonly channel: Channel<void>;

  constructor(clock: Clock, ms: number, channel: Channel<void>) {
    this.clock = clock;
    this.due = clock.now() + ms;
    this.channel = channel;
  }

  poll(): void {
    if (this.clock.now() >= this.due) this.fire();
  }

  arm(): void {
    if (this.due !== Infinity) this.clock.setAt(this, this.due);
  }

  disarm(): void {
    this.clock.cancel(this);
  }

  fire(): void {
    this.channel.closeWith(undefined);
  }
}

/**
 * A channel from which one can receive once `ms` milliseconds have passed, counted from now; from then on
 * every receive goes on at once. It keeps the program alive only while somebody waits for it.
 *
 * Source: Go `time.After`.
 *
 * @param ms from 0; `Infinity`: never.
 * @throws {TypeError | RangeError} `ms` is no number, `NaN`, or negative.
 * @example
 * const hit = await select({ job: jobs.receiving(), late: after(100).receiving() });
 */
export function after(ms: number): Channel<void> {
  duration(ms, 'ms', 'after');
  return alarm(ms, `after ${ms} ms`);
}

/** @internal A channel that opens in `ms` milliseconds, and what it is called in `dump()`. */
export function alarm(ms: number, label: string): Channel<void> {
  const channel = new Channel<void>();
  channel.label = label;
  return channel.feed(new Alarm(here().clock, ms, channel));
}
