/**
 * Tasklets that work on the values of a map, each on one after the other.
 *
 * One is hired when there is work, and the next one when the first one waits. So there are as many as have something to wait for, and work that never waits is done by one. Each
 * is a job of the pool, and makes room for the jobs of others after every value.
 */
import { here } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { CancelledError, TaskletExit } from '../kernel/errors.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { ERRAND, Waiter } from '../kernel/waiter.js';
import { isThenable, type WaitOptions } from '../kernel/options.js';
import { inherited, type Locals } from '../tasklet/local.js';
import { current } from '../tasklet/spawn.js';
import type { Future } from './future.js';
import type { Piece, Window } from './window.js';
import type { Worker } from './worker.js';

/** The pool, as far as a crew knows it. */
interface Pool {
  readonly size: number;
  readonly waiting: number;
  readonly accepts: boolean;
  submit(fn: () => Promise<void>): Future<void>;
  /** Waits as a job that waits for another one of this pool, if the caller is one. */
  waitFor<T>(awaited: { readonly settled: boolean }, channel: Channel<T>): Promise<T>;
}

export class Crew implements Worker {
  private readonly pool: Pool;
  private readonly window: Window;
  private readonly fn: (value: unknown, index: number) => unknown;
  private readonly toil: () => Promise<void>;
  private readonly hands: Set<Future<void>> = new Set();
  /** One was hired and has not begun. */
  private hiring = false;
  /** Whether to hire one more is looked into when those who can run have had a turn. */
  private thinking = false;
  private over = false;
  private readonly scheduler: Scheduler = here();
  /** Each value is worked on with these, whatever was set for another one. */
  private readonly locals: Locals | null = inherited(current());

  constructor(pool: Pool, window: Window, fn: (value: unknown, index: number) => unknown) {
    this.pool = pool;
    this.window = window;
    this.fn = fn;
    this.toil = () => {
      this.hiring = false;
      return this.work();
    };
    Object.defineProperty(this.toil, 'name', { value: fn.name === '' ? 'map' : fn.name });
  }

  refill(): void {
    this.hire();
  }

  taken(): void {
    // Not for each one: half of the room is worth the hire.
    if (this.window.size <= this.window.limit / 2) this.hire();
  }

  begin(piece: Piece): void {
    const future = this.pool.submit(() => this.work(piece));
    this.keep(future);
    future.atEnd(() => {
      this.hands.delete(future);
      if (!piece.settled) this.window.settle(piece, true, future.outcome);
    });
  }

  wait(arrived: Channel<void>, options: WaitOptions | undefined): Promise<void> {
    const { window } = this;
    if (options !== undefined) return arrived.receive(options);
    const awaited = {
      get settled(): boolean {
        return window.ready !== null;
      },
    };
    return this.pool.waitFor(awaited, arrived);
  }

  stop(): void {
    this.over = true;
    for (const hand of [...this.hands]) hand.cancel();
  }

  private hire(): void {
    const { window } = this;
    if (this.over || this.hiring || !window.open || window.source.ended || window.source.later) return;
    if (this.hands.size >= Math.min(window.limit, this.pool.size)) return;
    const hand = this.pool.submit(this.toil);
    this.hiring = true;
    this.keep(hand);
    hand.atEnd(() => {
      this.hands.delete(hand);
      if (hand.state !== 'cancelled') return;
      // Killed, perhaps before it began: somebody has to look who takes its place.
      this.hiring = false;
      window.tell();
    });
  }

  /** One more is hired when this one waits: then the errand, which stands behind it in the ring, is run. */
  private think(): void {
    if (this.thinking || this.hiring) return;
    this.thinking = true;
    this.scheduler.wake(new Waiter(ERRAND, this.scheduler, this));
  }

  /** @internal The errand. */
  fire(): void {
    this.thinking = false;
    if (this.pool.accepts) this.hire();
  }

  private keep(hand: Future<void>): void {
    this.hands.add(hand);
    hand.observe();
  }

  private async work(first?: Piece): Promise<void> {
    const me = current();
    const { pool, window, fn } = this;
    for (let piece = first ?? this.next(); piece !== null; piece = this.next()) {
      this.think();
      if (me !== undefined) me.locals = this.locals;
      try {
        const result = fn(piece.content, piece.index);
        window.settle(piece, false, isThenable(result) ? await result : result);
      } catch (error) {
        if (error instanceof TaskletExit) throw this.killed(piece, error);
        window.settle(piece, true, error);
      }
      if (this.crowded()) {
        if (pool.accepts) this.hire();
        return;
      }
    }
  }

  /** Its tasklet ends with `exit`, and what it had in hand is lost. */
  private killed(piece: Piece, exit: TaskletExit): TaskletExit {
    this.window.settle(piece, true, new CancelledError(exit.message, { cause: exit.cause }));
    return exit;
  }

  /** Others wait for room, besides the one that was hired last. */
  private crowded(): boolean {
    return this.pool.waiting > (this.hiring ? 1 : 0);
  }

  private next(): Piece | null {
    return this.over ? null : this.window.pull();
  }
}
