import type { Channel } from '../kernel/channel.js';
import type { Tasklet } from '../tasklet/tasklet.js';
import type { Entry } from './backlog.js';
import type { Future, Maker } from './future.js';

/** What will be there. */
export interface Settleable {
  readonly settled: boolean;
}

/** The pool, as far as a job knows it. */
interface Pool {
  leave(job: Job): void;
  ended(job: Job): void;
  waitFor<T>(awaited: Settleable, wait: () => Promise<T>): Promise<T>;
}

/** One piece of work, and the tasklet that does it. */
export class Job implements Maker, Entry<Job> {
  before: Job | null = null;
  after: Job | null = null;
  readonly future: Future<unknown>;
  readonly tasklet: Tasklet<unknown, unknown[]>;
  /** What it waits for, if that is to come from its own pool. */
  awaits: Settleable | null = null;
  private readonly pool: Pool;
  private readonly args: unknown[];
  private begun = false;

  constructor(pool: Pool, tasklet: Tasklet<unknown, unknown[]>, args: unknown[], future: Future<unknown>) {
    this.pool = pool;
    this.args = args;
    this.future = future;
    this.tasklet = tasklet;
    this.tasklet.observe();
    this.tasklet.atEnd(() => this.ended());
    future.madeBy(this);
  }

  begin(): void {
    this.begun = true;
    this.future.begin();
    this.tasklet.start(...this.args);
  }

  /** Cancels it, and kills it if its future is settled already. */
  stop(): void {
    if (!this.future.cancel()) this.tasklet.kill();
  }

  cancelled(reason: unknown): void {
    if (this.begun) this.tasklet.kill({ reason });
    else this.pool.leave(this);
  }

  wait<T>(channel: Channel<T>): Promise<T> {
    return this.pool.waitFor(this.future, () => channel.receive());
  }

  private ended(): void {
    const { tasklet, future } = this;
    const { failure } = tasklet;
    if (failure !== undefined) future.reject(failure.error);
    else if (tasklet.state === 'done') future.resolve(tasklet.value);
    else future.cancel();
    this.pool.ended(this);
  }
}
