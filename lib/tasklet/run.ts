/**
 * Running a program of tasklets to its end, and ending it before.
 */
import { Channel } from '../kernel/channel.js';
import { ShutdownError, StateError, TimeoutError, type DeadlockError } from '../kernel/errors.js';
import { complain, next } from '../kernel/host.js';
import { callable, duration, readOptions, show } from '../kernel/options.js';
import type { Supervisor } from '../kernel/body.js';
import { defaultScheduler, here } from '../kernel/caller.js';
import { type Scheduler } from '../kernel/scheduler.js';
import { current } from './spawn.js';
import { Tasklet } from './tasklet.js';

export interface RunOptions {
  /** Whose tasklets are meant; by default the common one. */
  scheduler?: Scheduler;
}

/** How long a program that has failed waits for its tasklets to clean up, in milliseconds. */
const PATIENCE = 5000;

/**
 * Runs `main` as a tasklet, and resolves with its value when every tasklet that is no daemon has ended; then
 * daemons are killed, and their `finally` blocks run.
 *
 * It rejects with the first error that nobody joins, `main`'s included, after killing the rest. When the
 * event loop has run dry and tasklets still wait, they are killed and it rejects with {@link DeadlockError},
 * which names each of them and what it waits for. Source: Stackless `run()`, but nothing stays behind.
 *
 * @throws {StateError} a `run` is active already, or it is called in a tasklet: that would wait for itself.
 * @example
 * await run(async () => {
 *   const line = new Channel<string>();
 *   spawn(() => line.send('hello'));
 *   console.log(await line.receive());
 * });
 */
export function run(): Promise<undefined>;
export function run<R>(main: () => R | PromiseLike<R>, options?: RunOptions): Promise<Awaited<R>>;
export function run<R>(
  main?: () => R | PromiseLike<R>,
  options?: RunOptions,
): Promise<Awaited<R> | undefined> {
  let scheduler: Scheduler;
  try {
    if (main !== undefined) callable(main, 'main', 'run');
    ({ scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'run'));
    if (scheduler.supervisor !== null) throw new StateError('run: a run is active already');
    if (current() !== undefined && here() === scheduler) {
      throw new StateError('run: called in a tasklet, it would wait for itself; spawn and join instead');
    }
  } catch (error) {
    return Promise.reject(error);
  }
  return new Promise((resolve, reject) => {
    const first =
      main === undefined ? undefined : new Tasklet(main, { scheduler, name: main.name || 'main' });
    const program = new Program(scheduler, (failure) => {
      if (failure !== undefined) reject(failure.error);
      else if (first === undefined) resolve(undefined);
      else first.join().then(resolve as (value: unknown) => void, reject);
    });
    first?.start();
    program.ended();
  });
}

/** One `run`: from the first tasklet to the last. */
class Program implements Supervisor {
  private readonly scheduler: Scheduler;
  private readonly finish: (failure: { error: unknown } | undefined) => void;
  private failure: { error: unknown } | undefined;
  private ending = false;
  private over = false;

  constructor(scheduler: Scheduler, finish: (failure: { error: unknown } | undefined) => void) {
    this.scheduler = scheduler;
    this.finish = finish;
    scheduler.supervisor = this;
  }

  ended(): void {
    if (this.scheduler.essential === 0 && !this.ending) this.end();
  }

  crashed(error: unknown): void {
    // The first one is the cause; those that follow are mostly its consequences.
    if (this.failure === undefined) this.failure = { error };
    else complain(`also failed while the program was being ended: ${inWords(error)}`);
    if (!this.ending) this.end();
  }

  deadlocked(error: DeadlockError): void {
    this.failure ??= { error };
    // Dry again after the kill: what is left will never come back.
    if (this.ending) this.close();
    else this.end();
  }

  /** Not at once: this is called in the middle of a switch. */
  private end(): void {
    this.ending = true;
    next(() => {
      shutdown({ timeout: PATIENCE, scheduler: this.scheduler }).then(
        () => {
          this.close();
        },
        (error: unknown) => {
          this.crashed(error);
          this.close();
        },
      );
    });
  }

  private close(): void {
    if (this.over) return;
    this.over = true;
    this.scheduler.supervisor = null;
    this.finish(this.failure);
  }
}

export interface ShutdownOptions extends RunOptions {
  /** Milliseconds the tasklets have to end, 5000 by default. */
  timeout?: number;
}

/**
 * Kills every tasklet but the caller and waits until all have ended.
 *
 * @throws {ShutdownError} some are still alive after `timeout`; it names them. A tasklet may be alive
 * because it awaits something foreign that takes its time.
 */
export async function shutdown(options?: ShutdownOptions): Promise<void> {
  const { timeout = PATIENCE, scheduler = here() } = readOptions(
    options,
    ['timeout', 'scheduler'],
    'shutdown',
  );
  duration(timeout, 'timeout', 'shutdown');
  const me = current();
  const others = scheduler.tasklets().filter((tasklet) => tasklet !== me);
  const over = new Channel<void>();
  over.label = 'shutdown';
  let left = others.length;
  if (left === 0) return;
  const count = (): void => {
    if (--left === 0) over.close();
  };
  for (const tasklet of others) {
    // Not joined: an error of its clean-up is still nobody's, and reported.
    void tasklet.ending().next().then(count, count);
    tasklet.kill();
  }
  try {
    await over.next({ timeout });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new ShutdownError(others.filter(({ alive }) => alive));
  }
}

function inWords(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : show(error);
}
