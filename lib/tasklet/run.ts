/**
 * Running a program of tasklets to its end, and ending it before.
 */
import type { Channel } from '../kernel/channel.js';
import { ShutdownError, StateError, type DeadlockError } from '../kernel/errors.js';
import { complain, next } from '../kernel/host.js';
import { inTime } from '../kernel/in-time.js';
import { callable, duration, readOptions, show } from '../kernel/options.js';
import type { Body, Supervisor } from '../kernel/body.js';
import { defaultScheduler, here } from '../kernel/caller.js';
import type { Timer } from '../kernel/clock.js';
import { line } from '../kernel/line.js';
import { Scheduler } from '../kernel/scheduler.js';
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
 * It listens to no signal: SIGINT and SIGTERM end the process at once, as ever. A program that wants to clean up
 * listens itself, and calls {@link shutdown}.
 *
 * @throws {StateError} a `run` is active already, or it is called in a tasklet: that would wait for itself.
 * @example
 * await run(async () => {
 *   const line = new Channel<string>();
 *   spawn(() => line.send('hello'));
 *   console.log(await line.receive());
 * });
 */
export function run(main?: undefined, options?: RunOptions): Promise<undefined>;
export function run<R>(main: () => R | PromiseLike<R>, options?: RunOptions): Promise<Awaited<R>>;
export function run<R>(
  main?: () => R | PromiseLike<R>,
  options?: RunOptions,
): Promise<Awaited<R> | undefined> {
  let scheduler: Scheduler;
  try {
    if (main !== undefined) callable(main, 'main', 'run');
    ({ scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'run'));
    isScheduler(scheduler, 'run');
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
      else settle(first as Tasklet<Awaited<R>>, resolve, reject);
    });
    first?.start();
    program.ended();
  });
}

/** Passes on how `main`, which has ended, did so. Not a join: nobody here has a turn to wait with. */
function settle<R>(main: Tasklet<R>, resolve: (value: R) => void, reject: (error: unknown) => void): void {
  try {
    resolve((main.ending().tryReceive() as { value: R }).value);
  } catch (error) {
    reject(error);
  }
}

/** One `run`: from the first tasklet to the last. */
class Program implements Supervisor, Timer {
  due = 0;
  order = 0;
  place = -1;
  private readonly scheduler: Scheduler;
  private readonly finish: (failure: { error: unknown } | undefined) => void;
  private failure: { error: unknown } | undefined;
  private ending = false;
  /** No tasklet lives any more. */
  private empty = false;
  private over = false;
  private stop: () => void = () => {};

  constructor(scheduler: Scheduler, finish: (failure: { error: unknown } | undefined) => void) {
    this.scheduler = scheduler;
    this.finish = finish;
    scheduler.supervisor = this;
  }

  ended(): void {
    if (this.scheduler.essential > 0) return;
    if (!this.ending) this.end();
    else if (this.empty) this.close();
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

  /** Time is up for those that still live. */
  fire(): void {
    this.crashed(new ShutdownError(alive(this.scheduler)));
    this.close();
  }

  /** Not at once: this is called in the middle of a switch. */
  private end(): void {
    this.ending = true;
    // In real time: who is still alive then waits for the world outside.
    defaultScheduler.clock.set(this, PATIENCE);
    next(() => {
      this.stop = endAll(this.scheduler, undefined, () => {
        this.empty = true;
        this.ended();
      });
    });
  }

  private close(): void {
    if (this.over) return;
    this.over = true;
    this.stop();
    defaultScheduler.clock.cancel(this);
    this.scheduler.supervisor = null;
    // Not at once either: the last tasklet may be in the middle of its end.
    next(() => {
      this.finish(this.failure);
    });
  }
}

export interface ShutdownOptions extends RunOptions {
  /** Milliseconds the tasklets have to end, 5000 by default. */
  timeout?: number;
}

/**
 * Kills every tasklet but the caller, and those that they spawn meanwhile, and waits until all have ended.
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
  isScheduler(scheduler, 'shutdown');
  const me = current();
  const over: Channel<void> = line('shutdown');
  // Not joined: an error of their clean-up is still nobody's, and reported.
  const stop = endAll(scheduler, me, () => {
    over.close();
  });
  try {
    if (!(await inTime(() => over.next({ timeout })))) throw new ShutdownError(alive(scheduler, me));
  } finally {
    stop();
  }
}

/**
 * Kills every tasklet but `spared`, and those that they spawn meanwhile; calls `done` when all have ended.
 *
 * No wait of its own: it may be called in the middle of anything, and nobody's kill can stop it.
 * @returns how to give up.
 */
function endAll(scheduler: Scheduler, spared: Tasklet | undefined, done: () => void): () => void {
  let undo: (() => void)[] = [];
  const stop = (): void => {
    for (const each of undo) each();
  };
  const again = (): void => {
    const others = alive(scheduler, spared);
    let left = others.length;
    if (left === 0) {
      done();
      return;
    }
    undo = others.map((tasklet) =>
      tasklet.atEnd(() => {
        if (--left === 0) again();
      }),
    );
    for (const tasklet of others) tasklet.kill();
  };
  again();
  return stop;
}

function alive(scheduler: Scheduler, spared?: Tasklet): Body[] {
  return scheduler.tasklets().filter((tasklet) => tasklet !== spared && tasklet.alive);
}

function isScheduler(scheduler: unknown, where: string): void {
  if (scheduler instanceof Scheduler) return;
  throw new TypeError(`${where}: scheduler must be a Scheduler, not ${show(scheduler)}`);
}

/** Anything can be thrown, even what throws when it is looked at, and there is more to do after this. */
function inWords(error: unknown): string {
  try {
    if (!(error instanceof Error)) return show(error);
    const text: unknown = error.stack ?? error.message;
    return String(text);
  } catch {
    return 'something that cannot be looked at';
  }
}
