import { here } from '../kernel/caller.js';
import { duration, readOptions, show, whole } from '../kernel/options.js';
import { alarm } from '../time/after.js';
import type { Stage } from './stage.js';

export interface ThrottleOptions {
  /** In any stretch of so many milliseconds no more values pass; more than 0. */
  within: number;
}

/**
 * A stage that lets at most `count` values pass within any `within` milliseconds. Nothing is dropped: the
 * stages before it wait.
 *
 * @param count a whole number from 1.
 * @example
 * await pipeline(requests, throttle(10, { within: 1000 }), send);
 */
export function throttle<T>(count: number, options: ThrottleOptions): Stage<T, T> {
  whole(count, 1, 'count', 'throttle');
  const { within } = readOptions(options, ['within'], 'throttle');
  if (duration(within, 'within', 'throttle') === 0 || within === undefined) {
    throw new RangeError(`throttle: within must be more than 0 milliseconds, not ${show(within)}`);
  }
  return {
    name: `throttle ${count}/${within} ms`,
    async run(input, output) {
      const { clock } = here();
      /** When each of the last `count` values passed; the next one takes the place of the oldest. */
      const passed: number[] = [];
      let oldest = 0;
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const wait = (passed[oldest] ?? -Infinity) + within - clock.now();
        if (wait > 0) await alarm(wait, `throttle: ${count} values within ${within} ms`).receive();
        await output.send(step.value);
        passed[oldest] = clock.now();
        oldest = (oldest + 1) % count;
      }
    },
  };
}
