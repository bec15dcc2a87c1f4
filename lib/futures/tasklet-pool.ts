/**
 * Work done by tasklets, so many at a time.
 *
 * Each job is a tasklet of its own, made where it is submitted, so that it inherits what its submitter has set;
 * it starts when there is room. No tasklet is there for its own sake: an idle pool holds nothing.
 */
import { here } from '../kernel/caller.js';
import { DeadlockError, type StateError } from '../kernel/errors.js';
import { nameOf, titled } from '../kernel/line.js';
import { callable, readOptions, whole } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { current } from '../tasklet/spawn.js';
import { Tasklet } from '../tasklet/tasklet.js';
import { Backlog } from './backlog.js';
import { Closing } from './closing.js';
import { Crew } from './crew.js';
import type { Executor, ExecutorShutdownOptions } from './executor.js';
import { Flow, type FlowOptions } from './flow.js';
import { Future } from './future.js';
import { Job, type Settleable } from './job.js';

export interface TaskletPoolOptions {
  /** How many jobs run at a time, from 1. */
  size: number;
  /** Shown in error messages. */
  name?: string;
}

/**
 * An executor whose jobs are tasklets. Source: Evergreen's `TaskPoolExecutor`.
 *
 * @example
 * await using pool = new TaskletPoolExecutor({ size: 4 });
 * const page = pool.submit(download, url);
 * await page.get();
 */
export class TaskletPoolExecutor implements Executor {
  readonly size: number;
  readonly name: string;
  private readonly queue: Backlog<Job> = new Backlog();
  private readonly running: Set<Job> = new Set();
  private readonly closing: Closing;

  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options: TaskletPoolOptions) {
    const { size, name } = readOptions(options, ['size', 'name'], 'TaskletPoolExecutor');
    this.size = whole(size, 1, 'size', 'TaskletPoolExecutor');
    this.name = nameOf(name, 'TaskletPoolExecutor');
    this.closing = new Closing(titled('pool', this.name));
  }

  /** How many jobs wait for room. */
  get waiting(): number {
    return this.queue.size;
  }

  /** How many jobs run, those included that were cancelled and have not ended yet. */
  get active(): number {
    return this.running.size;
  }

  submit<A extends unknown[], R>(fn: (...args: A) => R | PromiseLike<R>, ...args: A): Future<Awaited<R>> {
    callable(fn, 'fn', 'submit');
    return this.enlist(fn as (...args: unknown[]) => unknown, args, here()) as Future<Awaited<R>>;
  }

  map<T, R>(
    values: Iterable<T> | AsyncIterable<T>,
    fn: (value: T, index: number) => R | PromiseLike<R>,
    options?: FlowOptions,
  ): Flow<Awaited<R>> {
    const work = fn as (value: unknown, index: number) => unknown;
    return new Flow(values, fn, this.size, options, (window) => new Crew(this, window, work));
  }

  shutdown(options?: ExecutorShutdownOptions): Promise<void> {
    const me = this.jobOf(current());
    return this.closing.close(options, {
      stopQueued: () => {
        for (let job = this.queue.first; job !== null; job = this.queue.first) job.future.cancel();
      },
      stopRunning: () => {
        for (const job of [...this.running]) if (job !== me) job.stop();
      },
      // Who waits here lends its place: what is queued may need it.
      lent: me === undefined ? 0 : 1,
      left: () => this.queue.size + this.running.size,
      more: () => {
        this.beginNext();
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** @internal Has `fn` done by a tasklet of `scheduler`, whoever's turn it is now. */
  enlist(fn: (...args: unknown[]) => unknown, args: unknown[], scheduler: Scheduler): Future<unknown> {
    this.closing.admit();
    const future = new Future<unknown>(fn.name === '' ? undefined : { name: fn.name });
    this.queue.push(new Job(this, new Tasklet(fn, { scheduler }), args, future));
    this.beginNext();
    return future;
  }

  /** @internal */
  leave(job: Job): void {
    this.queue.delete(job);
    this.closing.check(this.queue.size + this.running.size);
  }

  /** @internal */
  ended(job: Job): void {
    this.running.delete(job);
    this.beginNext();
    this.closing.check(this.queue.size + this.running.size);
  }

  /** @internal It takes more work. */
  get accepts(): boolean {
    return this.closing.accepts;
  }

  /** @internal Why it takes no more work. */
  refusal(): StateError {
    return this.closing.refusal();
  }

  /** @internal Does `wait`, which is for something of this pool and will go on when `awaited` is settled. */
  waitFor<T>(awaited: Settleable, wait: () => Promise<T>): Promise<T> {
    const me = this.jobOf(current());
    return me === undefined ? wait() : this.waitAs(me, awaited, wait);
  }

  /** @throws {DeadlockError} the pool is full, and all its jobs wait for one of its own. */
  private async waitAs<T>(me: Job, awaited: Settleable, wait: () => Promise<T>): Promise<T> {
    const room = this.running.size - this.closing.lent < this.size;
    if (!room && Array.from(this.running).every((job) => job === me || isStuck(job))) throw this.full(me);
    me.awaits = awaited;
    try {
      return await wait();
    } finally {
      me.awaits = null;
    }
  }

  private full(me: Job): DeadlockError {
    const blockedOn = `a job of its own ${titled('pool', this.name)}, which is full`;
    return new DeadlockError(
      Array.from(this.running, (job) => (job === me ? { ...waiting(job.tasklet), blockedOn } : job.tasklet)),
    );
  }

  private jobOf(tasklet: Tasklet | undefined): Job | undefined {
    if (tasklet === undefined) return undefined;
    for (const job of this.running) if (job.tasklet === tasklet) return job;
    return undefined;
  }

  private beginNext(): void {
    while (this.running.size - this.closing.lent < this.size) {
      const job = this.queue.shift();
      if (job === null) return;
      this.running.add(job);
      job.begin();
    }
  }
}

/** Only another job of its pool can let it go on. */
function isStuck({ awaits, tasklet }: Job): boolean {
  return awaits !== null && !awaits.settled && tasklet.state === 'blocked';
}

function waiting({ id, name, state }: Tasklet): { id: number; name: string; state: string; since: number } {
  return { id, name, state, since: 0 };
}
