import { Channel } from '../kernel/channel.js';
import type { Clock, Timer } from '../kernel/clock.js';
import type { Source } from '../kernel/meeting.js';
import { duration } from '../kernel/options.js';
import { here } from '../kernel/caller.js';

/** Ticks are not made until somebody asks, so none can pile up. */
class Ticker implements Source, Timer {
  due = 0;
  order = 0;
  place = -1;
  private readonly clock: Clock;
  private readonly start: number;
  private readonly ms: number;
  private readonly channel: Channel<number>;
  private ticks = 0;

  constructor(clock: Clock, ms: number, channel: Channel<number>) {
    this.clock = clock;
    this.start = clock.now();
    this.ms = ms;
    this.channel = channel;
  }

  poll(): void {
    if (this.channel.closing || this.channel.balance > 0) return;
    const now = this.clock.now();
    const next = this.ticks + 1;
    if (now < this.at(next)) return;
    // A quotient may be rounded down where a product was not: a tick whose time has come is a tick.
    this.ticks = Math.max(next, Math.floor((now - this.start) / this.ms));
    this.channel.post(this.ticks);
  }

  arm(): void {
    if (this.ms !== Infinity) this.clock.setAt(this, this.at(this.ticks + 1));
  }

  disarm(): void {
    this.clock.cancel(this);
  }

  fire(): void {
    this.poll();
    // Fed to the first; others may be waiting for the next one.
    if (this.channel.balance < 0 && this.place < 0) this.arm();
  }

  /** When a tick is due. */
  private at(tick: number): number {
    return this.start + tick * this.ms;
  }
}

/**
 * A channel that ticks every `ms` milliseconds, counted from now. What is received is the number of the tick,
 * from 1: a slow receiver skips ticks, which never pile up, and sees by the number how many.
 *
 * It ticks until it is closed, and keeps the program alive only while somebody waits for it.
 * Source: Go `time.Ticker`.
 *
 * @param ms more than 0.
 * @throws {TypeError | RangeError} `ms` is no number, `NaN`, 0 or negative.
 * @example
 * for await (const tick of every(1000)) if (tick >= 3) break;
 */
export function every(ms: number): Channel<number> {
  duration(ms, 'ms', 'every');
  if (ms === 0) throw new RangeError('every: ms must be more than 0 milliseconds');
  const channel = new Channel<number>();
  channel.label = `tick every ${ms} ms`;
  return channel.feed(new Ticker(here().clock, ms, channel));
}
