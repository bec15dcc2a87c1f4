import { expect } from 'chai';
import { run, Scheduler } from '../../lib/index.js';
import { VirtualClock } from '../../lib/testing/index.js';

/** What a simulated program may want to look at or to move. */
export interface Simulation {
  readonly scheduler: Scheduler;
  readonly clock: VirtualClock;
}

/**
 * Runs `main` on a scheduler of its own, in virtual time; afterwards nothing of it is left there.
 *
 * A tasklet of it that fails, fails the test.
 */
export async function simulate<R>(main: (simulation: Simulation) => R | PromiseLike<R>): Promise<Awaited<R>> {
  const clock = new VirtualClock();
  const scheduler = new Scheduler({ clock });
  const result = await run(() => main({ scheduler, clock }), { scheduler });
  expect(scheduler.tasklets(), 'who is left').to.deep.equal([]);
  expect(scheduler.isIdle, 'nobody can run').to.equal(true);
  expect(clock.next, 'when a timer is due').to.equal(undefined);
  return result;
}
