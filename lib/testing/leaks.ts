/**
 * What a program left behind: tasklets that are asleep or busy, a timer, a listener, an open door to the world.
 */
import { defaultScheduler } from '../kernel/caller.js';
import type { Body } from '../kernel/body.js';
import { readOptions } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { watchedSignals } from '../kernel/signal.js';
import type { RunOptions } from '../tasklet/run.js';

interface Process {
  getActiveResourcesInfo?(): string[];
}

/** What Node calls its sockets, servers, pipes, child processes, watchers and threads. */
const DOORS = /wrap$|port$|worker$|watcher$/i;
/** What stays open without anybody's fault: name lookups, the terminal. */
const INNOCENT = /^(TTYWrap|GetAddrInfoReqWrap|ShutdownWrap|WriteWrap)$/;

/** How many doors of each kind are open in this process. */
function doors(): Map<string, number> {
  const { process } = globalThis as { process?: Process };
  const counts = new Map<string, number>();
  for (const kind of process?.getActiveResourcesInfo?.() ?? []) {
    if (DOORS.test(kind) && !INNOCENT.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What is there now, so that it can be told later what has been added. */
export interface Baseline {
  readonly tasklets: ReadonlySet<Body>;
  readonly timer: number | undefined;
  readonly listeners: number;
  readonly doors: ReadonlyMap<string, number>;
}

/** What is there now on `scheduler` and in the process. */
export function baseline(scheduler: Scheduler = defaultScheduler): Baseline {
  return {
    tasklets: new Set(scheduler.tasklets()),
    timer: scheduler.clock.next,
    listeners: watchedSignals(),
    doors: doors(),
  };
}

/** What is there now and was not at `before`, each in a few words. */
export function addedTo(before: Baseline, scheduler: Scheduler = defaultScheduler): string[] {
  const found = scheduler
    .tasklets()
    .filter((tasklet) => !before.tasklets.has(tasklet))
    // Whether a busy one has the turn just now is chance.
    .map(({ name, state, blockedOn }) => {
      const what =
        blockedOn === undefined ? `is ${state === 'running' ? 'runnable' : state}` : `waits: ${blockedOn}`;
      return `tasklet '${name}' ${what}`;
    });
  if (scheduler.tasklets().length === 0 && !scheduler.isIdle) found.push('somebody is in the ring');
  const { next } = scheduler.clock;
  if (next !== undefined && next !== before.timer) found.push('a timer is set');
  if (watchedSignals() > before.listeners) found.push('an abort signal is listened to');
  for (const [kind, count] of doors()) {
    const more = count - (before.doors.get(kind) ?? 0);
    if (more > 0) found.push(`${more === 1 ? 'a door is' : `${more} doors are`} open: ${kind}`);
  }
  return found;
}

/** Pipes that the process was born with are no leak. */
const born = doors();

/**
 * What is left, each in a few words: tasklets that live, a timer that is set, an abort signal that is listened
 * to, a socket, server, pipe, child process or watcher that is open and was not when the kit was loaded.
 *
 * Ask when things have come to rest; what closes takes a turn of the event loop or two. For a test after each of
 * which nothing may be left, take the hook in `evergreen-tasklets/testing/mocha`.
 *
 * @param options `scheduler`: whose tasklets and timers; the common one by default.
 * @example
 * await run(program);
 * expect(leaks()).to.deep.equal([]);
 */
export function leaks(options?: RunOptions): string[] {
  const { scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'leaks');
  return addedTo({ tasklets: new Set(), timer: undefined, listeners: 0, doors: born }, scheduler);
}
