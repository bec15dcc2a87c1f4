import { duration } from '../kernel/options.js';
import { schedule } from '../kernel/schedule.js';
import { alarm } from './after.js';

/**
 * Waits `ms` milliseconds. Never wakes early; 0 is {@link schedule}.
 *
 * When time is up the caller goes to the end of the ring. Killed, it leaves no timer behind.
 *
 * @param ms from 0; `Infinity`: until it is killed.
 * @throws {TypeError | RangeError} `ms` is no number, `NaN`, or negative.
 */
export function sleep(ms: number): Promise<void> {
  try {
    duration(ms, 'ms', 'sleep');
  } catch (error) {
    return Promise.reject(error);
  }
  return ms === 0 ? schedule() : alarm(ms, `sleep ${ms} ms`).receive();
}
