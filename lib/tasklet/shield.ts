import { refused } from '../kernel/caller.js';
import { StateError } from '../kernel/errors.js';
import { cover, uncover } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { callable } from '../kernel/options.js';

/**
 * Runs `fn` in this tasklet and holds back what comes from outside meanwhile: kills, errors thrown at it, time
 * scopes around it. They are raised at the first wait after it, so that the result of `fn` is not lost.
 *
 * For a short step that must not stop half-way. Nothing limits it but itself: put a {@link timeout} inside.
 * Source: asyncio's `shield`, Trio's shielded scopes.
 *
 * @returns what `fn` returns.
 * @throws {StateError} called outside a tasklet. What is raised already, before `fn` is called.
 * @example
 * const receipt = await shield(() => timeout(500, () => commit(order)));
 */
export async function shield<R>(fn: () => R | PromiseLike<R>): Promise<R> {
  callable(fn, 'fn', 'shield');
  const me = identity.current();
  if (me === undefined)
    throw new StateError('shield: a critical step belongs to a tasklet, and here is none');
  const refusing = refused();
  if (refusing !== null) return refusing;
  cover(me);
  try {
    return await fn();
  } finally {
    uncover(me);
  }
}
