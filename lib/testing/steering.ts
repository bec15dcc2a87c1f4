/**
 * Decides everything that could go one way or another.
 *
 * The world has the turn between any two turns of tasklets. There it is decided who of those who can run has the
 * next one, whether the next timer fires first, whether somebody is killed first. The order of the ring stays as
 * it is for all who are not chosen, so that who stands first has waited longest.
 */
import type { Policy } from '../kernel/body.js';
import { next } from '../kernel/host.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { ERRAND, RUNNING, TASKLET, Waiter, insertBefore, unlink } from '../kernel/waiter.js';
import type { Decide } from './decide.js';
import type { Mortal } from './program.js';
import type { VirtualClock } from './virtual-clock.js';

/** What is told of what happens. */
export interface Audience {
  /** The world has the turn, and everything is in order. */
  step(): void;
  /** Something happens that is nobody's turn, to `tasklet` if to any. */
  event(what: string, tasklet?: Mortal): void;
  /** It has taken more steps than it was allowed. */
  tooLong(): void;
}

const TIMER: object = { name: 'the next timer' };
const REST: object = { name: 'nothing' };
const NOBODY: readonly object[] = [];

export class Steering implements Policy {
  /** The program has ended or failed: what is cleaned up after it decides nothing. */
  over = false;
  /** What was decided each time, and among how many. */
  readonly picks: number[] = [];
  readonly counts: number[] = [];
  readonly mortal: Set<Mortal> = new Set();
  private readonly scheduler: Scheduler;
  private readonly clock: VirtualClock;
  private readonly decide: Decide;
  private readonly audience: Audience;
  private readonly actors: object[] = [];
  private left: number;
  /** With so many steps left everybody has his turn again: who waits for another in a loop is no endless program. */
  private readonly fair: number;
  private stopped = false;
  /** The turn is being given to who was decided on. */
  private passing = false;
  /** A step is to come. */
  private pending = false;
  /** Who goes on after what happens now, because it did not wait. */
  private stays: Waiter | null = null;
  /** What is to happen now. */
  private coming: object | null = null;

  /** @param steps how many it may take. */
  constructor(scheduler: Scheduler, clock: VirtualClock, decide: Decide, steps: number, audience: Audience) {
    this.scheduler = scheduler;
    this.clock = clock;
    this.decide = decide;
    this.left = steps;
    this.fair = steps / 2;
    this.audience = audience;
    scheduler.policy = this;
    clock.onIdle(() => {
      this.rested();
    });
  }

  /** From now on everything goes as it would without exploration. */
  stop(): void {
    const { scheduler } = this;
    this.stopped = true;
    scheduler.policy = null;
    this.clock.jumpWhenIdle();
    if (scheduler.current.kind === TASKLET) scheduler.leave();
    else if (!scheduler.isIdle) scheduler.depart();
  }

  draw(count: number): number {
    return this.pick(NOBODY, count);
  }

  holds(waiter: Waiter): boolean {
    if (this.passing) {
      this.passing = false;
      return false;
    }
    if (waiter.kind !== TASKLET || waiter.doing !== RUNNING) return true;
    // A loop that never waits must come to an end as well.
    if (--this.left < 0) return true;
    // It goes on without waiting, and no other tasklet may come in between; the world may.
    if (this.over) return false;
    const { actors } = this;
    actors.length = 1;
    actors[0] = waiter;
    this.addEvents();
    const chosen = this.choose();
    if (chosen === waiter) return false;
    this.stays = waiter;
    this.coming = chosen;
    return true;
  }

  rested(): void {
    if (this.pending) return;
    this.pending = true;
    next(this.step);
  }

  /** The world has the turn: something happens, or somebody gets it. */
  private readonly step = (): void => {
    this.pending = false;
    if (this.stopped) return;
    const { scheduler } = this;
    this.audience.step();
    if (--this.left < 0) {
      this.audience.tooLong();
      return;
    }
    // Woken from idleness, the scheduler asks for a step of its own.
    while (!this.pending) {
      if (!scheduler.isIdle && scheduler.current.next === scheduler.current) {
        // Whoever could run was killed before its first turn.
        scheduler.depart();
        return;
      }
      const chosen = this.coming ?? this.whoIsNext();
      this.coming = null;
      if (chosen === REST) return;
      if (chosen instanceof Waiter) {
        this.passTo(chosen);
        return;
      }
      this.happen(chosen);
    }
  };

  private whoIsNext(): object {
    const { actors, scheduler } = this;
    const world = scheduler.current;
    actors.length = 0;
    if (this.stays !== null) actors.push(this.stays);
    else {
      for (let waiter = world.next; waiter !== world; waiter = waiter.next) {
        if (waiter.kind !== ERRAND) actors.push(waiter);
        // All who stood before it have had a turn, and that is when it is due.
        else if (actors.length === 0) return waiter;
      }
    }
    // In the end nobody is left for whom time could pass.
    const late = this.clock.next === undefined || (this.over && scheduler.live.size === 0);
    if (actors.length === 0 && late) actors.push(REST);
    this.addEvents();
    return this.choose();
  }

  private addEvents(): void {
    const { actors, mortal } = this;
    if (this.clock.next !== undefined) actors.push(TIMER);
    if (mortal.size === 0) return;
    for (const each of mortal) {
      if (each.alive) actors.push(each);
      else mortal.delete(each);
    }
  }

  private choose(): object {
    const { actors } = this;
    return actors[this.pick(actors, actors.length)] as object;
  }

  private pick(actors: readonly object[], count: number): number {
    if (count === 1 || this.over || this.stopped || this.left < this.fair) return 0;
    const { picks, counts } = this;
    const picked = this.decide(picks.length, count, actors);
    picks.push(picked);
    counts.push(count);
    return picked;
  }

  private passTo(waiter: Waiter): void {
    const { scheduler } = this;
    const first = scheduler.current.next;
    unlink(waiter);
    insertBefore(waiter, waiter === first ? scheduler.current.next : first);
    this.stays = null;
    this.passing = true;
    scheduler.depart();
  }

  private happen(event: object): void {
    if (event === TIMER) {
      this.audience.event('the next timer fires');
      this.clock.advanceToNext();
      return;
    }
    const tasklet = event as Mortal;
    this.audience.event('is killed', tasklet);
    this.mortal.delete(tasklet);
    tasklet.kill();
  }
}
