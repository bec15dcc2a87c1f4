/**
 * Who carries the operation that is being called.
 */
import { TaskletExit } from './errors.js';
import { extraOf, isCondemned, refusal } from './extra.js';
import { identity, trust } from './identity.js';
import { Limit } from './limit.js';
import type { WaitOptions } from './options.js';
import { raise } from './park.js';
import { Scheduler } from './scheduler.js';
import { ENDED, GUEST, READY, RUNNING, TASKLET, Waiter } from './waiter.js';

/** The scheduler of everything that is not said to belong to another one. */
export const defaultScheduler: Scheduler = new Scheduler();
trust(() => (defaultScheduler.current.kind === TASKLET ? defaultScheduler.current : undefined));

/**
 * The waiter that carries the operation that is being called: the calling tasklet's own, or a guest if
 * there is no tasklet or it has an operation in flight already.
 */
export function caller(): Waiter {
  const me = identity.current();
  return me !== undefined && me.scheduler.current === me ? me : stranger(me);
}

/** Whether an operation of `me` is just that: it has no limits, and nothing is to be raised instead of it. */
export function isPlain(me: Waiter, options: WaitOptions | undefined): boolean {
  return options === undefined && me.extra === null;
}

/**
 * The waiter of the live tasklet whose code is running. Code that a tasklet has left behind, which some platforms
 * still count as its own, is nobody's: its scheduler may be long out of use.
 */
export function running(): Waiter | undefined {
  const me = identity.current();
  return me === undefined || me.doing === ENDED ? undefined : me;
}

/** The scheduler of the code that is running. */
export function here(): Scheduler {
  return running()?.scheduler ?? defaultScheduler;
}

/**
 * What comes of an operation that is more than one wait, if an error is to be raised in the caller before
 * anything of it is begun: its kill, or what its options deserve. As with any other operation all others have a
 * turn first, so that who catches it and tries again starves nobody.
 */
export function refused(options?: WaitOptions, where?: () => string): Promise<never> | null {
  const me = identity.current();
  // With an operation in flight, that one raises it; unless it is to be raised at every wait.
  const refusing = me === undefined || (me.doing !== RUNNING && !isCondemned(me)) ? null : refusal(caller());
  if (refusing !== null || options === undefined) return refusing as Promise<never> | null;
  try {
    Limit.of(options, where?.() ?? 'the wait');
  } catch (error) {
    return raise(caller(), error) as Promise<never>;
  }
  return null;
}

function stranger(me: Waiter | undefined): Waiter {
  const scheduler = me === undefined || me.doing === ENDED ? defaultScheduler : me.scheduler;
  scheduler.refresh();
  if (me === undefined || me.doing === ENDED) return new Waiter(GUEST, scheduler, null);
  // Back from a foreign await: it has no turn, and gets one with this operation.
  if (me.doing === RUNNING) return me;
  const guest = new Waiter(GUEST, scheduler, me);
  extraOf(me).addGuest(guest);
  if (isCondemned(me)) extraOf(guest).pending = [me.extra?.exit];
  // Its kill is raised in an operation that it does not await yet.
  else if (me.doing === READY && me.failed && me.value instanceof TaskletExit) {
    extraOf(guest).pending = [me.value];
  }
  return guest;
}
