import { here } from '../kernel/caller.js';
import { callable, duration, oneOf, readOptions } from '../kernel/options.js';
import { schedule } from '../kernel/schedule.js';
import { alarm } from './after.js';

export interface PeriodicOptions {
  /**
   * What happens when the job takes longer than a period: `'skip'` (the default) leaves out the times that
   * have passed and goes on with the next one; `'catch-up'` does the job for each of them, one after the other
   * without a pause; `'delay'` counts each period from the end of the job, so that none can pass.
   */
  overrun?: 'skip' | 'catch-up' | 'delay';
}

/**
 * Calls `job` every `ms` milliseconds in this tasklet, one call at a time, until it is killed or `job` throws.
 *
 * The times are counted from the call, so that they do not drift. Source: Twisted's `LoopingCall`.
 *
 * @param ms more than 0; the first call is after `ms` milliseconds.
 * @param job gets the number of the period, from 1; may wait.
 * @throws what `job` throws. {TypeError | RangeError} a wrong or unknown option.
 * @example
 * spawn(() => periodic(60_000, clean, { overrun: 'delay' }));
 */
export async function periodic(
  ms: number,
  job: (period: number) => unknown,
  options?: PeriodicOptions,
): Promise<never> {
  if (duration(ms, 'ms', 'periodic') === 0) {
    throw new RangeError('periodic: ms must be more than 0 milliseconds');
  }
  callable(job, 'job', 'periodic');
  const { overrun = 'skip' } = readOptions(options, ['overrun'], 'periodic');
  oneOf(overrun, ['skip', 'catch-up', 'delay'], 'overrun', 'periodic');
  const { clock } = here();
  let start = clock.now();
  for (let period = 1; ; period++) {
    const wait = start + period * ms - clock.now();
    if (wait > 0) await alarm(wait, `next of every ${ms} ms`).receive();
    else await schedule();
    await job(period);
    if (overrun === 'delay') start = clock.now() - period * ms;
    else if (overrun === 'skip') period = Math.max(period, Math.floor((clock.now() - start) / ms));
  }
}
