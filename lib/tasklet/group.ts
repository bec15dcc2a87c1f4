/**
 * Tasklets that end together.
 *
 * Nobody leaves the scope of a group while one of its tasklets lives. The first error kills the others and
 * leaves with whoever leaves the scope. Source: Trio's nurseries.
 */
import type { Channel } from '../kernel/channel.js';
import { StateError, TaskletExit } from '../kernel/errors.js';
import { cover, interrupt, recall, uncover } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { line } from '../kernel/line.js';
import { callable, readOptions, show } from '../kernel/options.js';
import { readKillOptions, type KillOptions } from './options.js';
import { current } from './spawn.js';
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
 * killed while it joins cancels the group and still waits for its end. If nobody joins before the tasklet that
 * made the group has ended, the errors are reported as those of a tasklet that nobody joins.
 *
 * With `await using` the scope cannot know how its own body fares: it waits for tasklets that may be waiting for
 * a body that has thrown, and a body may wait for a tasklet that has failed. {@link TaskGroup.run} knows, and
 * ends the one with the other.
 *
 * @example
 * await using group = new TaskGroup({ limit: 4 });
 * for (const url of urls) group.spawn(() => download(url));
 */
export class TaskGroup implements AsyncDisposable {
  readonly name: string;
  private readonly limit: number;
  private readonly living: Set<Tasklet> = new Set();
  /** Those that wait for the limit, each with how it begins. */
  private readonly queue: Map<Tasklet, () => void> = new Map();
  private readonly errors: unknown[] = [];
  private ended: Channel<void> | null = null;
  private cancelled = false;
  /** Its scope was left: nobody would hear of an error any more. */
  private over = false;
  /** Raises an error in the tasklet that runs its body, while it does. */
  private inBody: ((error: unknown) => void) | null = null;
  private readonly maker: Tasklet | undefined = current();
  /** Takes back that an error is reported when its maker has ended. */
  private heard: () => void = () => {};

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
   * Runs `body` with a group and joins the group. If `body` throws, the group is cancelled first; if a tasklet of
   * the group fails, its error is raised in `body` too, at its current wait.
   *
   * @returns what `body` returns.
   * @throws what `body` throws, what {@link TaskGroup.join} throws, an `AggregateError` of both if they differ.
   */
  static async run<R>(
    body: (group: TaskGroup) => R | PromiseLike<R>,
    options?: TaskGroupOptions,
  ): Promise<R> {
    callable(body, 'body', 'TaskGroup.run');
    const group = new TaskGroup(options);
    const me = identity.current();
    const depth = me?.extra?.shields ?? 0;
    if (me !== undefined) group.inBody = (error) => interrupt(me, error, depth);
    let outcome: { value: R } | { error: unknown };
    try {
      outcome = { value: await body(group) };
    } catch (error) {
      outcome = { error };
    }
    group.inBody = null;
    if (me !== undefined) for (const error of group.errors) recall(me, error);
    if ('error' in outcome) {
      group.cancel({ reason: outcome.error });
      return group.leave([outcome.error]) as Promise<never>;
    }
    await group.leave([]);
    return outcome.value;
  }

  /** How many of its tasklets have not ended yet, those that wait for the limit included. */
  get size(): number {
    return this.living.size + this.queue.size;
  }

  /**
   * Spawns a tasklet in the group; at the limit, it stays `new` until another one ends.
   *
   * @throws {StateError} the group was cancelled, or its scope was left. {TypeError} `fn` is no function.
   */
  spawn<A extends unknown[], R>(fn: (...args: A) => R | PromiseLike<R>, ...args: A): Tasklet<Awaited<R>> {
    if (this.cancelled || this.over) {
      const why = this.cancelled ? 'was cancelled' : 'was left';
      throw new StateError(`${this.title} ${why}: it takes no more tasklets`);
    }
    const made = new Tasklet(fn);
    const tasklet = made as unknown as Tasklet<Awaited<R>>;
    tasklet.observe();
    tasklet.atEnd(() => {
      this.queue.delete(tasklet);
      this.living.delete(tasklet);
      this.settled(tasklet);
    });
    const begin = (): void => {
      this.living.add(tasklet);
      made.start(...args);
    };
    if (this.living.size < this.limit) begin();
    else this.queue.set(tasklet, begin);
    return tasklet;
  }

  /**
   * Kills all its tasklets with `options`, those too that wait for the limit; does not wait for them. It takes no
   * more. To cancel it again changes nothing.
   *
   * @throws {TypeError | RangeError} a wrong or unknown option.
   */
  cancel(options?: KillOptions): void {
    readKillOptions(options);
    if (this.cancelled) return;
    this.cancelled = true;
    const me = current();
    for (const tasklet of [...this.queue.keys(), ...this.living]) {
      if (tasklet !== me) tasklet.kill(options);
    }
    if (me !== undefined && this.living.has(me)) me.kill(options);
  }

  /**
   * Waits until all its tasklets have ended; more may be spawned meanwhile.
   *
   * Killed while it waits, it cancels the group, and raises the kill when all have ended and none has failed.
   *
   * @throws the error of a tasklet, an `AggregateError` of several. {StateError} at once, if one of its own
   * tasklets calls it: that would wait for itself.
   */
  join(): Promise<void> {
    return this.ending([]);
  }

  /** {@link TaskGroup.join}, and then it takes no more. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.leave([]);
  }

  /** As {@link TaskGroup.ending}, for good. */
  private async leave(thrown: unknown[]): Promise<void> {
    try {
      await this.ending(thrown);
    } finally {
      this.over = true;
    }
  }

  /** Waits for the end of all; raises `thrown`, their errors, and what comes meanwhile. */
  private async ending(thrown: unknown[]): Promise<void> {
    const me = current();
    if (me !== undefined && this.living.has(me)) {
      throw new StateError(`${this.title}: one of its own tasklets cannot join it`);
    }
    let covered = false;
    while (this.size > 0) {
      this.ended ??= line(this.title);
      try {
        await this.ended.next();
      } catch (error) {
        thrown.push(error);
        this.cancel({ reason: error });
        // More can be done no more. A kill whose grace is over would come back at every wait, and this would never rest.
        if (me !== undefined && !covered) cover(me.waiter);
        covered = true;
      }
    }
    if (me !== undefined && covered) uncover(me.waiter);
    this.raise(thrown);
  }

  /** Raises `thrown` and the errors that nobody has heard of yet. */
  private raise(thrown: unknown[]): void {
    this.heard();
    // One error may come both ways: of a tasklet, and through a body that has joined it.
    const all = [...new Set([...thrown, ...this.errors.splice(0)])];
    const errors = all.filter((error) => !(error instanceof TaskletExit));
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} errors in ${this.title}`);
    if (all.length > 0) throw errors.length > 0 ? errors[0] : all[0];
  }

  private get title(): string {
    return `group '${this.name}'`;
  }

  /** A tasklet of the group has ended. */
  private settled(tasklet: Tasklet): void {
    const { failure } = tasklet;
    if (failure !== undefined) {
      this.errors.push(failure.error);
      if (!this.cancelled) this.inBody?.(failure.error);
      this.cancel({ reason: failure.error });
    }
    for (const [waiting, begin] of this.queue) {
      if (this.living.size >= this.limit) break;
      this.queue.delete(waiting);
      begin();
    }
    if (this.size > 0) return;
    if (this.ended === null && this.errors.length > 0) this.reportLater();
    this.ended?.close();
    this.ended = null;
  }

  /**
   * Nobody is joining. Its maker may yet, who leaves its scope; an error of which nobody has heard when that one has
   * ended is one of a tasklet that nobody joins.
   */
  private reportLater(): void {
    const { maker, title } = this;
    if (maker === undefined) return;
    const report = (): void => {
      if (this.errors.length === 0) return;
      const { scheduler } = maker.waiter;
      new Tasklet(() => this.raise([]), { name: `${title}, which nobody joins`, scheduler }).start();
    };
    if (maker.alive) this.heard = maker.atEnd(report);
    else report();
  }
}
