/**
 * Tasklets that end together.
 *
 * Nobody leaves the scope of a group while one of its tasklets lives. The first error kills the others and
 * leaves with whoever leaves the scope. Source: Trio's nurseries.
 */
import { Channel } from '../kernel/channel.js';
import { StateError, TaskletExit } from '../kernel/errors.js';
import { readOptions, show } from '../kernel/options.js';
import { current } from './spawn.js';
import type { KillOptions } from './options.js';
import { Tasklet } from './tasklet.js';

export interface TaskGroupOptions {
  /** How many of its tasklets are alive at a time, from 1; the others start as these end. No limit by default. */
  limit?: number;
  /** Shown in `dump()`. */
  name?: string;
}

/**
 * A scope of tasklets: to leave it joins them all.
 *
 * The first error kills its siblings and is raised by the join; several (errors of their clean-up) come as an
 * `AggregateError`, in the order in which they happened. A tasklet that was killed is no error. Whoever is
 * killed while it joins cancels the group and still waits for its end.
 *
 * With `await using` the scope cannot know that its own body has thrown, and waits for tasklets that may be
 * waiting for the body; {@link TaskGroup.run} knows, and cancels them.
 *
 * @example
 * await using group = new TaskGroup({ limit: 4 });
 * for (const url of urls) group.spawn(() => download(url));
 */
export class TaskGroup implements AsyncDisposable {
  readonly name: string;
  private readonly limit: number;
  private readonly living: Set<Tasklet> = new Set();
  private readonly queue: Set<() => void> = new Set();
  private readonly errors: unknown[] = [];
  private ended: Channel<void> | null = null;
  private cancelled: KillOptions | null = null;

  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: TaskGroupOptions) {
    const { limit = Infinity, name = 'group' } = readOptions(options, ['limit', 'name'], 'TaskGroup');
    if (typeof limit !== 'number')
      throw new TypeError(`TaskGroup: limit must be a number, not ${show(limit)}`);
    if (!(limit >= 1) || (limit !== Infinity && !Number.isInteger(limit))) {
      throw new RangeError(`TaskGroup: limit must be a whole number from 1, not ${limit}`);
    }
    if (typeof name !== 'string') throw new TypeError(`TaskGroup: name must be a string, not ${show(name)}`);
    this.limit = limit;
    this.name = name;
  }

  /**
   * Runs `body` with a group and joins the group; if `body` throws, the group is cancelled first.
   *
   * @returns what `body` returns.
   * @throws what `body` throws, else what {@link TaskGroup.join} throws.
   */
  static async run<R>(
    body: (group: TaskGroup) => R | PromiseLike<R>,
    options?: TaskGroupOptions,
  ): Promise<R> {
    const group = new TaskGroup(options);
    let result: R;
    try {
      result = await body(group);
    } catch (error) {
      group.errors.unshift(error);
      group.cancel({ reason: error });
      await group.join();
      throw error;
    }
    await group.join();
    return result;
  }

  /** How many of its tasklets have not ended yet, those that wait for the limit included. */
  get size(): number {
    return this.living.size + this.queue.size;
  }

  /**
   * Spawns a tasklet in the group; at the limit, it stays `new` until another one ends.
   *
   * @throws {StateError} the group was cancelled.
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R | PromiseLike<R>, ...args: A): Tasklet<Awaited<R>> {
    if (this.cancelled !== null)
      throw new StateError(`group '${this.name}' was cancelled: it takes no more tasklets`);
    const made = new Tasklet(fn);
    const tasklet = made as unknown as Tasklet<Awaited<R>>;
    const start = (): void => {
      this.living.add(tasklet);
      made.start(...args);
    };
    tasklet.observe();
    tasklet.atEnd(() => {
      this.queue.delete(start);
      this.living.delete(tasklet);
      this.settled(tasklet);
    });
    if (this.living.size < this.limit) start();
    else this.queue.add(start);
    return tasklet;
  }

  /** Kills all its tasklets, with `options`; does not wait for them. It takes no more. */
  cancel(options: KillOptions = {}): void {
    if (this.cancelled !== null) return;
    this.cancelled = options;
    this.queue.clear();
    const me = current();
    for (const tasklet of [...this.living]) if (tasklet !== me) tasklet.kill(options);
    if (me !== undefined && this.living.has(me)) me.kill(options);
  }

  /**
   * Waits until all its tasklets have ended; more may be spawned meanwhile.
   *
   * Killed while it waits, it cancels the group, and raises the kill when all have ended.
   *
   * @throws the error of a tasklet, an `AggregateError` of several.
   */
  async join(): Promise<void> {
    let interruption: { error: unknown } | undefined;
    while (this.size > 0) {
      this.ended ??= new Channel<void>();
      this.ended.label = `group '${this.name}'`;
      try {
        await this.ended.next();
      } catch (error) {
        interruption ??= { error };
        this.cancel({ reason: error });
      }
    }
    if (interruption !== undefined && this.errors.length === 0) throw interruption.error;
    if (interruption?.error instanceof TaskletExit) throw interruption.error;
    const errors = this.errors.splice(0);
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1)
      throw new AggregateError(errors, `${errors.length} tasklets of group '${this.name}' failed`);
  }

  /** {@link TaskGroup.join}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.join();
  }

  /** A tasklet of the group has ended. */
  private settled(tasklet: Tasklet): void {
    const { failure } = tasklet;
    if (failure !== undefined) {
      this.errors.push(failure.error);
      this.cancel({ reason: failure.error });
    }
    for (const start of this.queue) {
      if (this.living.size >= this.limit) break;
      this.queue.delete(start);
      start();
    }
    if (this.size > 0) return;
    this.ended?.close();
    this.ended = null;
  }
}
