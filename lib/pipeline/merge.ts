import { Channel } from '../kernel/channel.js';
import { TaskGroup } from '../tasklet/group.js';
import { pour, pourable } from './pour.js';
import type { Outlet, Source, Stage } from './stage.js';

/**
 * A stage that passes on the values of the stage before it and those of `sources`, each as it comes. It ends
 * when all have ended; the error of one is the error of all.
 *
 * @example
 * await pipeline(keyboard, merge(mouse, clock), handle);
 */
export function merge<I, O = I>(...sources: Source<O>[]): Stage<I, I | O> {
  for (const source of sources) pourable(source, 'a source', 'merge');
  return {
    name: 'merge',
    run: (input, output) =>
      TaskGroup.run((group) => {
        for (const source of [input, ...sources] as Source<I | O>[]) {
          group.spawn(source instanceof Channel ? pass : pour, source, output);
        }
      }),
  };
}

/** Not poured: a channel needs no iterator, and nothing is taken from it that is not passed on. */
async function pass<T>(channel: Source<T>, output: Outlet<T>): Promise<void> {
  const input = channel as Channel<T>;
  for (let step = await input.next(); step.done !== true; step = await input.next()) {
    await output.send(step.value);
  }
}
