import { AbandonedError } from './errors.js';
import { abandon, describe } from './wait.js';
import { READY, RUNNING, unlink, type Waiter } from './waiter.js';

/**
 * Takes back what the tasklet of `waiter`, which has ended, began and never awaited. Whoever holds the promise
 * is told; if nobody does, it is an unhandled rejection.
 */
export function takeBack(waiter: Waiter, name: string): void {
  for (const guest of waiter.extra?.guests ?? []) abandon(guest, lost(guest, name));
  if (waiter.doing === RUNNING) return;
  abandon(waiter, lost(waiter, name));
  if (waiter !== waiter.scheduler.current) unlink(waiter);
  if (waiter.doing === READY) waiter.go();
}

function lost(waiter: Waiter, name: string): AbandonedError {
  return new AbandonedError(`tasklet '${name}' ended without awaiting its ${describe(waiter) ?? 'wait'}`);
}
