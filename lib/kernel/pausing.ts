/**
 * Being kept from having turns.
 *
 * A paused waiter stands in its queues as before, and may be met there; but it is not in the ring.
 */
import { extraOf, tidy } from './extra.js';
import { FRESH, READY, YIELDING, unlink, type Waiter } from './waiter.js';

/** Whether it could have a turn: it is in the ring, or would be but for a pause. */
export function canRun({ doing }: Waiter): boolean {
  return doing === FRESH || doing === READY || doing === YIELDING;
}

/** No more turns for `waiter`; if it has one, it ends with its next wait. */
export function pause(waiter: Waiter): void {
  const extra = extraOf(waiter);
  if (extra.paused) return;
  extra.paused = true;
  if (waiter !== waiter.scheduler.current && canRun(waiter)) unlink(waiter);
}

/** Ends a pause: if it can run it goes last in the ring. */
export function resume(waiter: Waiter): void {
  const { extra, scheduler } = waiter;
  if (extra?.paused !== true) return;
  extra.paused = false;
  if (waiter !== scheduler.current && canRun(waiter)) scheduler.wake(waiter);
  tidy(waiter);
}
