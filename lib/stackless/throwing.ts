/** Raising an error in another tasklet. */
import { readOptions, show } from '../kernel/options.js';
import { withTurn } from './calling.js';
import { RuntimeError, TaskletExit } from './errors.js';
import type { Life } from './life.js';

export interface ThrowOptions {
  /** The caller goes on, and the error is raised when the tasklet has its turn. */
  pending?: boolean;
}

/** Raises `error` in the life of `target`: at once, or when its turn comes. */
export async function throwAt(
  target: { readonly life: Life | null },
  error: Error,
  options: ThrowOptions | undefined,
): Promise<void> {
  if (!(error instanceof Error)) throw new TypeError(`throw: takes an Error, not ${show(error)}`);
  const { pending = false } = readOptions(options, ['pending'], 'throw');
  if (typeof pending !== 'boolean') {
    throw new TypeError(`throw: pending must be a boolean, not ${show(pending)}`);
  }
  if (pending) raiseIn(target.life, error);
  else {
    await withTurn((me) => {
      const life = raiseIn(target.life, error, me);
      return life?.inRing === true ? me.world.switch(me, life.waiter) : Promise.resolve();
    });
  }
}

/** Puts `life` into the ring, with `error` to be raised; `null` if it is dead and does not care. */
function raiseIn(life: Life | null, error: Error, next?: Life): Life | null {
  if (life === null || !life.alive) {
    if (error instanceof TaskletExit) return null;
    throw new RuntimeError('You cannot throw to a dead tasklet');
  }
  if (life.holds) throw error;
  next?.world.guard(life.waiter);
  life.raise(error);
  return life;
}
