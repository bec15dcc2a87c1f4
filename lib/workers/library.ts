/**
 * The pool library, and all that we use of it.
 *
 * It is an optional peer of the package: who imports this room has it installed. Its own declarations need
 * those of a browser, so what we use is declared here.
 */
import { createRequire } from 'node:module';

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

/** It had ended before it was given the job, which it never saw. */
export function wasDead(error: unknown): boolean {
  return isTermination(error) && error.message === 'Worker is terminated';
}
