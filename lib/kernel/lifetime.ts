/**
 * How a tasklet comes to life, and how it is over.
 *
 * While it lives its scheduler holds it, the platform is asked to tell its code from other code, and the
 * program is watched for running dry.
 */
import type { Body } from './body.js';
import { forgetDry, watchDry } from './deadlock.js';
import { identity } from './identity.js';
import { ENDED, FRESH, type Waiter } from './waiter.js';

/** The tasklet of `waiter` comes to life, last in the ring. */
export function enter(waiter: Waiter): void {
  const { scheduler } = waiter;
  if (scheduler.live.size === 0) watchDry(scheduler);
  scheduler.live.add(waiter);
  if (!(waiter.owner as Body).daemon) scheduler.essential++;
  identity.on();
  // Born waiting: the reaction is made here, so that the async context of whoever starts it is inherited.
  waiter.doing = FRESH;
  waiter.value = waiter;
  void (waiter.turn() as Promise<Waiter>).then(start);
  scheduler.wake(waiter);
}

/** The first turn of a tasklet: from a microtask, since a chain of spawns must not grow the stack. */
function start(waiter: Waiter): void {
  identity.run(waiter, begin);
}

function begin(waiter: Waiter): void {
  (waiter.owner as Body).begin();
}

/** The tasklet of `waiter`, which has nothing in flight any more, has ended: its turn passes on. */
export function expire(waiter: Waiter): void {
  const { scheduler, extra } = waiter;
  waiter.doing = ENDED;
  waiter.clear();
  scheduler.live.delete(waiter);
  if (!(waiter.owner as Body).daemon) scheduler.essential--;
  identity.off();
  if (scheduler.live.size === 0) forgetDry(scheduler);
  if (extra !== null) {
    scheduler.clock.cancel(extra);
    waiter.extra = null;
  }
  if (scheduler.supervisor !== null) scheduler.supervisor.ended();
  if (waiter === scheduler.current) scheduler.leave();
}
