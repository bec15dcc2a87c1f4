/**
 * A world of tasklets: Stackless's rules on the kernel's ring.
 *
 * Each `main()` has a world, with a scheduler of its own. The kernel's ring is Stackless's already; what is
 * added here is what Stackless does when the ring is empty, when a tasklet fails, and when somebody says who
 * is to run next.
 *
 * Always true:
 * - `watchdogs` are the tasklets inside `run()`, innermost last. They are not in the ring, unless somebody
 *   inserted one.
 * - Whoever waits outside (see {@link Life}) may come back. While there is one, an empty ring is no deadlock
 *   and no reason for `run()` to return.
 */
import { DeadlockError } from '../kernel/errors.js';
import { interrupt } from '../kernel/extra.js';
import { crash } from '../kernel/host.js';
import { proceed } from '../kernel/park.js';
import { Scheduler } from '../kernel/scheduler.js';
import { ENDED, insertBefore, RECEIVING, SENDING, unlink, type Side, type Waiter } from '../kernel/waiter.js';
import { abandon } from '../kernel/wait.js';
import { RuntimeError } from './errors.js';
import type { ChannelCallback, ErrorHandler, ScheduleCallback } from './hooks.js';
import { isOutside, Life } from './life.js';
import { successorOf } from './ring.js';

export class World {
  readonly scheduler: Scheduler = new Scheduler();
  readonly main: Life;
  readonly watchdogs: Life[] = [];
  trap = 0;
  onSchedule: ScheduleCallback | null = null;
  onChannel: ChannelCallback | null = null;
  onError: ErrorHandler | null = null;
  /** Who has the turn, or had it last. */
  private last: Life;
  private over = false;

  constructor(main: (world: World) => Life) {
    const { scheduler } = this;
    this.main = main(this);
    this.last = this.main;
    scheduler.whenEmpty = () => this.heir();
    scheduler.observer = { switched: (_, to) => this.switched(to) };
    scheduler.supervisor = {
      ended() {},
      crashed: (error) => this.wake.raise(error),
      deadlocked: (error) => this.dry(error),
    };
  }

  /** Who is woken when nobody can run, and told of errors: the innermost caller of `run()`, or main. */
  get wake(): Life {
    return this.watchdogs.at(-1) ?? this.main;
  }

  /** Called before anything is changed: a raised switch trap refuses every switch to another tasklet. */
  guard(to: Waiter | null): void {
    if (this.trap > 0 && to !== null && to !== this.scheduler.current) throw new RuntimeError('switch_trap');
  }

  /** Where no other tasklet can run: whether somebody may come back from outside. */
  get awaited(): boolean {
    const { clock, current, live } = this.scheduler;
    // A timer, or an errand in the ring, may belong to a native scope around an operation of ours.
    if (clock.next !== undefined || current.next !== current) return true;
    for (const waiter of live) if (isOutside(waiter)) return true;
    return false;
  }

  // What `me`, who has the turn, does with it ---------------------------------------------------------------

  /** `me` goes on without a switch, with this outcome. */
  proceed(me: Life, value: unknown, failed = false): Promise<unknown> {
    me.fill(undefined);
    return proceed(me.waiter, value, failed);
  }

  /** `to`, who stands in the ring, has the turn; `me` keeps its place. */
  switch(me: Life, to: Waiter): Promise<unknown> {
    const wait = me.park();
    this.scheduler.give(to);
    return wait;
  }

  /** `to`, who stands in the ring, has the turn; `me` is paused. */
  switchAway(me: Life, to: Waiter): Promise<unknown> {
    const wait = me.park();
    unlink(me.waiter);
    this.scheduler.give(to);
    return wait;
  }

  /** `peer`, who stands nowhere, has the turn, and `me` is last. */
  handOver(me: Life, peer: Life): Promise<unknown> {
    insertBefore(peer.waiter, me.waiter.next);
    return this.switch(me, peer.waiter);
  }

  /** `me` leaves the ring, for a side of a channel or for nowhere, and its successor has the turn. */
  leave(me: Life, side: Side | null): Promise<unknown> {
    const wait = me.park();
    if (side !== null) me.waiter.doing = side.sending ? SENDING : RECEIVING;
    this.scheduler.leave(side);
    return wait;
  }

  /**
   * `me` leaves the ring until somebody wakes it, with `value` in its slot.
   * @throws {RuntimeError} nobody would be left to do so.
   */
  blockAway(me: Life, side: Side | null, value: unknown, failed = false): Promise<unknown> {
    let next = successorOf(me.waiter);
    if (next === null && !this.awaited) {
      const { wake } = this;
      if (wake === me || wake.blocked) {
        throw new RuntimeError('Deadlock: the last runnable tasklet cannot be blocked.');
      }
      this.guard(wake.waiter);
      wake.enter();
      next = wake.waiter;
    }
    this.guard(next);
    me.fill(value, failed);
    return this.leave(me, side);
  }

  /**
   * `me`, who has the turn, died of `error`, and whoever answers for it goes on with that. Without an error
   * the kernel gives the turn to the successor.
   */
  die(me: Life, error: unknown): void {
    const { wake } = this;
    wake.raise(error);
    if (!wake.inRing) return; // It awaits something foreign, and is told after that.
    this.scheduler.give(wake.waiter);
    me.waiter.doing = ENDED;
    unlink(me.waiter);
  }

  /**
   * Main is over: the others never run again, and nothing of them is left in any queue. Native tasklets that
   * were spawned here are not ours, and go on.
   */
  close(): void {
    const { scheduler } = this;
    this.over = true;
    scheduler.supervisor = null;
    for (const waiter of scheduler.live) {
      const life = Life.of(waiter);
      if (life === undefined || life === this.main) continue;
      for (const each of [waiter, ...(waiter.extra?.guests ?? [])]) {
        abandon(each, undefined);
        unlink(each);
      }
      life.drop();
    }
    // A native scope of theirs would keep the program alive until its time is up.
    if (scheduler.live.size === 1) scheduler.clock.clear();
  }

  // What happens to it --------------------------------------------------------------------------------------

  /** The ring is empty. */
  private heir(): Waiter | null {
    if (this.over || this.awaited) return null;
    return this.rouse().waiter;
  }

  private rouse(): Life {
    const { wake } = this;
    if (wake.blocked) {
      const what =
        wake.waiter.doing === RECEIVING ? 'receiving without a sender' : 'sending without a receiver';
      wake.unblock();
      wake.fill(new RuntimeError(`the main tasklet is ${what} available.`), true);
    }
    return wake;
  }

  /** Nothing is left in the program that could bring back those who wait outside. */
  private dry(error: DeadlockError): void {
    const { wake } = this;
    if (wake.parked) this.rouse().enter();
    else {
      interrupt(wake.waiter, error);
      // It awaits something foreign that will never come: nobody else can tell.
      if (!wake.inRing) crash(error);
    }
  }

  private switched(to: Waiter): void {
    const next = Life.of(to);
    const { last } = this;
    if (next === undefined || next === last) return;
    this.last = next;
    if (this.onSchedule === null) return;
    try {
      this.onSchedule(last.handle, next.handle);
    } catch (error) {
      crash(error);
    }
  }
}
