/**
 * Stackless's own vocabulary, so that its programs port line by line.
 *
 * Everything that may switch returns a promise. See {@link main}.
 */
export { getCurrent, getMain, getRunCount } from './asking.js';
export { atomic } from './atomic.js';
export { Channel } from './channel.js';
export {
  RuntimeError,
  StopIteration,
  TaskletExit,
  TaskletKilledError,
  ValueError,
  type ErrorClass,
} from './errors.js';
export {
  setChannelCallback,
  setErrorHandler,
  setScheduleCallback,
  switchTrap,
  type ChannelCallback,
  type ErrorHandler,
  type ScheduleCallback,
} from './hooks.js';
export { main } from './main.js';
export { run, schedule, scheduleRemove } from './run.js';
export { tasklet, Tasklet, type CallableTasklet } from './tasklet.js';
export type { ThrowOptions } from './throwing.js';
