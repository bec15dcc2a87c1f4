/** Letting the others run: `run`, `schedule`, `scheduleRemove`. */
import { withTurn } from './calling.js';
import type { Life } from './life.js';
import { payload } from './payload.js';
import { successorOf } from './ring.js';

/**
 * Runs the others until none of them can run any more.
 *
 * The caller leaves the ring meanwhile; tasklets that are blocked when it returns stay so, and that is no
 * error. Tasklets that wait outside (a `sleep`, a bare `await`) are waited for. Any tasklet may call it;
 * calls nest, and the innermost returns first. Inserted by somebody, the caller returns early, and those who
 * called `run` inside its call go back to the ring. Source: Stackless `run()`.
 *
 * @throws what a tasklet has thrown and nobody caught; its place in the ring is then right before the
 * successor of the one that died, so that another `run()` goes on where this one stopped.
 */
export function run(): Promise<void> {
  return withTurn(async (me) => {
    const { world } = me;
    const next = successorOf(me.waiter);
    if (next === null && !world.awaited) return;
    world.guard(next);
    world.watchdogs.push(me);
    try {
      await world.leave(me, null);
    } finally {
      woken(me);
    }
  });
}

/** `me` is back from `run()`: those who called it inside of this call are no longer waited for. */
function woken(me: Life): void {
  const { watchdogs } = me.world;
  if (!watchdogs.includes(me)) return;
  for (let inner = watchdogs.pop(); inner !== me && inner !== undefined; inner = watchdogs.pop())
    inner.enter();
}

/**
 * The caller goes to the end of the ring; with nobody else to run it goes on at once.
 *
 * @returns `retval`, by default the calling tasklet; unless somebody changed its `tempval` meanwhile.
 * Source: Stackless `schedule()`.
 */
export function schedule(retval?: unknown): Promise<unknown> {
  return withTurn((me) => {
    const { world, waiter } = me;
    const value = payload(retval === undefined ? me.handle : retval, 'schedule');
    world.guard(successorOf(waiter));
    me.fill(value);
    return world.switch(me, waiter.next);
  });
}

/**
 * The caller leaves the ring, until somebody inserts it again.
 *
 * Alone in the world, main goes on at once.
 * @returns `retval`, by default the calling tasklet; whoever inserts it may set its `tempval` before.
 * @throws {RuntimeError} it is the last that can run, and main is blocked.
 * Source: Stackless `schedule_remove()`.
 */
export function scheduleRemove(retval?: unknown): Promise<unknown> {
  return withTurn((me) => {
    const { world } = me;
    const value = payload(retval === undefined ? me.handle : retval, 'scheduleRemove');
    const alone = successorOf(me.waiter) === null && world.wake === me && !world.awaited;
    return alone ? world.proceed(me, value) : world.blockAway(me, null, value);
  });
}
