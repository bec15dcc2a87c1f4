import { callable, isThenable } from '../kernel/options.js';
import type { Stage } from './stage.js';

/**
 * A stage that passes on the values of which `fn` says yes.
 *
 * @param fn may wait.
 * @example
 * await pipeline(lines, filter((line) => line !== ''), collect());
 */
export function filter<I, O extends I>(fn: (value: I) => value is O): Stage<I, O>;
export function filter<T>(fn: (value: T) => boolean | PromiseLike<boolean>): Stage<T, T>;
export function filter<T>(fn: (value: T) => boolean | PromiseLike<boolean>): Stage<T, T> {
  callable(fn, 'fn', 'filter');
  return {
    name: fn.name === '' ? 'filter' : fn.name,
    async run(input, output) {
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const answer = fn(step.value);
        if (isThenable(answer) ? await answer : answer) await output.send(step.value);
      }
    },
  };
}
