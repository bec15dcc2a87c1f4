/**
 * The errors of Stackless, under the names a Stackless program knows.
 *
 * They stand here and not with the kernel's: a native program never meets them.
 */
export { TaskletExit, TaskletKilledError } from '../kernel/errors.js';

function name(error: Error, value: string): void {
  Object.defineProperty(error, 'name', { value, configurable: true, writable: true });
}

/** What Python's errors have in common: they keep what they were made of. */
abstract class PythonError extends Error {
  readonly args: readonly unknown[];
  constructor(...args: unknown[]) {
    super(args.map(String).join(', '));
    this.args = args;
  }
}

/** The operation is impossible as things stand: a deadlock, a dead tasklet, a trap. */
export class RuntimeError extends PythonError {
  constructor(...args: unknown[]) {
    super(...args);
    name(this, 'RuntimeError');
  }
}

/** A send or a receive that would have to wait on a closed channel. */
export class ValueError extends PythonError {
  constructor(...args: unknown[]) {
    super(...args);
    name(this, 'ValueError');
  }
}

/** Sent over a channel it ends the iteration of who receives it. */
export class StopIteration extends PythonError {
  constructor(...args: unknown[]) {
    super(...args);
    name(this, 'StopIteration');
  }
}

/** Makes the error that is to be raised; called with `new`. */
export type ErrorClass<A extends unknown[]> = new (...args: A) => Error;
