/**
 * Turns.
 *
 * The ring holds all that can run; `current` has the turn, and who stands just before it is last. At most
 * one tasklet has the turn, from one wait to the next. The order is Stackless's: new ones and woken ones go
 * last, a switch does not reorder, one that leaves is followed by its successor.
 *
 * There is no loop that runs tasklets. The operation that makes the running tasklet wait takes the next one
 * and settles its promise: one microtask a switch. Since nothing else resumes anybody, the microtasks of the
 * running tasklet (the returns of its nested async functions) are never overtaken, and that is what makes it
 * atomic between two waits.
 *
 * The event loop is a member of the ring too, the `world`: it has the turn when nobody can run, and it gets
 * one when the others have been switching for a millisecond.
 */
import { Clock, monotonic } from './clock.js';
import { table } from './dump.js';
import { DeadlockError, type Waiting } from './errors.js';
import { complain, soon, whenDry } from './host.js';
import { identity, trust } from './identity.js';
import {
  ENDED,
  ERRAND,
  FRESH,
  GUEST,
  RUNNING,
  Side,
  TASKLET,
  WORLD,
  YIELDING,
  Waiter,
  insertBefore,
  unlink,
} from './waiter.js';
import { settle } from './wait.js';
import { extraOf, tidy } from './extra.js';

/** How long tasklets switch before the event loop gets a turn, in milliseconds. */
const SLICE = 1;
/** The most switches between two looks at the time. */
const STRIDE = 512;

/** A tasklet, as the kernel sees it. */
export interface Body extends Waiting {
  readonly daemon: boolean;
  readonly alive: boolean;
  readonly parent: Body | undefined;
  /** Its first turn has come. */
  begin(): void;
  kill(): void;
  /** Ends when it does. */
  ending(): { next(): Promise<unknown> };
}

/** Who answers for the tasklets of a scheduler while a `run()` is active. */
export interface Supervisor {
  /** A tasklet has ended. */
  ended(): void;
  /** A tasklet failed, and nobody joins it. */
  crashed(error: unknown): void;
  /** The event loop has run dry while tasklets wait. */
  deadlocked(error: DeadlockError): void;
}

/** What wants to know about turns. Told after the fact, and must not throw. */
export interface Observer {
  switched?(from: Waiter, to: Waiter): void;
  blocked?(waiter: Waiter): void;
  woken?(waiter: Waiter): void;
}

/** A promise for "nothing", shared: to have waited for nothing costs no memory. */
const DONE: Promise<undefined> = Promise.resolve(undefined);

export class Scheduler {
  /** Who has the turn. */
  current: Waiter;
  readonly clock: Clock;
  /** Whole milliseconds, as of the last look at the time. */
  coarse = 0;
  observer: Observer | null = null;
  /** Every tasklet that has not ended; what lives here never vanishes unseen. */
  readonly live: Set<Waiter> = new Set();
  /** Those who wait until nobody else can run. */
  readonly idlers: Side = new Side({ describe: () => 'idle' }, false);
  /** When the ring is about to be empty: who gets the turn instead of the world. */
  whenEmpty: ((leaving: Waiter) => Waiter | null) | null = null;
  supervisor: Supervisor | null = null;
  /** How many of the live ones are not daemons. */
  essential = 0;
  private readonly world: Waiter;
  private drawn = 0x2545f491;
  /** The world has the turn because nobody can run. */
  private idle = true;
  private watching = false;
  private budget = STRIDE;
  private stride = STRIDE;
  private sliceStart = 0;
  private lastLook = 0;

  constructor(options: { clock?: Clock } = {}) {
    this.clock = options.clock ?? new Clock();
    this.world = new Waiter(WORLD, this, null);
    this.current = this.world;
  }

  /** Nobody can run. */
  get isIdle(): boolean {
    return this.idle;
  }

  /** Every live tasklet, oldest first. */
  tasklets(): Body[] {
    return Array.from(this.live, ({ owner }) => owner as Body);
  }

  /** A table of every live tasklet: name, state, what it waits for, for how long, parent. */
  dump(): string {
    return table(this.tasklets());
  }

  // Entering the ring -------------------------------------------------------------------------------------

  /** Puts `waiter` last. */
  append(waiter: Waiter): void {
    insertBefore(waiter, this.current);
  }

  /** `waiter`, whose wait is settled, is to go on: it goes last; if nobody has the turn, it has it now. */
  wake(waiter: Waiter): void {
    if (waiter.extra !== null && waiter.extra.paused) return;
    if (this.observer !== null) this.observer.woken?.(waiter);
    this.append(waiter);
    if (this.idle) this.depart();
  }

  /** A new tasklet comes to life, last in the ring. */
  enter(waiter: Waiter): void {
    if (this.live.size === 0) dryWatch.add(this);
    this.live.add(waiter);
    if (!(waiter.owner as Body).daemon) this.essential++;
    identity.on();
    // Born waiting: the reaction is made here, so that the async context of whoever starts it is inherited.
    waiter.doing = FRESH;
    waiter.value = waiter;
    void (waiter.park() as Promise<Waiter>).then(start);
    this.wake(waiter);
  }

  // Waiting -----------------------------------------------------------------------------------------------

  /** `me` waits for somebody to wake it; if it has the turn, the next one gets it. */
  block(me: Waiter): Promise<unknown> {
    const wait = me.park();
    if (this.observer !== null) this.observer.blocked?.(me);
    if (me === this.current) this.leave();
    return wait;
  }

  /** `me` did what it wanted without waiting, and goes on. Without the turn, it goes on when it is its turn. */
  proceed(me: Waiter, value: unknown, failed = false): Promise<unknown> {
    const holds = me === this.current;
    const paused = me.extra !== null && me.extra.paused;
    if (holds && !paused && (--this.budget >= 0 || !this.mustRest())) {
      if (failed) return Promise.reject(value);
      return value === undefined ? DONE : Promise.resolve(value);
    }
    const wait = me.park();
    settle(me, value, failed);
    if (!holds) this.wake(me);
    else if (paused) this.leave();
    else this.rest(me);
    return wait;
  }

  /** `error` is raised in `me` instead of what it was about to do; all others have a turn first. */
  raise(me: Waiter, error: unknown): Promise<unknown> {
    if (me !== this.current || isPaused(me)) return this.proceed(me, error, true);
    const wait = me.park();
    settle(me, error, true);
    // An endless loop that swallows its kill must not take everybody else with it.
    if (me.next !== me) this.give(me.next);
    else this.rest(me);
    return wait;
  }

  /**
   * `peer`, whose wait is settled, goes on now and `me` is last, with `value` as the outcome of its own
   * operation. If `me` has no turn to give, or `peer` cannot take it, `peer` goes on when its turn comes.
   */
  handOver(me: Waiter, peer: Waiter, value: unknown, failed = false): Promise<unknown> {
    if (me !== this.current || peer.scheduler !== this || isPaused(peer) || isPaused(me)) {
      peer.scheduler.wake(peer);
      return this.proceed(me, value, failed);
    }
    const wait = me.park();
    settle(me, value, failed);
    if (this.observer !== null) this.observer.woken?.(peer);
    insertBefore(peer, me.next);
    this.give(peer);
    return wait;
  }

  /** `me` goes last. */
  yield(me: Waiter): Promise<unknown> {
    const holds = me === this.current;
    const paused = isPaused(me);
    if (holds && me.next === me && !paused) return this.proceed(me, undefined);
    const wait = me.park();
    me.doing = YIELDING;
    if (!holds) this.wake(me);
    else if (paused) this.leave();
    else this.give(me.next);
    return wait;
  }

  // Leaving the ring --------------------------------------------------------------------------------------

  /** Who has the turn leaves the ring, and its successor goes on. */
  leave(): void {
    const me = this.current;
    const after = me.next;
    if (after === me) this.pass(this.heir(me));
    else {
      unlink(me);
      this.give(after);
    }
  }

  /** Takes `waiter`, who stands in the ring without the turn, out of it. */
  remove(waiter: Waiter): void {
    unlink(waiter);
  }

  /** The tasklet of `waiter`, which has nothing in flight any more, has ended: its turn passes on. */
  end(waiter: Waiter): void {
    waiter.doing = ENDED;
    this.live.delete(waiter);
    if (!(waiter.owner as Body).daemon) this.essential--;
    identity.off();
    if (this.live.size === 0) dryWatch.delete(this);
    if (waiter.extra !== null) {
      this.clock.cancel(waiter.extra);
      waiter.extra = null;
    }
    if (this.supervisor !== null) this.supervisor.ended();
    if (waiter === this.current) this.leave();
  }

  // Who is next -------------------------------------------------------------------------------------------

  /** Gives the turn to `to`. Guests and errands on the way are served: they hold no turn. */
  give(to: Waiter): void {
    const from = this.current;
    let waiter = to;
    for (;;) {
      this.current = waiter;
      if (--this.budget < 0 && this.mustRest()) {
        this.rest(waiter);
        return;
      }
      if (waiter.kind === TASKLET) {
        if (!this.watching) this.watch();
        if (this.observer !== null && from !== waiter) this.observer.switched?.(from, waiter);
        waiter.go();
        return;
      }
      const after = waiter.next === waiter ? this.world : waiter.next;
      unlink(waiter);
      this.current = after;
      serve(waiter);
      if (after.kind !== WORLD) waiter = after;
      else if (after.next !== after) {
        waiter = after.next;
        unlink(after);
      } else {
        const heir = this.heir(after);
        if (heir === null) {
          this.pass(null);
          return;
        }
        waiter = heir;
      }
    }
  }

  /** The last in the ring has left it: who gets the turn? `null`: the world, until somebody is woken. */
  private heir(leaving: Waiter): Waiter | null {
    this.current = this.world;
    const waiting = this.idlers.first;
    if (waiting !== null) {
      this.idlers.remove(waiting);
      settle(waiting, undefined, false);
      return waiting;
    }
    return this.whenEmpty === null ? null : this.whenEmpty(leaving);
  }

  private readonly stillIdle: () => boolean = () => this.idle;

  private pass(heir: Waiter | null): void {
    if (heir !== null) this.give(heir);
    else {
      this.idle = true;
      this.clock.idle(this.stillIdle);
    }
  }

  /** The world gives the turn to who is next. */
  private depart(): void {
    const after = this.world.next;
    if (after === this.world) {
      // Who was to go on after the rest was killed meanwhile.
      this.pass(this.heir(after));
      return;
    }
    this.idle = false;
    unlink(this.world);
    this.give(after);
  }

  /** The next of a fixed sequence of well-mixed numbers, from 0 to `count` - 1. */
  draw(count: number): number {
    let x = this.drawn;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.drawn = x;
    return (x >>> 0) % count;
  }

  // The event loop ----------------------------------------------------------------------------------------

  /** The event loop gets a turn, and `waiter` the next one. */
  private rest(waiter: Waiter): void {
    insertBefore(this.world, waiter);
    this.current = this.world;
  }

  /** Whether the time slice is over. Looks at the time about four times a slice, however long turns are. */
  private mustRest(): boolean {
    if (!this.watching) {
      this.watch();
      return false;
    }
    const now = monotonic();
    if (now - this.sliceStart >= SLICE) return true;
    const pace = (now - this.lastLook) / this.stride;
    this.stride = Math.min(STRIDE, Math.max(1, Math.floor(SLICE / 4 / pace)));
    this.look(now);
    return false;
  }

  /** Looks at the time if nobody has been switched to since the event loop's last turn. */
  refresh(): void {
    if (!this.watching) this.coarse = Math.trunc(monotonic());
  }

  private look(now: number): void {
    this.lastLook = now;
    this.coarse = Math.trunc(now);
    this.budget = this.stride;
  }

  /** At most one of these is pending, however many switches there are. */
  private watch(): void {
    this.watching = true;
    this.sliceStart = monotonic();
    this.look(this.sliceStart);
    soon(this.tick);
  }

  private readonly tick: () => void = () => {
    this.watching = false;
    if (this.current === this.world) {
      if (!this.idle) this.depart();
    } else {
      // All microtasks have run and it still has the turn: it awaits something foreign.
      this.leave();
    }
  };
}

/** The first turn of a tasklet. */
function start(waiter: Waiter): void {
  identity.run(waiter, begin);
}

function begin(waiter: Waiter): void {
  (waiter.owner as Body).begin();
}

function isPaused(waiter: Waiter): boolean {
  return waiter.extra !== null && waiter.extra.paused;
}

/** The turn of one who holds none. */
function serve(waiter: Waiter): void {
  if (waiter.kind === ERRAND) {
    (waiter.owner as { fire(): void }).fire();
    return;
  }
  const host = waiter.owner as Waiter | null;
  if (host !== null && host.extra !== null) {
    host.extra.guests.delete(waiter);
    tidy(host);
  }
  waiter.go();
}

const dryWatch = new Set<Scheduler>();
whenDry(() => {
  for (const scheduler of dryWatch) reportDeadlock(scheduler);
});

function reportDeadlock(scheduler: Scheduler): void {
  if (scheduler.essential === 0) return;
  const bodies = scheduler.tasklets();
  const error = new DeadlockError(bodies.filter(({ daemon }) => !daemon));
  if (scheduler.supervisor !== null) {
    scheduler.supervisor.deadlocked(error);
    return;
  }
  // Once: what survives being killed awaits something foreign that will never come.
  dryWatch.delete(scheduler);
  complain(error.message);
  for (const body of bodies) body.kill();
}

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

/** The scheduler of the code that is running. */
export function here(): Scheduler {
  return identity.current()?.scheduler ?? defaultScheduler;
}

function stranger(me: Waiter | undefined): Waiter {
  const scheduler = me === undefined ? defaultScheduler : me.scheduler;
  scheduler.refresh();
  if (me === undefined || me.doing === ENDED) return new Waiter(GUEST, scheduler, null);
  // Back from a foreign await: it has no turn, and gets one with this operation.
  if (me.doing === RUNNING) return me;
  const guest = new Waiter(GUEST, scheduler, me);
  extraOf(me).guests.add(guest);
  return guest;
}
