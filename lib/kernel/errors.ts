/**
 * Every error of ours, on one page.
 *
 * Misuse is a built-in `TypeError` or `RangeError`; what stands here reports a state. Each has a stable
 * `code`; programs test the class or the code, never the text. Errors of the system (sockets, files) are
 * not wrapped and keep Node's own `code`, `errno` and `syscall`.
 */

/** What the errors of a state have in common: a name that survives minifying, and a code. */
function define(error: Error, name: string, code: string): void {
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, 'code', { value: code, configurable: true, enumerable: true });
}

/**
 * Raised inside a tasklet that was killed, at the wait where it stands or at its next one.
 *
 * It ends the tasklet silently. Catch it only to clean up, and let it pass on.
 * Source: Stackless `TaskletExit`.
 */
export class TaskletExit extends Error {
  declare readonly code: 'ERR_TASKLET_EXIT';
  constructor(message = 'the tasklet was killed', options?: ErrorOptions) {
    super(message, options);
    define(this, 'TaskletExit', 'ERR_TASKLET_EXIT');
  }
}

/** Raised at whoever joins a tasklet that was killed; `cause` is the reason given to `kill`. */
export class TaskletKilledError extends Error {
  declare readonly code: 'ERR_TASKLET_KILLED';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'TaskletKilledError', 'ERR_TASKLET_KILLED');
  }
}

/** A wait that took longer than its `timeout`, or a `timeout()` scope whose time was up. */
export class TimeoutError extends Error {
  declare readonly code: 'ERR_TIMEOUT';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'TimeoutError', 'ERR_TIMEOUT');
  }
}

/** A send to a channel that is closing, or a receive from one that has ended. */
export class ChannelClosedError extends Error {
  declare readonly code: 'ERR_CHANNEL_CLOSED';
  /** The value that could not be sent; `undefined` for a receive. */
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
    define(this, 'ChannelClosedError', 'ERR_CHANNEL_CLOSED');
  }
}

/** More came in from outside than was taken, and the limit of what may wait there was reached. */
export class OverflowError extends Error {
  declare readonly code: 'ERR_OVERFLOW';
  /** The value for which there was no room. */
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
    define(this, 'OverflowError', 'ERR_OVERFLOW');
  }
}

/** One tasklet that waits, as a {@link DeadlockError} and a {@link ShutdownError} list it. */
export interface Waiting {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  /** What it waits for, in words. */
  readonly blockedOn: string | undefined;
  /** For how long, in milliseconds (to about a millisecond). */
  readonly since: number;
}

/** How they are now: a tasklet that was killed because of the error no longer says what it waited for. */
function snapshot(tasklets: readonly Waiting[]): readonly Waiting[] {
  return tasklets.map(({ id, name, state, blockedOn, since }) => ({ id, name, state, blockedOn, since }));
}

function lines(tasklets: readonly Waiting[]): string {
  return tasklets
    .map((t) => `\n  ${t.name} (#${t.id}): ${t.blockedOn ?? t.state}, for ${Math.round(t.since)} ms`)
    .join('');
}

/** Tasklets wait, and nothing is left in the program that could wake them. */
export class DeadlockError extends Error {
  declare readonly code: 'ERR_DEADLOCK';
  readonly tasklets: readonly Waiting[];
  constructor(tasklets: readonly Waiting[]) {
    const count = tasklets.length === 1 ? 'a tasklet waits' : `${tasklets.length} tasklets wait`;
    super(
      `deadlock: ${count}, and nothing can wake ${tasklets.length === 1 ? 'it' : 'them'}` + lines(tasklets),
    );
    this.tasklets = snapshot(tasklets);
    define(this, 'DeadlockError', 'ERR_DEADLOCK');
  }
}

/** Tasklets that were still alive when the time for a shutdown was up. */
export class ShutdownError extends Error {
  declare readonly code: 'ERR_SHUTDOWN';
  readonly tasklets: readonly Waiting[];
  constructor(tasklets: readonly Waiting[]) {
    super(`${tasklets.length} killed but still alive` + lines(tasklets));
    this.tasklets = snapshot(tasklets);
    define(this, 'ShutdownError', 'ERR_SHUTDOWN');
  }
}

/** An operation whose tasklet ended without awaiting it: it was taken back. */
export class AbandonedError extends Error {
  declare readonly code: 'ERR_ABANDONED';
  constructor(message: string) {
    super(message);
    define(this, 'AbandonedError', 'ERR_ABANDONED');
  }
}

/** A wait at a barrier that somebody has broken: by leaving it early, by `abort`, by an action that failed. */
export class BrokenBarrierError extends Error {
  declare readonly code: 'ERR_BROKEN_BARRIER';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'BrokenBarrierError', 'ERR_BROKEN_BARRIER');
  }
}

/** Work that was cancelled before it came to its end; `cause` is the reason that was given. */
export class CancelledError extends Error {
  declare readonly code: 'ERR_CANCELLED';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'CancelledError', 'ERR_CANCELLED');
  }
}

/** A worker thread or process ended while it had a job; `cause` says how, as far as anybody knows. */
export class WorkerLostError extends Error {
  declare readonly code: 'ERR_WORKER_LOST';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'WorkerLostError', 'ERR_WORKER_LOST');
  }
}

/** The call makes no sense in the state the thing is in (a second `start`, joining oneself). */
export class StateError extends Error {
  declare readonly code: 'ERR_STATE';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    define(this, 'StateError', 'ERR_STATE');
  }
}

/** A program under exploration failed in some order of its turns; `cause` is its error. */
export class ExplorationError extends Error {
  declare readonly code: 'ERR_EXPLORATION';
  /** What leads there again, as text. */
  readonly schedule: string;
  /** The story of that run. */
  readonly trace: string;
  constructor(message: string, options: { cause: unknown; schedule: string; trace: string }) {
    super(message, { cause: options.cause });
    this.schedule = options.schedule;
    this.trace = options.trace;
    define(this, 'ExplorationError', 'ERR_EXPLORATION');
  }
}

/** A program under exploration awaits something that is not ours: what it does next is not decided by its turns. */
export class UncontrolledError extends Error {
  declare readonly code: 'ERR_UNCONTROLLED';
  constructor(message: string) {
    super(message);
    define(this, 'UncontrolledError', 'ERR_UNCONTROLLED');
  }
}
