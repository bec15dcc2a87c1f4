import { callable, isThenable } from '../kernel/options.js';
import { pour, pourable } from './pour.js';
import type { Source, Stage } from './stage.js';

/**
 * A stage that passes on each of the values that `fn(value)` has, one after the other.
 *
 * @param fn gives an iterable or an async iterable; may wait. What it gives is closed if the line ends early.
 * @example
 * await pipeline(folders, flatMap(readdir), collect());
 */
export function flatMap<I, O>(fn: (value: I) => Source<O> | PromiseLike<Source<O>>): Stage<I, O> {
  callable(fn, 'fn', 'flatMap');
  return {
    name: fn.name === '' ? 'flatMap' : fn.name,
    async run(input, output) {
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const given = fn(step.value);
        const values = isThenable(given) ? await given : given;
        pourable(values, 'what fn returns', 'flatMap');
        await pour(values, output);
      }
    },
  };
}
