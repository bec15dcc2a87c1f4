/**
 * How long tasklets may switch before the event loop gets a turn.
 *
 * To look at the time costs as much as a switch, so it is looked at about four times a slice: what counts down
 * in between is a budget of switches, made from the pace of the last ones.
 */
import { monotonic } from './clock.js';

/** In milliseconds. */
const SLICE = 1;
/** The most switches between two looks. */
const STRIDE = 512;

export class Slice {
  private start = 0;
  private last = 0;
  private stride = STRIDE;

  /** A new slice begins. @returns how many switches until the next look. */
  begin(): number {
    this.start = monotonic();
    return this.note(this.start);
  }

  /** @returns how many switches until the next look; 0 if the slice is over. */
  look(): number {
    const now = monotonic();
    if (now - this.start >= SLICE) return 0;
    const pace = (now - this.last) / this.stride;
    this.stride = Math.min(STRIDE, Math.max(1, Math.floor(SLICE / 4 / pace)));
    return this.note(now);
  }

  private note(now: number): number {
    this.last = now;
    return this.stride;
  }
}
