/**
 * When the event loop has run dry and tasklets still wait, nothing will ever wake them.
 */
import { DeadlockError } from './errors.js';
import { complain, whenDry } from './host.js';
import type { Body, Supervisor } from './body.js';

/** A scheduler, as far as deadlocks go. */
interface Watched {
  readonly essential: number;
  readonly supervisor: Supervisor | null;
  tasklets(): Body[];
}

const watched = new Set<Watched>();

/** `scheduler` has live tasklets from now on. */
export function watchDry(scheduler: Watched): void {
  if (watched.size === 0) whenDry(report);
  watched.add(scheduler);
}

/** `scheduler` has none any more. */
export function forgetDry(scheduler: Watched): void {
  watched.delete(scheduler);
}

function report(): void {
  for (const scheduler of watched) reportOf(scheduler);
}

function reportOf(scheduler: Watched): void {
  // What daemons wait for keeps no program.
  if (scheduler.essential === 0) return;
  const bodies = scheduler.tasklets();
  const error = new DeadlockError(bodies.filter(({ daemon }) => !daemon));
  if (scheduler.supervisor !== null) {
    scheduler.supervisor.deadlocked(error);
    return;
  }
  // Once: what survives being killed awaits something foreign that will never come.
  watched.delete(scheduler);
  complain(error.message);
  for (const body of bodies) body.kill();
}
