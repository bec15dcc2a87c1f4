/** Reading the ring: who stands where. Guests and errands of the kernel stand in it too; they are passed over. */
import type { Scheduler } from '../kernel/scheduler.js';
import { TASKLET, type Waiter } from '../kernel/waiter.js';
import { Life } from './life.js';
import type { Tasklet } from './tasklet.js';

/** How many tasklets can run, the current one included. */
export function countOf({ current }: Scheduler): number {
  let count = 0;
  let at = current;
  do {
    if (at.kind === TASKLET) count++;
    at = at.next;
  } while (at !== current);
  return count;
}

/** Who has the turn after `waiter`; `null` if no other tasklet can run. */
export function successorOf(waiter: Waiter): Waiter | null {
  for (let at = waiter.next; at !== waiter; at = at.next) if (at.kind === TASKLET) return at;
  return null;
}

/** Who stands next to `life`: in the ring, which goes round, or at its channel, `null` at the end. */
export function neighbourOf(life: Life, way: 'next' | 'prev'): Tasklet | null {
  const { waiter } = life;
  const { side } = waiter;
  if (side !== null) {
    const isLast = (way === 'next' ? waiter.next : waiter) === side.first;
    return isLast ? null : (Life.of(waiter[way])?.handle ?? null);
  }
  if (!life.inRing) return null;
  for (let at = waiter[way]; ; at = at[way]) {
    const other = Life.of(at);
    if (other !== undefined) return other.handle;
  }
}
