/**
 * A tasklet: an async function that has turns.
 *
 * It is alive from `start` until its function has come to an end, one way or the other. It holds what others
 * may want to know of it; how it gets its turns is the scheduler's business.
 */
import type { Body } from '../kernel/body.js';
import { defaultScheduler, running } from '../kernel/caller.js';
import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { StateError, TaskletExit, TaskletKilledError } from '../kernel/errors.js';
import { condemn, interrupt, raisePending } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { callable, isThenable, show, type WaitOptions } from '../kernel/options.js';
import { enter, expire } from '../kernel/lifetime.js';
import { canRun, pause, resume } from '../kernel/pausing.js';
import { takeBack } from '../kernel/take-back.js';
import { describe } from '../kernel/wait.js';
import { FRESH, RUNNING, TASKLET, unlink, Waiter } from '../kernel/waiter.js';
import { ALIVE, DONE, Ending, FAILED, KILLED, NEW } from './ending.js';
import { inherited, type Locals } from './local.js';
import { readKillOptions, readTaskletOptions, type KillOptions, type TaskletOptions } from './options.js';
import { Tie } from './tie.js';

export type TaskletState =
  'new' | 'runnable' | 'running' | 'blocked' | 'waiting' | 'paused' | 'done' | 'failed' | 'killed';

let tasklets = 0;

/**
 * An async function that has turns, with its outcome.
 *
 * It is not thenable: to return one from an async function, or to send one over a channel, does not wait for
 * it. {@link Tasklet.join} does. Source: Stackless `tasklet`; `join` as in Python's threading.
 *
 * @example
 * const greeter = new Tasklet(async (name: string) => `hello ${name}`, { name: 'greeter' }).start('you');
 * await greeter.join(); // 'hello you'
 */
export class Tasklet<R = unknown, A extends unknown[] = []> implements Body, AsyncDisposable {
  readonly id: number;
  /** Not waited for by `run()`. */
  readonly daemon: boolean;
  /** @internal Its own values; shared with its parent until one of them sets one. */
  locals: Locals | null;
  /** @internal */
  readonly waiter: Waiter;
  private readonly fn: (...args: never[]) => unknown;
  private args: unknown[] | undefined;
  private readonly given: string | undefined;
  private readonly end: Ending<R> = new Ending<R>();
  private controller: AbortController | null = null;
  private tie: Tie | null = null;
  private maker: Tasklet | undefined;

  /** @throws {TypeError} `fn` is no function, or an option is wrong or unknown. */
  constructor(fn: (...args: A) => R | PromiseLike<R>, options?: TaskletOptions) {
    callable(fn, 'fn', 'Tasklet');
    const { name, daemon = false, scheduler, signal } = readTaskletOptions(options);
    const maker = running();
    const parent = maker?.owner as Tasklet | undefined;
    this.id = ++tasklets;
    this.fn = fn;
    this.given = name;
    this.daemon = daemon;
    this.maker = parent;
    this.locals = inherited(parent);
    this.waiter = new Waiter(TASKLET, scheduler ?? maker?.scheduler ?? defaultScheduler, this);
    if (signal !== undefined) this.tie = new Tie(signal, this);
  }

  /** The name given, else that of its function, else `tasklet-7`. */
  get name(): string {
    const { name } = this.fn as { readonly name: unknown };
    return this.given ?? (typeof name === 'string' && name !== '' ? name : `tasklet-${this.id}`);
  }

  /**
   * Who made it; `undefined` for code outside tasklets. Forgotten when it has ended: otherwise the last of a long
   * line of successors would hold all its ancestors.
   */
  get parent(): Tasklet | undefined {
    return this.maker;
  }

  /** How it is just now. `waiting`: it awaits something foreign; `blocked`: an operation of ours. */
  get state(): TaskletState {
    const { waiter } = this;
    switch (this.end.phase) {
      case NEW:
        return 'new';
      case DONE:
        return 'done';
      case FAILED:
        return 'failed';
      case KILLED:
        return 'killed';
      default:
        if (waiter === waiter.scheduler.current) return 'running';
        if (waiter.extra?.paused === true) return 'paused';
        if (waiter.doing === RUNNING) return 'waiting';
        return canRun(waiter) ? 'runnable' : 'blocked';
    }
  }

  /** Started, and not yet at its end. */
  get alive(): boolean {
    return this.end.phase === ALIVE;
  }

  /** What it waits for, in words; `undefined` if it waits for nothing. */
  get blockedOn(): string | undefined {
    if (this.state === 'waiting') return 'something it awaits that is not ours';
    return describe(this.waiter);
  }

  /** For how long it has been in its present wait, in milliseconds. */
  get since(): number {
    if (!this.alive) return 0;
    const { scheduler, since } = this.waiter;
    scheduler.refresh();
    return Math.max(0, scheduler.coarse - since);
  }

  /** Aborted when it is killed; for what can be told to stop with a signal. Made on first use. */
  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.end.phase === KILLED) this.controller.abort(this.end.outcome);
      else if (this.waiter.extra?.exit !== undefined) this.controller.abort(this.waiter.extra.exit);
    }
    return this.controller.signal;
  }

  /**
   * Puts it last in the ring, to run its function with `args`. Nothing of it runs before the caller waits.
   *
   * Killed before that, it stays dead, and nothing happens.
   * @throws {StateError} it was started already.
   */
  start(...args: A): this {
    if (this.end.phase === KILLED) return this;
    if (this.end.phase !== NEW) throw new StateError(`tasklet '${this.name}' was started already`);
    this.end.phase = ALIVE;
    this.args = args;
    enter(this.waiter);
    this.tie?.on();
    return this;
  }

  /**
   * Waits until it has ended. Any number may join, before or after, and all get the same.
   *
   * Who waits here when it fails, or joins it afterwards, answers for its error: it is no longer an unjoined one.
   * Who has given up before (timed out, killed) does not.
   *
   * @param options `timeout` in milliseconds, `signal`.
   * @returns the value of its function.
   * @throws what its function has thrown. {TaskletKilledError} it was killed. {TimeoutError}.
   * {StateError} at once, if a tasklet joins itself.
   */
  join(options?: WaitOptions): Promise<R> {
    if (this.alive && identity.current() === this.waiter) {
      return Promise.reject(new StateError(`tasklet '${this.name}' cannot join itself`));
    }
    return this.ending().receive(options);
  }

  /** A case of {@link select}: to join it. */
  joining(): Case<R> {
    return this.ending().receiving();
  }

  /**
   * Raises {@link TaskletExit} at its current wait, else at its next one. Does not wait, and never throws for
   * what the tasklet does about it.
   *
   * It leaves every queue before `kill` returns. Not yet begun, its function never runs; at its end already,
   * nothing happens. An operation that was committed before returns, and the kill comes at the wait after it.
   * Its `finally` blocks may wait while they clean up, for `grace` milliseconds; then it is killed again at
   * every wait. What it awaits that is not ours cannot be interrupted: use {@link wait} there.
   * Source: Stackless `tasklet.kill(pending=True)`.
   *
   * @throws {TypeError | RangeError} a wrong or unknown option.
   */
  kill(options?: KillOptions): void {
    const { reason, grace } = readKillOptions(options);
    if (this.end.over) return;
    const why = reason === undefined ? undefined : { cause: reason };
    const exit = new TaskletExit(`tasklet '${this.name}' was killed`, why);
    if (this.begun) {
      condemn(this.waiter, exit, grace);
      resume(this.waiter);
    } else this.fail(exit);
    this.controller?.abort(exit);
  }

  /**
   * Raises `error` at its current wait, else at its next one; like {@link Tasklet.kill}, but it may catch it
   * and go on. Not yet begun, it fails with it. Source: Stackless `tasklet.throw(pending=True)`.
   *
   * @throws {TypeError} `error` is no `Error`. {StateError} it is not alive.
   */
  throw(error: Error): void {
    if (!(error instanceof Error)) throw new TypeError(`throw: takes an Error, not ${show(error)}`);
    if (!this.alive) throw new StateError(`tasklet '${this.name}' is not alive`);
    if (this.begun) interrupt(this.waiter, error);
    else this.fail(error);
  }

  /**
   * Gives it no more turns until {@link Tasklet.resume}. Where it waits it goes on waiting, and may be met; if
   * it has the turn, it stops at its next wait. Source: Stackless `tasklet.remove`.
   */
  pause(): void {
    if (this.alive) pause(this.waiter);
  }

  /** Ends a pause: if it can run, it goes to the end of the ring. Source: Stackless `tasklet.insert`. */
  resume(): void {
    resume(this.waiter);
  }

  /** Kills it and waits until it has ended; its error, unless it is the kill, is raised. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    try {
      await this.join();
    } catch (error) {
      if (!(error instanceof TaskletKilledError)) throw error;
    }
  }

  /** @internal Its error belongs to somebody. */
  observe(): void {
    this.end.observed = true;
  }

  /**
   * @internal Calls `task`, which must not throw nor begin an operation, when it has ended: in the middle of a
   * switch. @returns how to take that back.
   */
  atEnd(task: () => void): () => void {
    return this.end.tell(task);
  }

  /** @internal The same, by somebody who answers for its error until it takes that back, or joins it. */
  answer(task: () => void): () => void {
    return this.end.answer(task, this.waiter.scheduler);
  }

  /** @internal What its function has thrown, if it has failed. */
  get failure(): { error: unknown } | undefined {
    return this.end.phase === FAILED ? { error: this.end.outcome } : undefined;
  }

  /** @internal The value of its function, if it is done. */
  get value(): R | undefined {
    return this.end.phase === DONE ? (this.end.outcome as R) : undefined;
  }

  /** @internal Its first turn. */
  begin(): void {
    const args = this.args as never[];
    this.args = undefined;
    let result: unknown;
    try {
      raisePending(this.waiter);
      result = this.fn(...args);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (!isThenable(result)) this.finish(DONE, result);
    else {
      Promise.resolve(result).then(
        (value) => {
          this.finish(DONE, value);
        },
        (error: unknown) => {
          this.fail(error);
        },
      );
    }
  }

  /** @internal The channel that ends when it does. */
  ending(): Channel<R> {
    return this.end.channel(() => `join tasklet '${this.name}'`);
  }

  /** Its first turn has come. */
  private get begun(): boolean {
    return this.alive && this.waiter.doing !== FRESH;
  }

  private fail(error: unknown): void {
    this.finish(error instanceof TaskletExit ? KILLED : FAILED, error);
  }

  private finish(phase: number, outcome: unknown): void {
    const { waiter, alive } = this;
    const { scheduler } = waiter;
    this.args = undefined;
    this.maker = undefined;
    this.tie?.off();
    if (this.begun) takeBack(waiter);
    else unlink(waiter);
    this.end.settle(phase, outcome, scheduler);
    if (alive) expire(waiter);
  }
}
