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
import type { Body, Observer, Policy, Supervisor } from './body.js';
import { Clock } from './clock.js';
import { table } from './dump.js';
import { tidy } from './extra.js';
import { soon } from './host.js';
import { readOptions, show } from './options.js';
import { Roll } from './roll.js';
import { Slice } from './slice.js';
import { settle } from './wait.js';
import { ERRAND, Side, TASKLET, WORLD, Waiter, insertBefore, unlink } from './waiter.js';

export interface SchedulerOptions {
  /** Where it has its time from; the platform's by default, a `VirtualClock` in tests. */
  clock?: Clock;
}

export class Scheduler {
  /** @internal Who has the turn. */
  current: Waiter;
  readonly clock: Clock;
  /** @internal */
  observer: Observer | null = null;
  /** @internal Every tasklet that has not ended; what lives here never vanishes unseen. */
  readonly live: Roll = new Roll();
  /** @internal Those who wait until nobody else can run. */
  readonly idlers: Side = new Side({ describe: () => 'idle' }, false);
  /** @internal Who decides in place of the ring and of the time; in tests. */
  policy: Policy | null = null;
  /** @internal When the ring is about to be empty: who gets the turn instead of the world. */
  whenEmpty: ((leaving: Waiter) => Waiter | null) | null = null;
  /** @internal */
  supervisor: Supervisor | null = null;
  /** @internal What a fair select draws from: the same sequence for every scheduler. */
  seed = 0x2545f491;
  /** @internal How many of the live ones are not daemons. */
  essential = 0;
  private readonly world: Waiter;
  /** The world has the turn because nobody can run. */
  private idle = true;
  private watching = false;
  /** @internal How many switches until the next look at the time. */
  budget = 0;
  /** @internal Whole milliseconds of its clock, as of the last look: when a wait began. */
  coarse = 0;
  private readonly slice: Slice = new Slice();

  constructor(options?: SchedulerOptions) {
    const { clock = new Clock() } = readOptions(options, ['clock'], 'Scheduler');
    if (!(clock instanceof Clock))
      throw new TypeError(`Scheduler: clock must be a Clock, not ${show(clock)}`);
    this.clock = clock;
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

  /** @internal `waiter`, whose wait is settled, is to go on: it goes last; if nobody has the turn, it has it now. */
  wake(waiter: Waiter): void {
    if (waiter.extra !== null && waiter.extra.paused) return;
    if (this.observer !== null) this.observer.woken?.(waiter);
    insertBefore(waiter, this.current);
    if (this.idle) this.depart();
  }

  // Leaving the ring --------------------------------------------------------------------------------------

  /**
   * @internal Who has the turn leaves the ring, for a side of a channel or for nowhere, and its successor goes on.
   *
   * In this order: it cannot stand in two circles, and whoever runs next must find it where it waits.
   */
  leave(side: Side | null = null): void {
    const me = this.current;
    const after = me.next;
    if (after === me) {
      if (side !== null) side.push(me);
      this.pass(this.heir(me));
      return;
    }
    unlink(me);
    if (side !== null) side.push(me);
    this.give(after);
  }

  // Who is next -------------------------------------------------------------------------------------------

  /** @internal Gives the turn to `to`. */
  give(to: Waiter): void {
    const from = this.current;
    this.current = to;
    if (--this.budget < 0 && this.mustRest()) this.rest(to);
    else if (to.kind === TASKLET && this.observer === null) to.go();
    else this.attend(from, to);
  }

  /** Gives the turn to `to`. Guests and errands on the way are served: they hold no turn. */
  private attend(from: Waiter, to: Waiter): void {
    let waiter = to;
    for (;;) {
      if (waiter.kind === TASKLET) {
        waiter.go();
        // After it: an observer may kill whom it sees.
        if (this.observer !== null && from !== waiter) this.observer.switched?.(from, waiter);
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
      this.current = waiter;
      if (--this.budget < 0 && this.mustRest()) {
        this.rest(waiter);
        return;
      }
    }
  }

  /** The last in the ring has left it: who gets the turn? `null`: the world, until somebody is woken. */
  private heir(leaving: Waiter): Waiter | null {
    this.current = this.world;
    for (let idler = this.idlers.first; idler !== null; idler = this.idlers.first) {
      this.idlers.remove(idler);
      settle(idler, undefined, false);
      // A paused one has what it waited for, but no turn before it is resumed.
      if (idler.extra === null || !idler.extra.paused) return idler;
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

  /** @internal The world gives the turn to who is next. */
  depart(): void {
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

  // The event loop ----------------------------------------------------------------------------------------

  /** @internal The event loop gets a turn, and `waiter` the next one. */
  rest(waiter: Waiter): void {
    insertBefore(this.world, waiter);
    this.current = this.world;
    if (this.policy !== null) this.policy.rested();
  }

  /**
   * @internal Whether the time slice is over. With a policy the budget stays used up, so that it is asked about
   * every turn; without one, the field is looked at as rarely as the time is.
   */
  mustRest(): boolean {
    if (this.policy !== null) {
      this.glance();
      return this.policy.holds(this.current);
    }
    if (!this.watching) {
      this.watch();
      return false;
    }
    this.budget = this.slice.look();
    this.glance();
    return this.budget === 0;
  }

  /** @internal Looks at the time if nobody has been switched to since the event loop's last turn. */
  refresh(): void {
    if (!this.watching) this.glance();
  }

  /** What its clock says: how long they switch is real, how long they wait may not be. */
  private glance(): void {
    this.coarse = Math.trunc(this.clock.now());
  }

  /** At most one of these is pending, however many switches there are. */
  private watch(): void {
    this.watching = true;
    this.budget = this.slice.begin();
    this.glance();
    soon(this.tick);
  }

  private readonly tick: () => void = () => {
    this.watching = false;
    // So that the next switch looks at the time, and watches.
    this.budget = 0;
    if (this.current === this.world) {
      if (!this.idle) this.depart();
    } else {
      // All microtasks have run and it still has the turn: it awaits something foreign.
      this.leave();
    }
  };
}

/** The turn of one who holds none. */
function serve(waiter: Waiter): void {
  if (waiter.kind === ERRAND) {
    (waiter.owner as { fire(): void }).fire();
    return;
  }
  const host = waiter.owner as Waiter | null;
  if (host !== null && host.extra !== null) {
    host.extra.removeGuest(waiter);
    tidy(host);
  }
  waiter.go();
}
