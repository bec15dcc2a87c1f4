/**
 * When the event loop has run dry and tasklets still wait, nothing will ever wake them.
 */
import { DeadlockError } from './errors.js';
import { complain, whenDry } from './host.js';
import type { Body, Supervisor } from './body.js';

/** A scheduler, as far as deadlocks go. */
interface Watched {
  readonly essential: number;
  readonly isIdle: boolean;
  readonly supervisor: Supervisor | null;
  tasklets(): Body[];
}

const watched = new Set<Watched>();
let listening = false;

/** `scheduler` has live tasklets from now on. */
export function watchDry(scheduler: Watched): void {
  if (!listening) whenDry(report);
  listening = true;
  watched.add(scheduler);
}

/** `scheduler` has none any more. */
export function forgetDry(scheduler: Watched): void {
  watched.delete(scheduler);
}

/**
 * Youngest first: a scheduler that was begun in a tasklet of another one may go on after this, and bring that
 * tasklet what it waits for.
 */
function report(): void {
  for (const scheduler of [...watched].reverse()) {
    reportOf(scheduler);
    if (!scheduler.isIdle) return;
  }
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
