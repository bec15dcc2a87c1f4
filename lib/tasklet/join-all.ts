import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import type { WaitOptions } from '../kernel/options.js';
import { current } from './spawn.js';
import type { KillOptions } from './options.js';
import type { Tasklet } from './tasklet.js';

/** What comes of a list of tasklets. */
export type Results<T extends readonly Tasklet[]> = {
  -readonly [K in keyof T]: T[K] extends Tasklet<infer R> ? R : never;
};

/**
 * Waits until all of `tasklets` have ended, and gives their values in the same order.
 *
 * It waits for all of them also when one has failed: nothing of them is left when it returns. Who joins them
 * answers for their errors, and who gives up does not: one that has failed or fails later is an unjoined one again.
 * To give up changes nothing else about them. Source: gevent's `joinall`.
 *
 * @param options `timeout` in milliseconds for all together, `signal`.
 * @throws the error of one, an `AggregateError` of several; {TaskletKilledError} for one that was killed.
 * {TimeoutError}. {StateError} at once, if a tasklet is in its own list.
 * @example
 * const [user, orders] = await joinAll([spawn(loadUser, id), spawn(loadOrders, id)]);
 */
export async function joinAll<const T extends readonly Tasklet[]>(
  tasklets: T,
  options?: WaitOptions,
): Promise<Results<T>> {
  refuseSelf(tasklets, 'join');
  const refusing = refused(options, () => 'joinAll');
  if (refusing !== null) return refusing;
  await ended(tasklets, 'answer', `join ${tasklets.length} tasklets`, options);
  const errors: unknown[] = [];
  const values = tasklets.map((tasklet) => {
    try {
      return tasklet.ending().tryReceive()?.value;
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  });
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} tasklets failed`);
  return values as Results<T>;
}

/**
 * Kills all of `tasklets` and waits until they have ended. Raises none of their errors: one that nobody joins is
 * reported as ever. Source: gevent's `killall`.
 *
 * @param options `reason`, `grace` as for {@link Tasklet.kill}.
 * @throws {StateError} at once, if a tasklet is in its own list.
 */
export async function killAll(tasklets: readonly Tasklet[], options?: KillOptions): Promise<void> {
  refuseSelf(tasklets, 'kill');
  for (const tasklet of tasklets) tasklet.kill(options);
  await ended(tasklets, 'atEnd', `end of ${tasklets.length} killed tasklets`);
}

/** @param how whether who waits answers for their errors, or is only told. */
async function ended(
  tasklets: readonly Tasklet[],
  how: 'answer' | 'atEnd',
  what: string,
  options?: WaitOptions,
): Promise<void> {
  const all = [...new Set(tasklets)];
  let left = all.filter(({ alive, state }) => alive || state === 'new').length;
  if (left === 0) return;
  const over: Channel<void> = line(what);
  // Of those that have ended nobody is told.
  const undo = all.map((tasklet) =>
    tasklet[how](() => {
      if (--left === 0) over.close();
    }),
  );
  try {
    await over.next(options);
    if (how === 'answer') for (const tasklet of all) tasklet.observe();
  } finally {
    for (const each of undo) each();
  }
}

function refuseSelf(tasklets: readonly Tasklet[], what: string): void {
  const me = current();
  if (me !== undefined && tasklets.includes(me)) {
    throw new StateError(`tasklet '${me.name}' cannot ${what} itself and wait for it`);
  }
}
