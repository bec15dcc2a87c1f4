/**
 * Watching turns: who was switched to, who waits for what, who can go on.
 *
 * An observer is told after the fact and changes nothing: it may call anything of ours, and what it throws is an
 * uncaught exception of the program, not an error of the tasklet that happened to run. While nobody observes, a
 * switch pays for one look at one field.
 */
import type { Observer as KernelObserver } from '../kernel/body.js';
import { defaultScheduler } from '../kernel/caller.js';
import { crash, next } from '../kernel/host.js';
import { callable, readOptions } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { describe } from '../kernel/wait.js';
import { TASKLET, type Side, type Waiter } from '../kernel/waiter.js';
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
 * await schedule();
 * stop();
 */
export function observe(observer: Observer, options?: RunOptions): () => void {
  const given = readOptions(observer, EVENTS, 'observe');
  for (const event of EVENTS) if (given[event] !== undefined) callable(given[event], event, 'observe');
  const { scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'observe');
  let observers = observed.get(scheduler);
  if (observers === undefined) observed.set(scheduler, (observers = new Set()));
  const all = observers;
  all.add(observer);
  scheduler.observer ??= new Teller(all);
  return () => {
    if (scheduler.observer instanceof Teller) scheduler.observer.tell();
    all.delete(observer);
    if (all.size === 0) scheduler.observer = null;
  };
}

/**
 * Keeps what happens until it is safe to tell.
 *
 * Who waits does not stand anywhere yet when the kernel says so, and who is woken is not in the ring: an observer
 * that kills it, or calls an operation, would be in the middle of one. A switch is the end of one, and so is a
 * microtask.
 */
class Teller implements KernelObserver {
  private readonly observers: Set<Observer>;
  private readonly events: ((observer: Observer) => void)[] = [];
  /** How many of them have been told. */
  private told = 0;

  constructor(observers: Set<Observer>) {
    this.observers = observers;
  }

  switched(from: Waiter, to: Waiter): void {
    this.events.push((each) => each.switched?.(taskletOf(from), to.owner as Tasklet));
    this.tell();
  }

  blocked(waiter: Waiter, side: Side | null): void {
    const what = (side === null ? describe(waiter) : side.channel.describe(side.sending)) ?? 'a wait';
    this.later((each) => each.blocked?.(taskletOf(waiter), what));
  }

  woken(waiter: Waiter): void {
    this.later((each) => each.woken?.(taskletOf(waiter)));
  }

  /** Tells all that is kept, in order. */
  tell(): void {
    const { events } = this;
    // One place for all: an observer that makes a switch comes here again, and goes on where this is.
    while (this.told < events.length) {
      const event = events[this.told++] as (observer: Observer) => void;
      for (const observer of this.observers) {
        try {
          event(observer);
        } catch (error) {
          crash(error);
        }
      }
    }
    events.length = 0;
    this.told = 0;
  }

  private later(event: (observer: Observer) => void): void {
    if (this.events.push(event) === 1) next(() => this.tell());
  }
}

/** The tasklet that waits: itself, or with one of its guests. */
function taskletOf(waiter: Waiter): Tasklet | undefined {
  const own = waiter.kind === TASKLET ? waiter : (waiter.owner as Waiter | null);
  return own?.kind === TASKLET ? (own.owner as Tasklet) : undefined;
}
