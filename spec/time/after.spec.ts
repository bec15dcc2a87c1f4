import { expect } from 'chai';
import { after, Channel, schedule, select, sleep, spawn, TimeoutError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('after', () => {
  it('[INV-29] can be received from when its time has passed, counted from its making', () =>
    simulate(async ({ clock }) => {
      const late = after(100);
      await sleep(30);
      await late.receive();
      expect(clock.now()).to.equal(100);
    }));

  it('from then on is received at once, by all', () =>
    simulate(async ({ clock }) => {
      const late = after(10);
      expect(late.tryReceive()).to.equal(undefined);
      await sleep(10);
      expect(late.tryReceive()).to.deep.equal({ value: undefined });
      await late.receive();
      expect(await late.next()).to.deep.equal({ value: undefined, done: true });
      expect(clock.now()).to.equal(10);
    }));

  it('wakes all who wait, in the order in which they came', () =>
    simulate(async ({ clock }) => {
      const log: string[] = [];
      const late = after(10);
      const waiters = ['a', 'b', 'c'].map((name) =>
        spawn(() => late.receive().then(() => log.push(`${name} at ${clock.now()}`))),
      );
      for (const waiter of waiters) await waiter.join();
      expect(log).to.deep.equal(['a at 10', 'b at 10', 'c at 10']);
    }));

  it('loses a select without leaving a timer, and can be used again', () =>
    simulate(async ({ clock }) => {
      const line = new Channel<string>();
      const late = after(100);
      spawn(() => line.send('first'));
      const hit = await select({ late: late.receiving(), line: line.receiving() });
      expect([hit.case, clock.next]).to.deep.equal(['line', undefined]);
      const again = await select({ late: late.receiving(), line: line.receiving() });
      expect([again.case, clock.now()]).to.deep.equal(['late', 100]);
    }));

  it('sets one timer for many, and none when the last has left', () =>
    simulate(async ({ clock }) => {
      const late = after(100);
      const waiters = [1, 2, 3].map(() => spawn(() => late.receive()));
      await schedule();
      expect(clock.next).to.equal(100);
      for (const waiter of waiters) {
        expect(clock.next).to.equal(100);
        waiter.kill();
      }
      expect(clock.next).to.equal(undefined);
      await schedule();
    }));

  it('of 0 is there at once; of Infinity, and of more than the platform can count, as it should be', () =>
    simulate(async ({ clock }) => {
      await after(0).receive();
      expect(clock.now()).to.equal(0);
      expect(await rejection(after(Infinity).receive({ timeout: 1e6 }))).to.be.instanceOf(TimeoutError);
      await after(2 ** 31 + 5).receive();
      expect(clock.now()).to.equal(1e6 + 2 ** 31 + 5);
    }));

  it('is named in dump()', () =>
    simulate(async () => {
      const waiter = spawn(() => after(100).receive());
      await schedule();
      expect(waiter.blockedOn).to.equal('after 100 ms');
      await waiter.join();
    }));

  for (const [wrong, error] of [
    [-1, RangeError],
    [NaN, RangeError],
    [-Infinity, RangeError],
    ['10', TypeError],
    [undefined, TypeError],
    [null, TypeError],
  ] as const) {
    it(`[INV-28] refuses ${String(wrong)}`, () => {
      expect(() => after(wrong as number)).to.throw(error, /^after: ms /);
    });
  }
});
