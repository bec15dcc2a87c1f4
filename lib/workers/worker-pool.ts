/**
 * An executor whose jobs leave the thread.
 *
 * The library knows workers: it starts them, gives each one job at a time, and notices when one is gone. Here
 * are the queue, the futures, and what a job is.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { MessageChannel, type ResourceLimits } from 'node:worker_threads';
import { nameOf, titled } from '../kernel/line.js';
import { readOptions, whole } from '../kernel/options.js';
import { Backlog } from '../futures/backlog.js';
import { Closing } from '../futures/closing.js';
import type { Executor, ExecutorShutdownOptions } from '../futures/executor.js';
import { Flow, type FlowOptions } from '../futures/flow.js';
import { Future } from '../futures/future.js';
import { Submitter } from '../futures/worker.js';
import { targetOf, type Target } from './call.js';
import { Job, type Given } from './job.js';
import { library, type Pool } from './library.js';
import type { Parcel } from './runner.js';
import { moved } from './transfer.js';

export interface WorkerPoolOptions {
  /** How many workers there are at most, from 1; by default as many as can run at a time on this machine. */
  size?: number;
  /** Shown in error messages. */
  name?: string;
}

/** Milliseconds a worker has to end when its job was cancelled; then as many until it is ended by force. */
const PATIENCE = 400;

/** What threads and processes have in common. */
export class WorkerPool implements Executor {
  readonly size: number;
  readonly name: string;
  private readonly kind: 'thread' | 'process';
  private readonly queue: Backlog<Job> = new Backlog();
  private readonly running: Set<Job> = new Set();
  private readonly closing: Closing;
  private readonly pool: Pool;
  private beginning = false;
  /** The end of the workers, once it has begun: who asks the library again would not hear of it. */
  private ending: PromiseLike<unknown> | null = null;

  /** @internal */
  constructor(
    kind: 'thread' | 'process',
    where: string,
    options: WorkerPoolOptions | undefined,
    resourceLimits?: ResourceLimits,
  ) {
    const { size = availableParallelism(), name } = readOptions(options, ['size', 'name'], where);
    this.kind = kind;
    this.size = whole(size, 1, 'size', where);
    this.name = nameOf(name, where);
    this.closing = new Closing(titled(`${kind} pool`, this.name));
    this.pool = library.pool(fileURLToPath(new URL('./runner.js', import.meta.url)), {
      workerType: kind,
      maxWorkers: this.size,
      workerTerminateTimeout: PATIENCE,
      ...(kind === 'process' && { forkOpts: { serialization: 'advanced' } }),
      ...(resourceLimits !== undefined && { workerThreadOpts: { resourceLimits } }),
    });
  }

  /** How many jobs wait for a worker. */
  get waiting(): number {
    return this.queue.size;
  }

  /** How many jobs were given to workers and have not come back. */
  get active(): number {
    return this.running.size;
  }

  /**
   * Has a function run by a worker when one is free, first come first served.
   *
   * It is an export of a module (see {@link jobsOf}), or a function that uses nothing from around it: its text
   * is sent. Arguments and result are copied (see {@link transfer}); what cannot be is a `TypeError` of the job,
   * and of nothing else.
   *
   * @throws {StateError} it was shut down. {TypeError} a function of which there is no text.
   */
  submit<A extends unknown[], R>(fn: (...args: A) => R | PromiseLike<R>, ...args: A): Future<Awaited<R>> {
    const target = targetOf(fn);
    this.closing.admit();
    const future = new Future<unknown>({ name: fn.name === '' ? 'job' : fn.name });
    this.queue.push(new Job(this, target, args, future));
    this.beginNext();
    return future as Future<Awaited<R>>;
  }

  map<T, R>(
    values: Iterable<T> | AsyncIterable<T>,
    fn: (value: T, index: number) => R | PromiseLike<R>,
    options?: FlowOptions,
  ): Flow<Awaited<R>> {
    const submit = (value: unknown, index: number): Future<unknown> => this.submit(fn, value as T, index);
    return new Flow(values, fn, this.size, options, (window) => new Submitter(window, submit));
  }

  async shutdown(options?: ExecutorShutdownOptions): Promise<void> {
    await this.closing.close(options, {
      stopQueued: () => {
        for (let job = this.queue.first; job !== null; job = this.queue.first) job.future.cancel();
      },
      stopRunning: () => {
        for (const job of [...this.running]) job.future.cancel();
      },
      lent: 0,
      left: () => this.queue.size + this.running.size,
      more: () => undefined,
    });
    await this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /**
   * @internal The arguments of a job as they are sent.
   * @throws what cannot be copied is found out here and now, before the library has anything in hand.
   */
  pack(args: unknown[]): Parcel {
    if (this.kind === 'process') return { bytes: serialize(args) };
    const { port1, port2 } = new MessageChannel();
    try {
      port1.postMessage(args, moved(args));
    } catch (error) {
      port1.close();
      throw error;
    }
    return { port: port2 };
  }

  /** @internal Gives a job to a worker. */
  give(target: Target, parcel: Parcel): Given {
    const params: unknown[] = [target, parcel];
    if (!('port' in parcel)) return { running: this.pool.exec('work', params), drop: () => {} };
    const { port } = parcel;
    const transfer: unknown[] = [port];
    const running = this.pool.exec('work', params, { transfer });
    const drop = (): void => {
      // If its worker is still starting, the library will send it all the same; a closed port could not be sent.
      params.length = 0;
      transfer.length = 0;
      // A port that nobody closes is there for ever; one that was sent is closed where it is.
      port.close();
    };
    return { running, drop };
  }

  /** @internal */
  leave(job: Job): void {
    if (!this.running.delete(job)) this.queue.delete(job);
    this.beginNext();
    const left = this.queue.size + this.running.size;
    this.closing.check(left);
    // Whoever has shut it down may have given up waiting for that.
    if (left === 0 && !this.closing.accepts) void this.end();
  }

  private end(): PromiseLike<unknown> {
    return (this.ending ??= this.pool.terminate());
  }

  /** One after the other: a job that cannot be sent is over at once, and must not begin the next one inside itself. */
  private beginNext(): void {
    if (this.beginning) return;
    this.beginning = true;
    for (let job = this.next(); job !== null; job = this.next()) {
      this.running.add(job);
      job.begin();
    }
    this.beginning = false;
  }

  /** Who is next, if a worker is free. */
  private next(): Job | null {
    return this.running.size < this.size ? this.queue.shift() : null;
  }
}
