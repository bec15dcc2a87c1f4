/**
 * Tasklets that work on the values of a map, each on one after the other.
 *
 * One is hired when there is work, and the next one when the first one waits. So there are as many as have
 * something to wait for, and work that never waits is done by one. Each is a job of the pool, and makes room
 * for the jobs of others after every value. One that finds nothing to do lets the others have a turn, since
 * there may be room when somebody has taken results, and ends only then: to hire costs more than to yield.
 */
import { here } from '../kernel/caller.js';
import { CancelledError, TaskletExit } from '../kernel/errors.js';
import { isThenable } from '../kernel/options.js';
import { schedule } from '../kernel/schedule.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { ERRAND, Waiter } from '../kernel/waiter.js';
import { inherited, type Locals } from '../tasklet/local.js';
import { current } from '../tasklet/spawn.js';
import type { Future } from './future.js';
import { Reader } from './reader.js';
import type { Piece, Window } from './window.js';
import type { Worker } from './worker.js';

type Step = IteratorResult<unknown, undefined>;

/** The pool, as far as a crew knows it. */
interface Pool {
  readonly size: number;
  readonly waiting: number;
  readonly accepts: boolean;
  /** Why it takes no more work. */
  refusal(): Error;
  enlist(fn: () => Promise<void>, args: [], scheduler: Scheduler): Future<unknown>;
  /** Waits as a job that waits for another one of this pool, if the caller is one. */
  waitFor<T>(awaited: { readonly settled: boolean }, wait: () => Promise<T>): Promise<T>;
}

/** It will be when it is received. */
const AWAITED = { settled: false };

export class Crew implements Worker {
  private readonly pool: Pool;
  private readonly window: Window;
  private readonly fn: (value: unknown, index: number) => unknown;
  private readonly toil: () => Promise<void>;
  private readonly hands: Set<Future<unknown>> = new Set();
  /** What the source has given and nobody has begun; only of a source for which one has to wait. */
  private readonly fresh: Set<Piece> = new Set();
  private readonly reader: Reader;
  /** One was hired and has not begun. */
  private hiring = false;
  /** How many let the others have a turn. */
  private resting = 0;
  /** Whether to hire one more is looked into when those who can run have had a turn: by an errand in the ring. */
  private thinking = false;
  private readonly errand: Waiter;
  private readonly scheduler: Scheduler = here();
  /** Each value is worked on with these, whatever was set for another one. */
  private readonly locals: Locals | null = inherited(current());

  constructor(pool: Pool, window: Window, fn: (value: unknown, index: number) => unknown) {
    this.pool = pool;
    this.window = window;
    this.fn = fn;
    this.errand = new Waiter(ERRAND, this.scheduler, this);
    this.reader = new Reader(window, (piece) => {
      this.fresh.add(piece);
      this.hire();
    });
    this.toil = () => {
      this.hiring = false;
      return this.work();
    };
    Object.defineProperty(this.toil, 'name', { value: fn.name === '' ? 'map' : fn.name });
  }

  refill(): void {
    if (this.window.source.slow) this.reader.want();
    this.hire();
  }

  next(): Promise<Step> {
    return this.pool.waitFor(AWAITED, () => this.window.line.next());
  }

  stop(): void {
    this.reader.stop();
    for (const hand of [...this.hands]) hand.cancel();
  }

  /** There is something to begin. */
  private get pending(): boolean {
    const { window } = this;
    return window.source.slow ? this.fresh.size > 0 : window.open;
  }

  private hire(): void {
    const { window, pool } = this;
    if (this.hiring || this.resting > 0 || window.line.closing || !this.pending) return;
    if (this.hands.size >= Math.min(window.limit, pool.size)) return;
    try {
      const hand = pool.enlist(this.toil, [], this.scheduler);
      this.hiring = true;
      this.hands.add(hand);
      hand.observe();
      hand.atEnd(() => {
        this.left(hand);
      });
    } catch (error) {
      window.fail(error);
    }
  }

  private left(hand: Future<unknown>): void {
    this.hands.delete(hand);
    if (hand.state === 'failed') this.window.fail(hand.outcome);
    // Killed, perhaps before it began: somebody has to look who takes its place.
    if (hand.state === 'cancelled') this.hiring = false;
    if (this.window.wanted) this.refill();
  }

  /** One more is hired when this one waits: then the errand, which stands behind it in the ring, is run. */
  private think(): void {
    if (this.thinking || this.hiring) return;
    this.thinking = true;
    this.scheduler.wake(this.errand);
  }

  /** @internal The errand. */
  fire(): void {
    this.thinking = false;
    this.hire();
  }

  private async work(): Promise<void> {
    const me = current();
    const { window, fn } = this;
    for (;;) {
      let piece = this.pull();
      if (piece === null) {
        if (!this.mayRest) return;
        // Those who take results have a turn.
        this.resting++;
        try {
          await schedule();
        } finally {
          this.resting--;
        }
        piece = this.pull();
        if (piece === null) return;
      }
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
        this.hire();
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

  /** There may be something to do later, and nobody else wants the place. */
  private get mayRest(): boolean {
    return !this.crowded() && (!this.window.done || this.fresh.size > 0);
  }

  private pull(): Piece | null {
    const { window, fresh } = this;
    if (!window.source.slow) {
      if (this.pool.accepts) return window.pull();
      window.fail(this.pool.refusal());
      return null;
    }
    if (window.line.closing) return null;
    for (const piece of fresh) {
      fresh.delete(piece);
      return piece;
    }
    return null;
  }
}
