/**
 * How long nothing may happen while somebody waits for it.
 */
import { here } from '../kernel/caller.js';
import type { Clock, Timer } from '../kernel/clock.js';

export class Idle implements Timer {
  due = 0;
  order = 0;
  place = -1;
  private readonly clock: Clock = here().clock;
  private readonly ms: number;
  private readonly tell: () => void;

  /**
   * @param ms milliseconds; `Infinity`: for as long as it may be.
   * @param tell called when nothing has happened for so long; must not run code of the user's.
   */
  constructor(ms: number, tell: () => void) {
    this.ms = ms;
    this.tell = tell;
  }

  /** The time begins, or begins anew: something has happened. */
  start(): void {
    if (this.ms === Infinity) return;
    this.stop();
    this.clock.set(this, this.ms);
  }

  /** Nobody waits any more. */
  stop(): void {
    this.clock.cancel(this);
  }

  fire(): void {
    this.tell();
  }
}
