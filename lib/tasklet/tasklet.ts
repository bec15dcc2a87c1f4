/**
 * A tasklet: an async function that has turns.
 *
 * It is alive from `start` until its function has come to an end, one way or the other. It holds what others
 * may want to know of it; how it gets its turns is the scheduler's business.
 */
import type { Case } from '../kernel/case.js';
import { Channel } from '../kernel/channel.js';
import { AbandonedError, StateError, TaskletExit, TaskletKilledError } from '../kernel/errors.js';
import { extraOf, interrupt, raisePending, tidy } from '../kernel/extra.js';
import { crash, soon } from '../kernel/host.js';
import { identity } from '../kernel/identity.js';
import { callable, duration, isThenable, readOptions, show, type WaitOptions } from '../kernel/options.js';
import type { Body } from '../kernel/body.js';
import { defaultScheduler } from '../kernel/caller.js';
import { Scheduler } from '../kernel/scheduler.js';
import { stopWatching, watch } from '../kernel/signal.js';
import { abandon, describe } from '../kernel/wait.js';
import { ERRAND, FRESH, READY, RUNNING, TASKLET, unlink, Waiter, YIELDING } from '../kernel/waiter.js';
import { inherited, type Locals } from './local.js';

export interface TaskletOptions {
  /** Shown in `dump()` and in error messages; by default the function's name. */
  name?: string;
  /** `run()` does not wait for it, and ends it when all others are over. */
  daemon?: boolean;
  /** Whose ring it joins; by default that of whoever makes it. */
  scheduler?: Scheduler;
  /** Kills it when aborted. */
  signal?: AbortSignal;
}

export interface KillOptions {
  /** Why; becomes the `cause` of the error raised. */
  reason?: unknown;
  /**
   * Milliseconds it has to clean up, 1000 by default. Alive after that, it is killed again at every wait.
   * 0: at every wait from the first; Infinity: once.
   */
  grace?: number;
}

export type TaskletState =
  'new' | 'runnable' | 'running' | 'blocked' | 'waiting' | 'paused' | 'done' | 'failed' | 'killed';

const NEW = 0;
const ALIVE = 1;
const DONE = 2;
const FAILED = 3;
const KILLED = 4;

const GRACE = 1000;

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
  /** Who made it; `undefined` for code outside tasklets. */
  readonly parent: Tasklet | undefined;
  /** @internal Its own values; shared with its parent until one of them sets one. */
  locals: Locals | null;
  /** @internal */
  readonly waiter: Waiter;
  private readonly fn: (...args: never[]) => unknown;
  private args: unknown[] | undefined;
  private readonly given: string | undefined;
  private phase = NEW;
  private outcome: unknown = undefined;
  /** Ends when the tasklet does; made when somebody wants to know. */
  private end: Channel<R> | null = null;
  private controller: AbortController | null = null;
  private tie: Tie | null = null;
  /** Somebody joins it, or has it in a group: its error is theirs. */
  private observed = false;
  /** Who is told when it has ended. */
  private tasks: Set<() => void> | null = null;

  /** @throws {TypeError} `fn` is no function, or an option is wrong or unknown. */
  constructor(fn: (...args: A) => R | PromiseLike<R>, options?: TaskletOptions) {
    callable(fn, 'fn', 'Tasklet');
    const { name, daemon = false, scheduler, signal } = options === undefined ? NO_OPTIONS : read(options);
    const maker = identity.current();
    const parent = maker?.owner as Tasklet | undefined;
    this.id = ++tasklets;
    this.fn = fn;
    this.given = name;
    this.daemon = daemon;
    this.parent = parent;
    this.locals = inherited(parent);
    this.waiter = new Waiter(TASKLET, scheduler ?? maker?.scheduler ?? defaultScheduler, this);
    if (signal !== undefined) this.tie = new Tie(signal, this);
  }

  /** The name given, else that of its function, else `tasklet-7`. */
  get name(): string {
    return this.given ?? (this.fn.name === '' ? `tasklet-${this.id}` : this.fn.name);
  }

  /** How it is just now. `waiting`: it awaits something foreign; `blocked`: an operation of ours. */
  get state(): TaskletState {
    if (this.phase === NEW) return 'new';
    if (this.phase === DONE) return 'done';
    if (this.phase === FAILED) return 'failed';
    if (this.phase === KILLED) return 'killed';
    const { waiter } = this;
    if (waiter === waiter.scheduler.current) return 'running';
    if (waiter.extra?.paused === true) return 'paused';
    if (waiter.doing === RUNNING) return 'waiting';
    return waiter.doing === FRESH || waiter.doing === READY || waiter.doing === YIELDING
      ? 'runnable'
      : 'blocked';
  }

  /** Started, and not yet at its end. */
  get alive(): boolean {
    return this.phase === ALIVE;
  }

  /** What it waits for, in words; `undefined` if it waits for nothing. */
  get blockedOn(): string | undefined {
    if (this.state === 'waiting') return 'something it awaits that is not ours';
    return describe(this.waiter);
  }

  /** For how long it has been in its present wait, in milliseconds. */
  get since(): number {
    if (this.phase !== ALIVE) return 0;
    const { scheduler, since } = this.waiter;
    scheduler.refresh();
    return Math.max(0, scheduler.coarse - since);
  }

  /** Aborted when it is killed; for what can be told to stop with a signal. Made on first use. */
  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.phase === KILLED) this.controller.abort(this.outcome);
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
    if (this.phase === KILLED) return this;
    if (this.phase !== NEW) throw new StateError(`tasklet '${this.name}' was started already`);
    this.phase = ALIVE;
    this.args = args;
    this.waiter.scheduler.enter(this.waiter);
    this.tie?.on();
    return this;
  }

  /**
   * Waits until it has ended. Any number may join, before or after, and all get the same.
   *
   * Who joins a tasklet answers for its error: it is no longer an unjoined one.
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
    this.observed = true;
    return this.ending().receive(options);
  }

  /** A case of {@link select}: to join it. */
  joining(): Case<R> {
    this.observed = true;
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
    const { reason, grace = GRACE } = readOptions(options, ['reason', 'grace'], 'kill');
    duration(grace, 'grace', 'kill');
    if (this.phase > ALIVE) return;
    const why = reason === undefined ? undefined : { cause: reason };
    const exit = new TaskletExit(`tasklet '${this.name}' was killed`, why);
    const { waiter } = this;
    if (this.phase === NEW || waiter.doing === FRESH) {
      unlink(waiter);
      this.finish(KILLED, exit);
    } else {
      const extra = extraOf(waiter);
      const due = waiter.scheduler.clock.now() + grace;
      extra.due = extra.exit === undefined ? due : Math.min(due, extra.due);
      extra.exit ??= exit;
      interrupt(waiter, exit);
      this.resume();
    }
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
    if (this.phase !== ALIVE) throw new StateError(`tasklet '${this.name}' is not alive`);
    if (this.waiter.doing === FRESH) {
      unlink(this.waiter);
      this.finish(error instanceof TaskletExit ? KILLED : FAILED, error);
    } else interrupt(this.waiter, error);
  }

  /**
   * Gives it no more turns until {@link Tasklet.resume}. Where it waits it goes on waiting, and may be met; if
   * it has the turn, it stops at its next wait. Source: Stackless `tasklet.remove`.
   */
  pause(): void {
    const { waiter, phase } = this;
    if (phase !== ALIVE) return;
    const extra = extraOf(waiter);
    if (extra.paused) return;
    extra.paused = true;
    if (this.inRing) unlink(waiter);
  }

  /** Ends a pause: if it can run, it goes to the end of the ring. Source: Stackless `tasklet.insert`. */
  resume(): void {
    const { extra, scheduler } = this.waiter;
    if (extra?.paused !== true) return;
    extra.paused = false;
    if (this.inRing) scheduler.wake(this.waiter);
    tidy(this.waiter);
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
    this.observed = true;
  }

  /** @internal Calls `task`, which must not throw, when it has ended. @returns how to take that back. */
  atEnd(task: () => void): () => void {
    const tasks = (this.tasks ??= new Set());
    tasks.add(task);
    return () => tasks.delete(task);
  }

  /** @internal What its function has thrown, if it has failed. */
  get failure(): { error: unknown } | undefined {
    return this.phase === FAILED ? { error: this.outcome } : undefined;
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
    if (!isThenable(result)) {
      this.finish(DONE, result);
      return;
    }
    Promise.resolve(result).then(
      (value) => {
        this.finish(DONE, value);
      },
      (error: unknown) => {
        this.fail(error);
      },
    );
  }

  /** Where it would be in the ring, but for a pause. */
  private get inRing(): boolean {
    const { doing, scheduler } = this.waiter;
    if (this.waiter === scheduler.current) return false;
    return doing === FRESH || doing === READY || doing === YIELDING;
  }

  /** @internal The channel that ends when it does. */
  ending(): Channel<R> {
    if (this.end === null) {
      this.end = new Channel<R>();
      this.end.label = `join tasklet '${this.name}'`;
      if (this.phase > ALIVE) this.announce(this.end);
    }
    return this.end;
  }

  private announce(end: Channel<R>): void {
    if (this.phase === DONE) end.closeWith(this.outcome);
    else if (this.phase === FAILED) end.failWith(this.outcome);
    else {
      const { message, cause } = this.outcome as Error;
      end.failWith(new TaskletKilledError(message, cause === undefined ? undefined : { cause }));
    }
  }

  private fail(error: unknown): void {
    this.finish(error instanceof TaskletExit ? KILLED : FAILED, error);
  }

  private finish(phase: number, outcome: unknown): void {
    const { waiter } = this;
    const { scheduler } = waiter;
    const begun = this.phase === ALIVE;
    this.phase = phase;
    this.outcome = outcome;
    this.args = undefined;
    this.tie?.off();
    if (begun) this.takeBack();
    if (this.end !== null) this.announce(this.end);
    if (this.tasks !== null) for (const task of this.tasks) task();
    if (phase === FAILED && !this.observed) {
      // Not at once: everybody who can run may still join it.
      if (scheduler.isIdle) soon(() => this.reportUnjoined());
      else scheduler.wake(new Waiter(ERRAND, scheduler, { fire: () => this.reportUnjoined() }));
    }
    if (begun) scheduler.end(waiter);
    this.tasks = null;
  }

  /** What it began and never awaited is taken back; whoever holds its promise is told. */
  private takeBack(): void {
    const { waiter } = this;
    const lost = (what: string | undefined): AbandonedError =>
      new AbandonedError(`tasklet '${this.name}' ended without awaiting its ${what ?? 'wait'}`);
    for (const guest of waiter.extra?.guests ?? []) abandon(guest, lost(describe(guest)));
    if (waiter.doing === RUNNING) return;
    abandon(waiter, lost(describe(waiter)));
    if (waiter !== waiter.scheduler.current) unlink(waiter);
    if (waiter.doing === READY) waiter.go();
  }

  private reportUnjoined(): void {
    if (this.observed) return;
    this.observed = true;
    const { supervisor } = this.waiter.scheduler;
    if (supervisor === null) crash(this.outcome);
    else supervisor.crashed(this.outcome);
  }
}

/** Kills a tasklet when a signal is aborted. */
class Tie {
  private readonly signal: AbortSignal;
  private readonly tasklet: { kill(options: KillOptions): void };

  constructor(signal: AbortSignal, tasklet: { kill(options: KillOptions): void }) {
    this.signal = signal;
    this.tasklet = tasklet;
  }

  on(): void {
    if (this.signal.aborted) this.aborted(this.signal.reason);
    else watch(this.signal, this);
  }

  off(): void {
    stopWatching(this.signal, this);
  }

  aborted(reason: unknown): void {
    this.tasklet.kill({ reason });
  }
}

const NO_OPTIONS: TaskletOptions = {};

function read(options: TaskletOptions): TaskletOptions {
  const given = readOptions(options, ['name', 'daemon', 'scheduler', 'signal'], 'Tasklet');
  const { name, daemon, scheduler, signal } = given;
  if (name !== undefined && typeof name !== 'string') throw wrong('name', 'a string', name);
  if (daemon !== undefined && typeof daemon !== 'boolean') throw wrong('daemon', 'a boolean', daemon);
  if (scheduler !== undefined && !(scheduler instanceof Scheduler))
    throw wrong('scheduler', 'a Scheduler', scheduler);
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw wrong('signal', 'an AbortSignal', signal);
  return given;
}

function wrong(name: string, what: string, value: unknown): TypeError {
  return new TypeError(`Tasklet: ${name} must be ${what}, not ${show(value)}`);
}
