import { expect } from 'chai';
import {
  after,
  Channel,
  RLock,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  StateError,
  TimeoutError,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('RLock', () => {
  it('[EV-15] is taken again by its owner, and is free when it was released as often', () =>
    simulate(async () => {
      const lock = new RLock({ name: 'tree' });
      const first = await lock.acquire();
      const second = await lock.acquire();
      const third = lock.tryAcquire();
      const stranger = (): Promise<boolean> => spawn(() => lock.tryAcquire() !== undefined).join();
      for (const lease of [second, third, first]) {
        expect(lock.locked).to.equal(true);
        expect(await stranger()).to.equal(false);
        lease?.release();
      }
      expect(lock.locked).to.equal(false);
    }));

  it('[EV-16] says no to another tasklet that tries, while its owner lives', () =>
    simulate(async () => {
      const lock = new RLock();
      const owner = spawn(() => lock.with(() => sleep(10)));
      await schedule();
      expect(lock.tryAcquire()).to.equal(undefined);
      await owner.join();
      expect(lock.tryAcquire()).to.not.equal(undefined);
    }));

  it('is taken again in a select while others wait, and only by its owner', () =>
    simulate(async () => {
      const lock = new RLock();
      const order: string[] = [];
      const lease = await lock.acquire();
      const waiter = spawn(() => lock.with(() => order.push('waiter')));
      await schedule();
      const hit = await select({ lock: lock.acquiring(), late: after(5).receiving() });
      expect(hit.case).to.equal('lock');
      const ready = new Channel<void>();
      ready.post();
      await select({ ready: ready.receiving(), lock: lock.acquiring() }, { order: 'listed' });
      // It was on offer to its owner, who has chosen something else.
      const thief = spawn(() => rejection(lock.acquire({ timeout: 1 })));
      expect(await thief.join()).to.be.instanceOf(TimeoutError);
      lock.release();
      await schedule();
      expect(order, 'taken twice, released once').to.deep.equal([]);
      lease.release();
      await waiter.join();
      expect(order).to.deep.equal(['waiter']);
    }));

  it('knows its owner from the hand-over on, before the owner has had its turn', () =>
    simulate(async () => {
      const lock = new RLock();
      const lease = await lock.acquire();
      const next = spawn(function next() {
        return lock.with(() => lock.with(() => {}));
      });
      await schedule();
      lease.release();
      expect(lock.locked).to.equal(true);
      expect(() => lock.release()).to.throw(StateError, "tasklet 'next' owns it, not the caller");
      expect(lock.tryAcquire()).to.equal(undefined);
      await next.join();
      expect(lock.locked).to.equal(false);
    }));

  describe('when it is not owned by the caller', () => {
    it('[INV-53] to release it is an error that names the owner', () =>
      simulate(async () => {
        const lock = new RLock({ name: 'tree' });
        expect(() => lock.release()).to.throw(StateError, "rlock 'tree': nobody owns it");
        const lease = await lock.acquire();
        const stranger = spawn(() => {
          expect(() => lock.release()).to.throw(StateError, "tasklet 'main' owns it, not the caller");
          expect(lease.held).to.equal(false);
          expect(() => lease.release()).to.throw(StateError, 'not held');
          lease[Symbol.dispose]();
        });
        await stranger.join();
        expect(lock.locked).to.equal(true);
        lease.release();
      }));

    it('outside tasklets it cannot be owned', async () => {
      const lock = new RLock({ name: 'tree' });
      expect(await rejection(lock.acquire())).to.be.instanceOf(StateError);
      expect(() => lock.tryAcquire()).to.throw(StateError, 'owned by a tasklet');
      expect(() => lock.acquiring()).to.throw(StateError);
      expect(() => lock.release()).to.throw(StateError);
      expect(lock.locked).to.equal(false);
    });
  });

  describe('when its owner ends without releasing it', () => {
    const message = "rlock 'tree': its owner, tasklet 'owner', ended without releasing it";

    it('is an error to all who wait', () =>
      simulate(async () => {
        const lock = new RLock({ name: 'tree' });
        spawn(async function owner() {
          await lock.acquire();
          await sleep(5);
        });
        await schedule();
        const waiters = [1, 2].map(() => spawn(() => rejection(lock.acquire())));
        waiters.push(
          spawn(() => rejection(select({ lock: lock.acquiring(), never: new Channel().receiving() }))),
        );
        for (const waiter of waiters) {
          const error = await waiter.join();
          expect(error).to.be.instanceOf(StateError);
          expect((error as Error).message).to.equal(message);
        }
      }));

    it('is an error to whoever comes later, in every way', () =>
      simulate(async () => {
        const lock = new RLock({ name: 'tree' });
        await spawn(async function owner() {
          await lock.acquire();
        }).join();
        expect(await rejection(lock.acquire())).to.have.property('message', message);
        expect(() => lock.tryAcquire()).to.throw(StateError, message);
        expect(await rejection(select({ lock: lock.acquiring() }))).to.have.property('message', message);
        expect(() => lock.release()).to.throw(StateError);
      }));

    it('is one as well when the owner was killed, or had it from another', () =>
      simulate(async () => {
        const lock = new RLock({ name: 'tree' });
        const lease = await lock.acquire();
        const owner = spawn(async function owner() {
          await lock.acquire();
          await sleep(1000);
        });
        const waiter = spawn(() => rejection(lock.acquire()));
        await schedule();
        lease.release();
        await schedule();
        owner.kill();
        expect(await waiter.join()).to.have.property('message', message);
      }));

    it('does not watch the owner of before, nor anybody when nobody waits', () =>
      simulate(async () => {
        const lock = new RLock();
        const owner = spawn(() => lock.with(() => sleep(10)));
        await schedule();
        const end = owner.ending() as unknown as { receivers: { size: number } };
        const timed = spawn(() => rejection(lock.acquire({ timeout: 5 })));
        await schedule();
        expect(end.receivers.size).to.equal(1);
        await timed.join();
        expect(end.receivers.size, 'nobody waits').to.equal(0);
        const waiter = spawn(() => lock.with(() => sleep(10)));
        const last = spawn(() => lock.with(() => 'last'));
        await owner.join();
        expect(lock.locked, 'handed over').to.equal(true);
        expect(await last.join()).to.equal('last');
        expect(waiter.state).to.equal('done');
      }));

    it('is one for waiters of another scheduler', async () => {
      const lock = new RLock({ name: 'tree' });
      const other = new Scheduler();
      await simulate(async () => {
        void spawn(async function owner() {
          await lock.acquire();
          await sleep(5);
        });
        await schedule();
        const waiting = run(() => rejection(lock.acquire()), { scheduler: other });
        await sleep(10);
        // A bare await: the other scheduler is not in this one's time.
        expect(await waiting).to.have.property('message', message);
      });
    });
  });
});
