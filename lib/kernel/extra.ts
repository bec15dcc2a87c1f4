/**
 * What a waiter has besides its wait, when it has anything: errors that are to be raised in it, the guests
 * that carry its other operations, being paused, having been killed.
 *
 * Nearly no waiter ever has one, and an operation of one without looks at a single field to know it.
 */
import type { Timer } from './clock.js';
import { TaskletExit } from './errors.js';
import { abandon } from './wait.js';
import { FRESH, type Waiter } from './waiter.js';
import { raise } from './park.js';

const NOTHING: readonly unknown[] = [];
const NOBODY: ReadonlySet<Waiter> = new Set();

export class Extra implements Timer {
  due = 0;
  order = 0;
  place = -1;
  /** Gets no turns until it is resumed. */
  paused = false;
  /** Errors that found its wait settled: one is raised at each of its next waits. */
  pending: readonly unknown[] = NOTHING;
  /** Operations of its tasklet that other waiters carry; made when there is one. */
  private own: Set<Waiter> | null = null;
  /** How many critical steps it is in, one inside the other: nothing from outside is raised in them. */
  shields = 0;
  /** What is to be raised when they are over. */
  held: readonly unknown[] = NOTHING;
  /** How many want to know what comes from outside, one inside the other. */
  heeding = 0;
  /** What has come from outside since then, and was not taken back; `null`: nobody wants to know. */
  outside: Set<unknown> | null = null;
  /** It was killed with this, and is given until `due` to clean up. */
  exit: unknown = undefined;
  private readonly waiter: Waiter;

  constructor(waiter: Waiter) {
    this.waiter = waiter;
  }

  get guests(): ReadonlySet<Waiter> {
    return this.own ?? NOBODY;
  }

  addGuest(guest: Waiter): void {
    (this.own ??= new Set()).add(guest);
  }

  removeGuest(guest: Waiter): void {
    this.own?.delete(guest);
  }

  /** The grace period is over: it is killed again, at this wait and at every later one. */
  fire(): void {
    interrupt(this.waiter, this.exit);
  }
}

/** The extra of `waiter`, made if it has none. */
export function extraOf(waiter: Waiter): Extra {
  return (waiter.extra ??= new Extra(waiter));
}

/** Forgets the extra of `waiter` if nothing is left in it, so that its operations are plain again. */
export function tidy(waiter: Waiter): void {
  const { extra } = waiter;
  if (extra === null || extra.paused || extra.shields > 0 || extra.exit !== undefined) return;
  if (extra.heeding > 0) return;
  if (extra.pending.length === 0 && extra.guests.size === 0) waiter.extra = null;
}

/**
 * Raises `error` in every operation that the tasklet of `waiter` has in flight; if all are settled already
 * (the commit came first), at its next wait. In a critical step it is held back, unless it comes from inside.
 *
 * @param depth in how many critical steps the error comes from.
 */
export function interrupt(waiter: Waiter, error: unknown, depth = 0): void {
  waiter.extra?.outside?.add(error);
  if (waiter.extra !== null && waiter.extra.shields > depth) {
    waiter.extra.held = [...waiter.extra.held, error];
    return;
  }
  const guests = waiter.extra?.guests ?? NOBODY;
  if (guests.size > 0 || error instanceof TaskletExit) hush(waiter);
  let raised = abandon(waiter, error);
  for (const guest of guests) {
    hush(guest);
    raised = abandon(guest, error) || raised;
  }
  if (raised || waiter.doing === FRESH) return;
  const extra = extraOf(waiter);
  extra.pending = [...extra.pending, error];
}

/**
 * An operation that was begun to be awaited later may be interrupted together with another one and never be
 * awaited. That is no unhandled rejection: the other one raises the error.
 */
function hush(waiter: Waiter): void {
  waiter.wait?.catch(ignore);
}

function ignore(): void {
  // The same error is raised where its tasklet stands.
}

/** Raises `exit`, and again at every wait once `grace` milliseconds have passed. */
export function condemn(waiter: Waiter, exit: unknown, grace: number): void {
  const extra = extraOf(waiter);
  const { clock } = waiter.scheduler;
  const due = clock.now() + grace;
  if (extra.exit === undefined || due < extra.due) {
    // Its next wait sets it again: a timer that is set must not change.
    clock.cancel(extra);
    extra.due = due;
  }
  extra.exit ??= exit;
  interrupt(waiter, exit);
}

/** Takes `error` back if it was not raised yet: the scope that it is for was left. */
export function recall(waiter: Waiter, error: unknown): void {
  const { extra } = waiter;
  if (extra === null) return;
  extra.pending = extra.pending.filter((other) => other !== error);
  extra.held = extra.held.filter((other) => other !== error);
  extra.outside?.delete(error);
  tidy(waiter);
}

/** What comes of an operation of `me` that has an extra, if an error is to be raised instead of it. */
export function refusal(me: Waiter): Promise<unknown> | null {
  if (me.extra === null) return null;
  try {
    raisePending(me);
  } catch (error) {
    return raise(me, error);
  }
  return null;
}

/** Raises what is to be raised instead of the operation that `waiter` is about to begin. */
export function raisePending(waiter: Waiter): void {
  const { extra } = waiter;
  if (extra === null) return;
  if (extra.pending.length > 0) {
    const [error] = extra.pending;
    extra.pending = extra.pending.slice(1);
    tidy(waiter);
    throw error as Error;
  }
  if (extra.exit === undefined || extra.shields > 0) return;
  const { clock } = waiter.scheduler;
  if (isCondemned(waiter)) throw extra.exit as Error;
  if (extra.place < 0 && extra.due !== Infinity) clock.setAt(extra, extra.due);
}

/** Its time to clean up is over: its kill is raised at every wait, whoever carries it. */
export function isCondemned({ extra, scheduler }: Waiter): boolean {
  return (
    extra !== null && extra.exit !== undefined && extra.shields === 0 && scheduler.clock.now() >= extra.due
  );
}

/** A critical step begins: what comes from outside is held back until it is over. */
export function cover(waiter: Waiter): void {
  extraOf(waiter).shields++;
}

/** A critical step is over. What was held back is raised at the next waits. */
export function uncover(waiter: Waiter): void {
  const { extra } = waiter;
  if (extra === null || --extra.shields > 0) return;
  extra.pending = [...extra.pending, ...extra.held];
  extra.held = NOTHING;
  tidy(waiter);
}

/** Somebody begins who will catch errors and go on: what comes from outside is noted, for {@link isFromOutside}. */
export function heed(waiter: Waiter): void {
  const extra = extraOf(waiter);
  extra.heeding++;
  extra.outside ??= new Set([...extra.pending, ...extra.held]);
}

/** Who has begun with {@link heed} is at their end. */
export function unheed(waiter: Waiter): void {
  const { extra } = waiter;
  if (extra === null || --extra.heeding > 0) return;
  extra.outside = null;
  tidy(waiter);
}

/** Whether `error` is a kill, was thrown at `waiter`, or belongs to a scope around that was not left yet. */
export function isFromOutside({ extra }: Waiter, error: unknown): boolean {
  return extra?.outside?.has(error) === true;
}
