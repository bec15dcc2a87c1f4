/**
 * One life of a tasklet: from `setup` until its function is over.
 *
 * - Its waiter stands in the ring, on a side of a channel, or nowhere (it is paused).
 * - While it waits for one of our operations, the waiter's `value` is Stackless's transfer slot, `tempval`:
 *   what its `await` will return, or raise. Others may change it until it has the turn again.
 * - While it waits for anything else (a native operation, a bare `await`) it is *outside*. That wait belongs
 *   to the kernel, which has its own rules for interrupting it.
 */
import { interrupt } from '../kernel/extra.js';
import { expire } from '../kernel/lifetime.js';
import {
  ENDED,
  FRESH,
  NEXTING,
  RECEIVING,
  RUNNING,
  SELECTING,
  SENDING,
  YIELDING,
  unlink,
  type Waiter,
} from '../kernel/waiter.js';
import { Tasklet as Native } from '../tasklet/tasklet.js';
import { RuntimeError } from './errors.js';
import type { Tasklet } from './tasklet.js';
import type { World } from './world.js';

/** What a tasklet runs, from its first turn to its end. */
export type Body = (life: Life) => Promise<unknown>;

export class Life {
  readonly world: World;
  readonly handle: Tasklet;
  readonly native: Native;
  readonly waiter: Waiter;
  private started = false;
  /** An error thrown at it before its first turn. */
  private early: { readonly error: unknown } | null = null;
  /** The promise of its last wait for an operation of ours. */
  private wait: Promise<unknown> | null = null;

  /** It is paused until {@link Life.enter}. */
  constructor(world: World, handle: Tasklet, name: string, body: Body) {
    this.world = world;
    this.handle = handle;
    this.native = new Native(() => body(this), {
      scheduler: world.scheduler,
      ...(name === '' ? {} : { name }),
    });
    this.waiter = this.native.waiter;
    this.waiter.tag = this;
    this.waiter.doing = FRESH;
  }

  /** Whose life `waiter` is; `undefined` for a native tasklet. */
  static of(waiter: Waiter | undefined): Life | undefined {
    return waiter?.tag instanceof Life ? waiter.tag : undefined;
  }

  get alive(): boolean {
    return this.waiter.doing !== ENDED;
  }

  /** Whether it has the turn. */
  get holds(): boolean {
    return this.world.scheduler.current === this.waiter;
  }

  get inRing(): boolean {
    const { waiter } = this;
    return waiter.side === null && (this.holds || waiter.next !== waiter);
  }

  /** Whether it waits for an operation of ours. */
  get parked(): boolean {
    const { doing, wait } = this.waiter;
    return doing !== RUNNING && this.wait !== null && this.wait === wait;
  }

  get blocked(): boolean {
    return this.alive && (this.waiter.side !== null || isOutside(this.waiter));
  }

  /** Puts it last in the ring, if it is not in it. */
  enter(): void {
    if (!this.started) {
      this.started = true;
      this.native.start();
    } else if (!this.inRing) this.world.scheduler.wake(this.waiter);
  }

  /** Takes it out of the ring, where it stands without the turn. */
  leave(): void {
    unlink(this.waiter);
  }

  /** Takes it off its channel, if it waits at one of ours. */
  unblock(): void {
    const { waiter } = this;
    if (waiter.side === null || !this.parked) return;
    waiter.side.remove(waiter);
    waiter.doing = YIELDING;
  }

  /** Begins a wait of ours. */
  park(): Promise<unknown> {
    this.wait = this.waiter.park();
    this.waiter.doing = YIELDING;
    return this.wait;
  }

  /** Asks for the turn, which it has lost to a foreign `await`; a wait of ours. */
  claim(): Promise<unknown> {
    const turn = this.park();
    this.world.scheduler.wake(this.waiter);
    return turn;
  }

  /** Decides what its present wait, or the next one of ours, will come to. */
  fill(value: unknown, failed = false): void {
    const { waiter } = this;
    if (waiter.doing === FRESH) this.early = failed ? { error: value } : null;
    else {
      waiter.value = value;
      waiter.failed = failed;
    }
  }

  /** What its present wait, or the next one of ours, will come to. */
  get slot(): unknown {
    return this.parked || this.holds ? this.waiter.value : undefined;
  }

  /** @throws {RuntimeError} what it waits for is not ours to decide. */
  store(value: unknown): void {
    if (!this.alive) return;
    if (!this.parked && !this.holds && this.waiter.doing !== FRESH) {
      throw new RuntimeError('the tasklet waits for something that has no tempval');
    }
    this.fill(value);
  }

  /** Raises `error` in it when it next has the turn; it is in the ring then, unless its wait is foreign. */
  raise(error: unknown): void {
    if (this.parked || this.waiter.doing === FRESH) {
      this.unblock();
      this.fill(error, true);
      this.enter();
    } else interrupt(this.waiter, error);
  }

  /** The error that was thrown at it before its first turn is raised now. */
  begin(): void {
    if (this.early !== null) throw this.early.error as Error;
  }

  /** Ends it without coming to its end: nothing of it will run again. */
  drop(): void {
    if (this.started) expire(this.waiter);
    else this.waiter.doing = ENDED;
  }
}

/** Whether `waiter` waits for something that is not an operation of ours. */
export function isOutside(waiter: Waiter): boolean {
  if (Life.of(waiter)?.parked === true) return false;
  switch (waiter.doing) {
    case RUNNING:
      return waiter !== waiter.scheduler.current;
    case SENDING:
    case RECEIVING:
    case NEXTING:
    case SELECTING:
      return true;
    default:
      return false;
  }
}
