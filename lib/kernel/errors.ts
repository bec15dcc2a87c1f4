/**
 * Every error of ours, on one page.
 *
 * Misuse is a built-in `TypeError` or `RangeError`; what stands here reports a state. Each has a `name`
 * that survives minifying and a stable `code`; programs test the class or the code, never the text. Errors of
 * the system (sockets, files) are not wrapped and keep Node's own `code`, `errno` and `syscall`.
 */
import { plain } from './dump.js';

/**
 * Raised inside a tasklet that was killed, at the wait where it stands or at its next one.
 *
 * It ends the tasklet silently. Catch it only to clean up, and let it pass on. It has no stack: that would be
 * the killer's, and cost more than the kill. Who wants to know gives a `reason` that has one.
 * Source: Stackless `TaskletExit`.
 */
export class TaskletExit extends Error {
  readonly code = 'ERR_TASKLET_EXIT';
  static {
    this.prototype.name = 'TaskletExit';
  }
  /** @internal Anything can be thrown, even what throws when it is looked at. That is no kill. */
  static override [Symbol.hasInstance](it: unknown): boolean {
    try {
      return Function.prototype[Symbol.hasInstance].call(this, it);
    } catch {
      return false;
    }
  }
  constructor(message = 'the tasklet was killed', options?: ErrorOptions) {
    const { stackTraceLimit } = Error as { stackTraceLimit?: number };
    // Reflect, which raises nothing where errors are frozen.
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', 0);
    super(message, options);
    if (stackTraceLimit !== undefined) Reflect.set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

/** Raised at whoever joins a tasklet that was killed; `cause` is the reason given to `kill`. */
export class TaskletKilledError extends Error {
  readonly code = 'ERR_TASKLET_KILLED';
  static {
    this.prototype.name = 'TaskletKilledError';
  }
}

/** A wait that took longer than its `timeout`, or a `timeout()` scope whose time was up. */
export class TimeoutError extends Error {
  readonly code = 'ERR_TIMEOUT';
  static {
    this.prototype.name = 'TimeoutError';
  }
}

/** A send to a channel that is closing, or a receive from one that has ended. */
export class ChannelClosedError extends Error {
  readonly code = 'ERR_CHANNEL_CLOSED';
  static {
    this.prototype.name = 'ChannelClosedError';
  }
  /** The value that could not be sent; `undefined` for a receive. */
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/** More came in from outside than was taken, and the limit of what may wait there was reached. */
export class OverflowError extends Error {
  readonly code = 'ERR_OVERFLOW';
  static {
    this.prototype.name = 'OverflowError';
  }
  /** The value for which there was no room. */
  readonly value: unknown;
  constructor(message: string, value?: unknown) {
    super(message);
    this.value = value;
  }
}

/** A stream ended inside what was to be read; `cause` is what ended it, if that was an error. */
export class IncompleteReadError extends Error {
  readonly code = 'ERR_INCOMPLETE_READ';
  static {
    this.prototype.name = 'IncompleteReadError';
  }
  /** What there was of it. It stands in the stream all the same, for whoever can do with less. */
  readonly partial: Uint8Array;
  constructor(message: string, partial: Uint8Array, options?: ErrorOptions) {
    super(message, options);
    this.partial = partial;
  }
}

/** What was to be read is longer than its reader allows. Nothing of it was taken. */
export class LimitExceededError extends Error {
  readonly code = 'ERR_LIMIT_EXCEEDED';
  static {
    this.prototype.name = 'LimitExceededError';
  }
  /** How many bytes were allowed. */
  readonly limit: number;
  constructor(message: string, limit: number) {
    super(message);
    this.limit = limit;
  }
}

/** The stream was closed, or ended for writing, by its own side; or somebody destroyed it. */
export class StreamClosedError extends Error {
  readonly code = 'ERR_STREAM_CLOSED';
  static {
    this.prototype.name = 'StreamClosedError';
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
    .map(
      (t) =>
        `\n  ${plain(t.name)} (#${t.id}): ${plain(t.blockedOn ?? t.state)}, for ${Math.round(t.since)} ms`,
    )
    .join('');
}

/** Tasklets wait, and nothing is left in the program that could wake them. */
export class DeadlockError extends Error {
  readonly code = 'ERR_DEADLOCK';
  static {
    this.prototype.name = 'DeadlockError';
  }
  readonly tasklets: readonly Waiting[];
  constructor(tasklets: readonly Waiting[]) {
    const count = tasklets.length === 1 ? 'a tasklet waits' : `${tasklets.length} tasklets wait`;
    super(
      `deadlock: ${count}, and nothing can wake ${tasklets.length === 1 ? 'it' : 'them'}` + lines(tasklets),
    );
    this.tasklets = snapshot(tasklets);
  }
}

/** Tasklets that were still alive when the time for a shutdown was up. */
export class ShutdownError extends Error {
  readonly code = 'ERR_SHUTDOWN';
  static {
    this.prototype.name = 'ShutdownError';
  }
  readonly tasklets: readonly Waiting[];
  constructor(tasklets: readonly Waiting[]) {
    super(`${tasklets.length} killed but still alive` + lines(tasklets));
    this.tasklets = snapshot(tasklets);
  }
}

/** An operation whose tasklet ended without awaiting it: it was taken back. */
export class AbandonedError extends Error {
  readonly code = 'ERR_ABANDONED';
  static {
    this.prototype.name = 'AbandonedError';
  }
}

/** A wait at a barrier that somebody has broken: by leaving it early, by `abort`, by an action that failed. */
export class BrokenBarrierError extends Error {
  readonly code = 'ERR_BROKEN_BARRIER';
  static {
    this.prototype.name = 'BrokenBarrierError';
  }
}

/** Work that was cancelled before it came to its end; `cause` is the reason that was given. */
export class CancelledError extends Error {
  readonly code = 'ERR_CANCELLED';
  static {
    this.prototype.name = 'CancelledError';
  }
}

/** A worker thread or process ended while it had a job; `cause` says how, as far as anybody knows. */
export class WorkerLostError extends Error {
  readonly code = 'ERR_WORKER_LOST';
  static {
    this.prototype.name = 'WorkerLostError';
  }
}

/** A child process that was to do something, and ended with a status other than 0 or by a signal. */
export class ProcessError extends Error {
  readonly code = 'ERR_PROCESS';
  static {
    this.prototype.name = 'ProcessError';
  }
  /** Its exit status; `null` if a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it, or `null`. */
  readonly signal: string | null;
  /** What it has written to its standard output, and the end of what it has written to its standard error. */
  readonly stdout: string;
  readonly stderr: string;
  constructor(message: string, details: Pick<ProcessError, 'exitCode' | 'signal' | 'stdout' | 'stderr'>) {
    super(message);
    this.exitCode = details.exitCode;
    this.signal = details.signal;
    this.stdout = details.stdout;
    this.stderr = details.stderr;
  }
}

/** The call makes no sense in the state the thing is in (a second `start`, joining oneself). */
export class StateError extends Error {
  readonly code = 'ERR_STATE';
  static {
    this.prototype.name = 'StateError';
  }
}

/** A program under exploration failed in some order of its turns; `cause` is its error. */
export class ExplorationError extends Error {
  readonly code = 'ERR_EXPLORATION';
  static {
    this.prototype.name = 'ExplorationError';
  }
  /** What leads there again, as text. */
  readonly schedule: string;
  /** The story of that run. */
  readonly trace: string;
  constructor(message: string, options: { cause: unknown; schedule: string; trace: string }) {
    super(message, { cause: options.cause });
    this.schedule = options.schedule;
    this.trace = options.trace;
  }
}

/** A program under exploration awaits something that is not ours: what it does next is not decided by its turns. */
export class UncontrolledError extends Error {
  readonly code = 'ERR_UNCONTROLLED';
  static {
    this.prototype.name = 'UncontrolledError';
  }
}
