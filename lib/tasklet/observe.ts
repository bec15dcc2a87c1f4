/**
 * Watching turns: who was switched to, who waits for what, who can go on.
 *
 * An observer is told after the fact and changes nothing: it may call anything of ours, and what it throws is an
 * uncaught exception of the program, not an error of the tasklet that happened to run. While nobody observes, a
 * switch pays for one look at one field.
 */
import { defaultScheduler } from '../kernel/caller.js';
import { crash } from '../kernel/host.js';
import { callable, readOptions } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { describe } from '../kernel/wait.js';
import { TASKLET, type Waiter } from '../kernel/waiter.js';
import type { RunOptions } from './run.js';
import type { Tasklet } from './tasklet.js';

/** What an observer is told. `undefined` stands for what is no tasklet: the event loop, code outside. */
export interface Observer {
  /** `to` has the turn now; `from` had it before. Source: Stackless `set_schedule_callback`. */
  switched?(from: Tasklet | undefined, to: Tasklet): void;
  /** `tasklet` waits, for `what` in words. Source: Stackless `set_channel_callback`, where it will block. */
  blocked?(tasklet: Tasklet | undefined, what: string): void;
  /** What `tasklet` waited for has come to something; it goes on when its turn comes. */
  woken?(tasklet: Tasklet | undefined): void;
}

const EVENTS = ['switched', 'blocked', 'woken'] as const;

const observed = new WeakMap<Scheduler, Set<Observer>>();

/**
 * Tells `observer` of every switch, wait and wake-up from now on. Any number may observe.
 *
 * @param options `scheduler`: whose; the common one by default.
 * @returns a function that ends it.
 * @throws {TypeError} an unknown event, or one that is no function.
 * @example
 * const stop = observe({ switched: (from, to) => story.push(`${from?.name} → ${to.name}`) });
 */
export function observe(observer: Observer, options?: RunOptions): () => void {
  const given = readOptions(observer, EVENTS, 'observe');
  for (const event of EVENTS) if (given[event] !== undefined) callable(given[event], event, 'observe');
  const { scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'observe');
  let observers = observed.get(scheduler);
  if (observers === undefined) observed.set(scheduler, (observers = new Set()));
  const all = observers;
  all.add(observer);
  scheduler.observer ??= {
    switched: (from, to) => {
      tell(all, (each) => each.switched?.(taskletOf(from), to.owner as Tasklet));
    },
    blocked: (waiter, side) => {
      const what = side === null ? describe(waiter) : side.channel.describe(side.sending);
      tell(all, (each) => each.blocked?.(taskletOf(waiter), what ?? 'a wait'));
    },
    woken: (waiter) => {
      tell(all, (each) => each.woken?.(taskletOf(waiter)));
    },
  };
  return () => {
    all.delete(observer);
    if (all.size === 0) scheduler.observer = null;
  };
}

function tell(observers: Set<Observer>, event: (observer: Observer) => void): void {
  for (const observer of observers) {
    try {
      event(observer);
    } catch (error) {
      crash(error);
    }
  }
}

/** The tasklet that waits: itself, or with one of its guests. */
function taskletOf(waiter: Waiter): Tasklet | undefined {
  const own = waiter.kind === TASKLET ? waiter : (waiter.owner as Waiter | null);
  return own?.kind === TASKLET ? (own.owner as Tasklet) : undefined;
}
