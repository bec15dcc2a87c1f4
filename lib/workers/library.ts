/**
 * The pool library, and all that we use of it.
 *
 * It is an optional peer of the package: who imports this room has it installed. Its own declarations need
 * those of a browser, so what we use is declared here.
 */
import { createRequire } from 'node:module';
import type { ResourceLimits } from 'node:worker_threads';

/** A promise of the library's own make. */
export interface Running {
  then(done: (value: unknown) => void, failed: (error: unknown) => void): unknown;
  cancel(): unknown;
}

export interface Pool {
  exec(method: string, params: unknown[], options?: { transfer?: unknown[] }): Running;
  terminate(force?: boolean): PromiseLike<unknown>;
}

export interface PoolSettings {
  workerType: 'thread' | 'process';
  maxWorkers: number;
  workerTerminateTimeout: number;
  forkOpts?: { serialization: 'advanced' };
  workerThreadOpts?: { resourceLimits: ResourceLimits };
}

/** What the library gives a method in a worker as `this`. */
export interface Method {
  worker: { addAbortListener(listener: () => PromiseLike<void>): void };
}

interface Library {
  pool(script: string, settings: PoolSettings): Pool;
  worker(methods: object): void;
  TerminateError: new () => Error;
  Transfer: new (message: unknown, transfer: unknown[]) => object;
}

function load(): Library {
  try {
    return createRequire(import.meta.url)('workerpool') as Library;
  } catch (cause) {
    const what = 'evergreen-tasklets/workers needs the package workerpool beside it: npm install workerpool';
    throw new Error(what, { cause });
  }
}

export const library: Library = load();

/** The worker of a job has ended. */
export function isTermination(error: unknown): error is Error {
  return error instanceof library.TerminateError;
}

/** How a worker has ended, in words, and as the platform says it, if it does. */
export function endOf(termination: Error): { words: string; cause: Error } {
  if (termination.cause instanceof Error) {
    return { words: termination.cause.message, cause: termination.cause };
  }
  const { message } = termination;
  const code = /exitCode: `(\d+)`/.exec(message)?.[1];
  const signal = /signalCode: `(SIG\w+)`/.exec(message)?.[1];
  return { words: signal ?? (code === undefined ? message : `exit code ${code}`), cause: termination };
}

/** It had ended before it was given the job, which it never saw. */
export function wasDead(error: unknown): boolean {
  return isTermination(error) && error.message === 'Worker is terminated';
}

const UNCOPIED = /could not be cloned|unserializable/i;

/** What `error` says. Of some errors of the platform the library keeps nothing but the stack. */
export function reasonOf({ message, stack = '' }: Error): string {
  return message !== '' ? message : (stack.split('\n').find((line) => UNCOPIED.test(line)) ?? '').trim();
}

/** What it was given or came to could not be copied to the other side. */
export function isUncopied(error: unknown): error is Error {
  return error instanceof Error && UNCOPIED.test(reasonOf(error));
}
