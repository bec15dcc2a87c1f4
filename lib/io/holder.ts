import { running } from '../kernel/caller.js';
import type { Waiter } from '../kernel/waiter.js';

/**
 * The calling tasklet, if it has the turn and nothing is to be raised in it: then an operation that need not wait is
 * a look at the ring and no more.
 */
export function holder(): Waiter | undefined {
  const me = running();
  return me !== undefined && me.extra === null && me === me.scheduler.current ? me : undefined;
}
