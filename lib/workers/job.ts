/**
 * One piece of work for a worker, from the queue to its outcome.
 */
import type { Channel } from '../kernel/channel.js';
import { WorkerLostError } from '../kernel/errors.js';
import { soon } from '../kernel/host.js';
import type { Entry } from '../futures/backlog.js';
import type { Future, Maker } from '../futures/future.js';
import type { Target } from './call.js';
import { unpacked } from './failure.js';
import { endOf, isTermination, isUncopied, reasonOf, wasDead, type Running } from './library.js';
import type { Outcome, Parcel } from './runner.js';

/** A job that was given to the library. */
export interface Given {
  readonly running: Running;
  /** It is over: what was not sent is not kept. */
  drop(): void;
}

/** The pool, as far as a job knows it. */
interface Office {
  readonly size: number;
  pack(args: unknown[]): Parcel;
  give(target: Target, parcel: Parcel): Given;
  leave(job: Job): void;
}

export class Job implements Maker, Entry<Job> {
  before: Job | null = null;
  after: Job | null = null;
  readonly future: Future<unknown>;
  private readonly pool: Office;
  private readonly target: Target;
  private readonly args: unknown[];
  private given: Given | null = null;
  private over = false;

  constructor(pool: Office, target: Target, args: unknown[], future: Future<unknown>) {
    this.pool = pool;
    this.target = target;
    this.args = args;
    this.future = future;
    future.madeBy(this);
  }

  begin(): void {
    this.future.begin();
    try {
      this.run(this.pool.pack(this.args), this.pool.size);
    } catch (error) {
      this.failed(error, 'an argument cannot be sent to a worker');
      this.end();
    }
  }

  /** @param tries how often it may meet a worker that died while it was idle; the library removes each. */
  private run(parcel: Parcel, tries: number): void {
    this.given = this.pool.give(this.target, parcel);
    this.given.running.then(
      (outcome) => {
        const come = outcome as Outcome;
        if ('value' in come) this.future.resolve(come.value);
        else this.future.reject(unpacked(come.failure));
        this.end();
      },
      (error: unknown) => {
        if (tries > 0 && wasDead(error)) {
          soon(() => {
            if (this.future.settled) this.end();
            else this.run(parcel, tries - 1);
          });
          return;
        }
        this.failed(error, 'its result cannot be sent back');
        this.end();
      },
    );
  }

  cancelled(): void {
    if (this.given === null) this.end();
    else this.given.running.cancel();
  }

  wait<T>(channel: Channel<T>): Promise<T> {
    return channel.receive();
  }

  /** @param uncopied what it means if something could not be copied. */
  private failed(error: unknown, uncopied: string): void {
    const { name } = this.future;
    if (isTermination(error)) {
      const { words, cause } = endOf(error);
      this.future.reject(new WorkerLostError(`job '${name}': its worker was lost: ${words}`, { cause }));
    } else if (isUncopied(error)) {
      this.future.reject(new TypeError(`job '${name}': ${uncopied}: ${reasonOf(error)}`, { cause: error }));
    } else this.future.reject(error);
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    this.given?.drop();
    this.pool.leave(this);
  }
}
