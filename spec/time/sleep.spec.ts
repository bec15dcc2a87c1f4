import { expect } from 'chai';
import { run, schedule, Scheduler, sleep, spawn, TaskletKilledError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('sleep', () => {
  it('[INV-29] waits its time, and goes on in the order of the times', () =>
    simulate(async ({ clock }) => {
      const log: string[] = [];
      const sleepers = [30, 10, 20].map((ms) =>
        spawn(async () => {
          await sleep(ms);
          log.push(`${ms} at ${clock.now()}`);
        }),
      );
      for (const sleeper of sleepers) await sleeper.join();
      expect(log).to.deep.equal(['10 at 10', '20 at 20', '30 at 30']);
    }));

  it('of equal times goes on in the order in which they began', () =>
    simulate(async () => {
      const log: string[] = [];
      const sleepers = ['a', 'b', 'c'].map((name) => spawn(() => sleep(10).then(() => log.push(name))));
      for (const sleeper of sleepers) await sleeper.join();
      expect(log).to.deep.equal(['a', 'b', 'c']);
    }));

  it('when its time is up goes to the end of the ring', () =>
    simulate(async ({ clock }) => {
      const log: string[] = [];
      const sleeper = spawn(() => sleep(10).then(() => log.push('sleeper')));
      await schedule();
      spawn(() => log.push('a'));
      clock.advance(10);
      spawn(() => log.push('b'));
      await sleeper.join();
      expect(log).to.deep.equal(['a', 'sleeper', 'b']);
    }));

  it('of 0 is schedule', () =>
    simulate(async ({ clock }) => {
      const log: string[] = [];
      const other = spawn(() => log.push('other'));
      await sleep(0);
      log.push('slept');
      await other.join();
      expect([log, clock.now()]).to.deep.equal([['other', 'slept'], 0]);
    }));

  it('[INV-18] killed, ends at once and leaves no timer', () =>
    simulate(async ({ clock }) => {
      const sleeper = spawn(() => sleep(1000));
      await schedule();
      expect([sleeper.blockedOn, clock.next]).to.deep.equal(['sleep 1000 ms', 1000]);
      sleeper.kill();
      expect(clock.next).to.equal(undefined);
      expect(await rejection(sleeper.join())).to.be.instanceOf(TaskletKilledError);
      expect(clock.now()).to.equal(0);
    }));

  it('of Infinity ends when it is killed, and not before', () =>
    simulate(async ({ clock }) => {
      const sleeper = spawn(() => sleep(Infinity));
      await sleep(1e12);
      expect([sleeper.state, clock.next]).to.deep.equal(['blocked', undefined]);
      sleeper.kill();
      await schedule();
    }));

  it('of more than the platform’s timers can count is not shorter for it', () =>
    simulate(async ({ clock }) => {
      await sleep(2 ** 31);
      expect(clock.now()).to.equal(2 ** 31);
    }));

  it('[INV-29] in real time is never early', async () => {
    const slept: [asked: number, took: number][] = [];
    const main = (): void => {
      for (let i = 0; i < 50; i++) {
        const ms = (i % 10) + Math.abs(Math.sin(i));
        spawn(async () => {
          const began = performance.now();
          await sleep(ms);
          slept.push([ms, performance.now() - began]);
        });
      }
    };
    await run(main, { scheduler: new Scheduler() });
    expect(slept).to.have.length(50);
    for (const [asked, took] of slept) expect(took).to.be.at.least(asked);
  });

  it('works outside tasklets', async () => {
    await sleep(1);
  });

  it('[INV-28] refuses wrong times, as a rejection, and sets no timer', () =>
    simulate(async ({ clock }) => {
      for (const wrong of [-1, NaN, -Infinity]) {
        expect(await rejection(sleep(wrong))).to.be.instanceOf(RangeError);
      }
      for (const wrong of ['10', undefined, null, {}]) {
        expect(await rejection(sleep(wrong as number))).to.be.instanceOf(TypeError);
      }
      expect([clock.next, clock.now()]).to.deep.equal([undefined, 0]);
    }));
});
