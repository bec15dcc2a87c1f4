import type { Body } from './body.js';
import { AbandonedError } from './errors.js';
import { abandon, describe } from './wait.js';
import { READY, RUNNING, unlink, type Waiter } from './waiter.js';

/**
 * Takes back what the tasklet of `waiter`, which has ended, began and never awaited. Whoever holds the promise
 * is told; if nobody does, it is an unhandled rejection.
 */
export function takeBack(waiter: Waiter): void {
  if (waiter.extra !== null) {
    for (const guest of waiter.extra.guests) abandon(guest, lost(guest, waiter));
  }
  if (waiter.doing === RUNNING) return;
  abandon(waiter, lost(waiter, waiter));
  if (waiter !== waiter.scheduler.current) unlink(waiter);
  if (waiter.doing === READY) waiter.go();
}

/** What is raised in an operation that `waiter` carries for the tasklet of `host`. */
function lost(waiter: Waiter, host: Waiter): AbandonedError {
  const { name } = host.owner as Body;
  return new AbandonedError(`tasklet '${name}' ended without awaiting its ${describe(waiter) ?? 'wait'}`);
}
