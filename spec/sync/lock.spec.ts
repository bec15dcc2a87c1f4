import { expect } from 'chai';
import { Lock, schedule, spawn, StateError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Lock', () => {
  it('is free when it is made, and says whether it is', async () => {
    const lock = new Lock({ name: 'db' });
    expect(lock.name).to.equal('db');
    expect(lock.locked).to.equal(false);
    const lease = await lock.acquire();
    expect(lock.locked).to.equal(true);
    lease.release();
    expect(lock.locked).to.equal(false);
    expect(() => new Lock({ timeout: 1 } as never)).to.throw(TypeError, "'timeout'");
  });

  it('[D-10] [INV-53] to release it while nobody holds it is an error, and makes no second permit', async () => {
    const lock = new Lock({ name: 'db' });
    expect(() => lock.release()).to.throw(StateError, "lock 'db': nobody holds it");
    const lease = lock.tryAcquire();
    expect(lock.tryAcquire()).to.equal(undefined);
    lock.release();
    expect(lease?.held, 'the lease of who held it').to.equal(false);
    expect(() => lock.release()).to.throw(StateError);
    expect(() => lease?.release()).to.throw(StateError);
  });

  it('stays locked between the hand-over and the turn of who has it', () =>
    simulate(async () => {
      const lock = new Lock();
      const lease = await lock.acquire();
      const waiter = spawn(() => lock.with(() => {}));
      await schedule();
      lease.release();
      expect(lock.locked).to.equal(true);
      await waiter.join();
      expect(lock.locked).to.equal(false);
    }));

  it('belongs to no tasklet: a lease may be handed on', () =>
    simulate(async () => {
      const lock = new Lock();
      const lease = await spawn(() => lock.acquire()).join();
      expect(lock.locked).to.equal(true);
      lease.release();
      expect(lock.locked).to.equal(false);
    }));

  it('left locked by a tasklet that has ended, it is named where it is waited for', () =>
    simulate(async ({ scheduler }) => {
      const lock = new Lock({ name: 'db' });
      await spawn(() => void lock.tryAcquire()).join();
      const waiter = spawn(() => lock.acquire());
      await schedule();
      expect(scheduler.dump()).to.contain("lock 'db'");
      waiter.kill();
    }));

  it('works outside tasklets', async () => {
    const lock = new Lock();
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3].map((i) =>
        lock.with(async () => {
          order.push(i);
          await schedule();
          order.push(i);
        }),
      ),
    );
    expect(order).to.deep.equal([1, 1, 2, 2, 3, 3]);
  });

  it('with() refuses what is no function, and takes nothing', async () => {
    const lock = new Lock();
    expect(await rejection(lock.with(7 as never))).to.be.instanceOf(TypeError);
    expect(lock.locked).to.equal(false);
  });
});
