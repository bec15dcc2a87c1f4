import { Channel } from '../kernel/channel.js';
import { TaskletKilledError } from '../kernel/errors.js';
import { TaskGroup } from '../tasklet/group.js';
import type { Tasklet } from '../tasklet/tasklet.js';
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
    async run(input, output) {
      const tasklets: Tasklet[] = [];
      await TaskGroup.run((group) => {
        for (const source of [input, ...sources] as Source<I | O>[]) {
          const tasklet = group.spawn(source instanceof Channel ? pass : pour, source, output);
          tasklet.atEnd(() => {
            if (tasklet.state === 'killed') group.cancel();
          });
          tasklets.push(tasklet);
        }
      });
      // Nobody in the group calls that an error; but the rest of its source would be missing.
      if (tasklets.some(({ state }) => state === 'killed')) {
        throw new TaskletKilledError("a tasklet of 'merge' was killed");
      }
    },
  };
}

/** Not poured: a channel needs no iterator, and nothing is taken from it that is not passed on. */
async function pass<T>(channel: Source<T>, output: Outlet<T>): Promise<void> {
  const input = channel as Channel<T>;
  for (let step = await input.next(); step.done !== true; step = await input.next()) {
    await output.send(step.value);
  }
}
