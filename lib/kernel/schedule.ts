/** Giving the turn away without anything to wait for. */
import { caller } from './caller.js';
import { refusal } from './extra.js';
import { block, proceed, yieldTurn } from './park.js';
import { RECEIVING } from './waiter.js';

/**
 * Goes to the end of the ring: everybody who can run has a turn first. Alone, it goes on at once.
 *
 * Killed there, it is raised there. Source: Stackless `schedule()`.
 */
export function schedule(): Promise<void> {
  const me = caller();
  return (refusal(me) ?? yieldTurn(me)) as Promise<void>;
}

/**
 * Waits until no other tasklet can run: all of them wait for something, or are over.
 *
 * Those who wait for idleness go on one after another, first come first served.
 */
export function idle(): Promise<void> {
  const me = caller();
  const { scheduler } = me;
  const refused = refusal(me);
  if (refused !== null) return refused as Promise<void>;
  if (scheduler.isIdle) return proceed(me, undefined) as Promise<void>;
  me.doing = RECEIVING;
  return block(me, scheduler.idlers) as Promise<void>;
}
