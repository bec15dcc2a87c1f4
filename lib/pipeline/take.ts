import { whole } from '../kernel/options.js';
import type { Stage } from './stage.js';

/**
 * A stage that passes on the first `count` values and ends. The stages before it are ended as soon as it has
 * the last one, so that a source is not asked for more than the stages in between had room for.
 *
 * @param count a whole number from 0.
 * @example
 * await pipeline(naturals(), filter(isPrime), take(10), collect());
 */
export function take<T>(count: number): Stage<T, T> {
  whole(count, 0, 'count', 'take');
  return {
    name: `take ${count}`,
    async run(input, output, enough) {
      for (let left = count; left > 0; left--) {
        const step = await input.next();
        if (step.done === true) return;
        if (left === 1) enough();
        await output.send(step.value);
      }
    },
  };
}

/**
 * A stage that leaves out the first `count` values.
 *
 * @param count a whole number from 0.
 */
export function skip<T>(count: number): Stage<T, T> {
  whole(count, 0, 'count', 'skip');
  return {
    name: `skip ${count}`,
    async run(input, output) {
      let left = count;
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        if (left > 0) left--;
        else await output.send(step.value);
      }
    },
  };
}
