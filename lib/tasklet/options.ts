/** What a tasklet is made and killed with. */
import { duration, readOptions, show } from '../kernel/options.js';
import { Scheduler } from '../kernel/scheduler.js';

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

/** Inherits nothing. Made once: most tasklets are made without options. */
const NONE: TaskletOptions = Object.create(null) as TaskletOptions;
const GRACE = 1000;
const PLAINLY = { reason: undefined, grace: GRACE };

export function readTaskletOptions(options: TaskletOptions | undefined): TaskletOptions {
  if (options === undefined) return NONE;
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

export function readKillOptions(options: KillOptions | undefined): { reason: unknown; grace: number } {
  if (options === undefined) return PLAINLY;
  const { reason, grace = GRACE } = readOptions(options, ['reason', 'grace'], 'kill');
  return { reason, grace: duration(grace, 'grace', 'kill') };
}

function wrong(name: string, what: string, value: unknown): TypeError {
  return new TypeError(`Tasklet: ${name} must be ${what}, not ${show(value)}`);
}
