/** What a world can be told to watch, to refuse and to divert. */
import { callable, show } from '../kernel/options.js';
import { caller } from './calling.js';
import type { Channel } from './channel.js';
import type { Tasklet } from './tasklet.js';

/** Told of every switch to another tasklet, before it happens. */
export type ScheduleCallback = (prev: Tasklet, next: Tasklet) => void;

/** Told of every send and receive, before it happens. */
export type ChannelCallback = (
  channel: Channel,
  tasklet: Tasklet,
  sending: boolean,
  willBlock: boolean,
) => void;

/** Told of an error that nobody caught; it runs in the tasklet that dies of it. */
export type ErrorHandler = (error: unknown) => unknown;

/**
 * Adds `change` to the switch trap. While it is above 0, an operation that would switch to another tasklet
 * raises `RuntimeError` and changes nothing; one that needs no switch works.
 *
 * @returns what it was before. Source: Stackless `switch_trap`.
 */
export function switchTrap(change: number): number {
  if (!Number.isInteger(change))
    throw new TypeError(`switchTrap: change must be an integer, not ${show(change)}`);
  const { world } = caller();
  const before = world.trap;
  world.trap += change;
  return before;
}

/**
 * Has `callback(prev, next)` called at every switch to another tasklet, before `next` goes on.
 *
 * It must not switch. What it throws is an uncaught exception of the program.
 * @returns the callback until now. Source: Stackless `set_schedule_callback`.
 */
export function setScheduleCallback(callback: ScheduleCallback | null): ScheduleCallback | null {
  optional(callback, 'setScheduleCallback');
  const { world } = caller();
  const before = world.onSchedule;
  world.onSchedule = callback;
  return before;
}

/**
 * Has `callback(channel, tasklet, sending, willBlock)` called at every send and receive, before it happens.
 *
 * It must not switch. What it throws is raised by the send or receive, which then did not happen.
 * @returns the callback until now. Source: Stackless `set_channel_callback`.
 */
export function setChannelCallback(callback: ChannelCallback | null): ChannelCallback | null {
  optional(callback, 'setChannelCallback');
  const { world } = caller();
  const before = world.onChannel;
  world.onChannel = callback;
  return before;
}

/**
 * Has `handler(error)` called for an error that a tasklet did not catch, in that tasklet, as its last deed.
 *
 * If it returns, the error goes no further. If it throws, that goes on in its place, to the innermost caller
 * of `run()` or to main. @returns the handler until now. Source: Stackless `set_error_handler`.
 */
export function setErrorHandler(handler: ErrorHandler | null): ErrorHandler | null {
  optional(handler, 'setErrorHandler');
  const { world } = caller();
  const before = world.onError;
  world.onError = handler;
  return before;
}

function optional(callback: unknown, where: string): void {
  if (callback !== null) callable(callback, 'the callback', where);
}
