import { expect } from 'chai';
import {
  Condition,
  Lock,
  RLock,
  schedule,
  sleep,
  spawn,
  StateError,
  TaskletExit,
  TaskletKilledError,
  timeout,
  TimeoutError,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const LOCKS = { Lock, RLock };

describe('Condition', () => {
  it('has an RLock of its own, or the lock it is given', () => {
    const lock = new Lock();
    expect(new Condition(lock).lock).to.equal(lock);
    expect(new Condition(undefined, { name: 'full' }).lock).to.be.instanceOf(RLock);
    expect(new Condition(undefined, { name: 'full' }).name).to.equal('full');
    expect(() => new Condition(lock, { names: 1 } as never)).to.throw(TypeError, "'names'");
    expect(() => new Condition({} as never)).to.throw(TypeError, 'lock');
  });

  for (const [kind, Kind] of Object.entries(LOCKS)) {
    describe(`of a ${kind}`, () => {
      const make = (): Condition => new Condition(new Kind({ name: 'db' }), { name: 'full' });

      /** Waits, and tells how it went. */
      const waiter = (condition: Condition, log: string[], name: string, options?: WaitOptions) =>
        spawn(async () => {
          using _ = await condition.acquire();
          try {
            await condition.wait(options);
            log.push(name);
          } catch (error) {
            log.push(`${name}: ${(error as Error).name}, ${condition.locked ? 'held' : 'not held'}`);
            if (error instanceof TaskletExit) throw error;
          }
        });

      it('[EV-17] releases the lock while it waits, and sees under it what has changed', () =>
        simulate(async () => {
          const condition = make();
          let value = 0;
          const seen = spawn(() =>
            condition.with(async () => {
              await condition.wait();
              return value;
            }),
          );
          await schedule();
          expect(seen.blockedOn).to.equal("condition 'full'");
          await condition.with(() => {
            value = 7;
            condition.notifyAll();
          });
          expect(await seen.join()).to.equal(7);
        }));

      it('goes on only when it has the lock again', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          waiter(condition, log, 'waiter');
          await schedule();
          await condition.with(async () => {
            condition.notify();
            await sleep(10);
            log.push('releases');
          });
          await sleep(1);
          expect(log).to.deep.equal(['releases', 'waiter']);
          expect(condition.locked).to.equal(false);
        }));

      it('notifies those who have waited longest, and keeps nothing for later', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          await condition.with(() => condition.notify(5));
          for (const name of ['a', 'b', 'c', 'd']) waiter(condition, log, name);
          await sleep(1);
          expect(log).to.deep.equal([]);
          await condition.with(() => condition.notify());
          await sleep(1);
          expect(log).to.deep.equal(['a']);
          await condition.with(() => condition.notify(2));
          await sleep(1);
          expect(log).to.deep.equal(['a', 'b', 'c']);
          await condition.with(() => condition.notifyAll());
          await sleep(1);
          expect(log).to.deep.equal(['a', 'b', 'c', 'd']);
        }));

      it('[D-8] [INV-55] spends no notification on those who have given up', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          const controller = new AbortController();
          const killed = waiter(condition, log, 'killed');
          waiter(condition, log, 'timed', { timeout: 5 });
          waiter(condition, log, 'aborted', { signal: controller.signal });
          waiter(condition, log, 'live');
          await schedule();
          killed.kill();
          controller.abort(new RangeError());
          await sleep(10);
          await condition.with(() => condition.notify());
          await sleep(1);
          expect(log).to.deep.equal([
            'killed: TaskletExit, held',
            'aborted: RangeError, held',
            'timed: TimeoutError, held',
            'live',
          ]);
        }));

      it('[INV-55] passes on the notification of one who is killed before it has the lock again', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          const dying = waiter(condition, log, 'dying');
          waiter(condition, log, 'next');
          await schedule();
          await condition.with(async () => {
            condition.notify();
            // Notified and waiting for the lock.
            await schedule();
            dying.kill();
            await schedule();
          });
          await sleep(1);
          expect(log).to.deep.equal(['dying: TaskletExit, held', 'next']);
        }));

      it('[INV-55] passes it on as well when the kill comes before its turn', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          const dying = waiter(condition, log, 'dying');
          waiter(condition, log, 'next');
          await schedule();
          await condition.with(() => {
            condition.notify();
            dying.kill();
          });
          await sleep(1);
          expect(log).to.deep.equal(['dying: TaskletExit, held', 'next']);
        }));

      it('passes it on when a deadline around it comes after the notification', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          spawn(async () => {
            using _ = await condition.acquire();
            log.push(await timeout(5, () => condition.wait().then(() => 'in time'), { fallback: 'late' }));
          });
          waiter(condition, log, 'next');
          await schedule();
          await condition.with(async () => {
            condition.notify();
            await sleep(10);
          });
          await sleep(1);
          expect(log).to.deep.equal(['late', 'next']);
        }));

      it('killed for good while it waits for the lock, comes out without it and releases nothing', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          const dying = waiter(condition, log, 'dying');
          await schedule();
          const lease = await condition.acquire();
          dying.kill({ grace: 5 });
          expect(await rejection(dying.join())).to.be.instanceOf(TaskletKilledError);
          expect(log).to.deep.equal(['dying: TaskletExit, held']);
          expect(lease.held, 'the lease of who holds it').to.equal(true);
          lease.release();
          expect(condition.locked).to.equal(false);
        }));

      it('killed after its time was up, while it waits for the lock, raises the kill', () =>
        simulate(async () => {
          const condition = make();
          const log: string[] = [];
          const dying = waiter(condition, log, 'dying', { timeout: 5 });
          await schedule();
          await condition.with(async () => {
            await sleep(10);
            dying.kill();
          });
          expect(await rejection(dying.join())).to.be.instanceOf(TaskletKilledError);
          expect(log).to.deep.equal(['dying: TaskletExit, held']);
          expect(condition.locked).to.equal(false);
        }));

      it('keeps the lease good, and a lock taken twice is held twice again', () =>
        simulate(async () => {
          const condition = make();
          const waiting = spawn(async () => {
            const outer = await condition.acquire();
            const inner = condition.lock instanceof RLock ? await condition.acquire() : undefined;
            await condition.wait();
            expect(outer.held).to.equal(true);
            inner?.release();
            expect(condition.locked).to.equal(true);
            outer.release();
            expect(condition.locked).to.equal(false);
          });
          await schedule();
          expect(condition.locked).to.equal(false);
          await condition.with(() => condition.notify());
          await waiting.join();
        }));

      it('refuses who does not hold the lock', () =>
        simulate(async () => {
          const condition = make();
          expect(await rejection(condition.wait())).to.be.instanceOf(StateError);
          expect(() => condition.notify()).to.throw(StateError);
          expect(() => condition.notifyAll()).to.throw(StateError);
          expect(await rejection(condition.waitFor(() => false))).to.be.instanceOf(StateError);
        }));

      it('[INV-28] refuses wrong options before it releases the lock', () =>
        simulate(async () => {
          const condition = make();
          using _ = await condition.acquire();
          const log: string[] = [];
          spawn(() => condition.with(() => log.push('got in')));
          await schedule();
          expect(await rejection(condition.wait({ timeout: -1 }))).to.be.instanceOf(RangeError);
          expect(await rejection(condition.waitFor(() => true, { timeout: NaN }))).to.be.instanceOf(
            RangeError,
          );
          expect(await rejection(condition.waitFor(7 as never))).to.be.instanceOf(TypeError);
          for (const count of [0, -1, 1.5]) expect(() => condition.notify(count)).to.throw(RangeError);
          await schedule();
          expect(log).to.deep.equal([]);
        }));

      it('[D-11] waitFor waits until the predicate holds, however often it is notified before', () =>
        simulate(async () => {
          const condition = make();
          let value = 0;
          let asked = 0;
          const waiting = spawn(() =>
            condition.with(() =>
              condition.waitFor(() => {
                asked++;
                return value >= 3 && `value ${value}`;
              }),
            ),
          );
          for (let i = 0; i < 3; i++) {
            await sleep(1);
            await condition.with(() => {
              value++;
              condition.notify();
            });
          }
          expect(await waiting.join()).to.equal('value 3');
          expect(asked).to.equal(4);
        }));

      it('waitFor does not wait when the predicate holds already', () =>
        simulate(async () => {
          const condition = make();
          using _ = await condition.acquire();
          expect(await condition.waitFor(() => 'now', { timeout: 0 })).to.equal('now');
        }));

      it('waitFor has one deadline, which notifications do not move', () =>
        simulate(async ({ clock }) => {
          const condition = make();
          const waiting = spawn(async () => {
            const error = await rejection(
              condition.with(() => condition.waitFor(() => false, { timeout: 10 })),
            );
            expect(error).to.be.instanceOf(TimeoutError);
            return clock.now();
          });
          for (let i = 0; i < 6; i++) {
            await sleep(3);
            await condition.with(() => condition.notifyAll());
          }
          expect(await waiting.join()).to.equal(10);
          expect(condition.locked).to.equal(false);
        }));
    });
  }
});
