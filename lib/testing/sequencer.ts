import { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { callable, whole } from '../kernel/options.js';

/** Waits until it is its turn, does `step`, and lets the next one go on. */
export type Sequencer = <R>(position: number, step: () => R | PromiseLike<R>) => Promise<R>;

/**
 * Makes a function that forces steps of several tasklets into a written order: 0, 1, 2 and so on, each once.
 *
 * A step begins when the one before it has ended. One that throws, or is killed, breaks the order: those after it
 * are raised a {@link StateError}, with its error as `cause`. Source: Trio's `testing.Sequencer`.
 *
 * @example
 * const at = sequencer();
 * spawn(async () => {
 *   await at(0, () => line.send('first'));
 *   await at(2, () => line.send('third'));
 * });
 * spawn(() => at(1, () => line.send('second')));
 */
export function sequencer(): Sequencer {
  const gates = new Map<number, Channel<never>>();
  const used = new Set<number>();
  let broken: StateError | undefined;

  const gate = (position: number): Channel<never> => {
    let found = gates.get(position);
    if (found === undefined) {
      gates.set(position, (found = new Channel()));
      found.label = `step ${position} of a sequence`;
      if (broken !== undefined) found.close(broken);
    }
    return found;
  };
  gate(0).close();

  return async (position, step) => {
    whole(position, 0, 'position', 'sequencer');
    callable(step, 'step', 'sequencer');
    if (used.has(position)) throw new StateError(`sequencer: there are two steps ${position}`);
    used.add(position);
    try {
      await gate(position).next();
      const value = await step();
      gate(position + 1).close();
      return value;
    } catch (error) {
      broken ??= new StateError(`sequencer: the order was broken at step ${position}`, { cause: error });
      for (const each of gates.values()) each.close(broken);
      throw error;
    }
  };
}
