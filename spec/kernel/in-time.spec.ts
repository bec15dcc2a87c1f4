import { expect } from 'chai';
import { Channel, shield, sleep, spawn, TaskletKilledError, timeout, TimeoutError } from '../../lib/index.js';
import { inTime } from '../../lib/kernel/in-time.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('inTime', () => {
  const silent = new Channel<never>();

  it('says whether it came in time', () =>
    simulate(async () => {
      expect(await inTime(() => sleep(1))).to.equal(true);
      expect(await inTime(() => silent.receive({ timeout: 5 }))).to.equal(false);
    }));

  it('says so outside of tasklets too', async () => {
    expect(await inTime(() => silent.receive({ timeout: 1 }))).to.equal(false);
  });

  it('raises the end of a time scope around, which is no answer to what was asked', () =>
    simulate(async ({ clock }) => {
      const from = clock.now();
      const failure = await rejection(timeout(5, () => inTime(() => silent.receive({ timeout: 50 }))));
      expect(failure).to.be.instanceOf(TimeoutError);
      expect(clock.now() - from).to.equal(5);
    }));

  it('raises it in a critical step too', () =>
    simulate(async () => {
      const within = (): Promise<boolean> =>
        shield(() => timeout(5, () => inTime(() => silent.receive({ timeout: 50 }))));
      expect(await rejection(within())).to.be.instanceOf(TimeoutError);
    }));

  it('raises any other error, and a kill', () =>
    simulate(async () => {
      const wrong = new RangeError('wrong');
      expect(await rejection(inTime(() => Promise.reject(wrong)))).to.equal(wrong);
      const waiting = spawn(() => inTime(() => silent.receive({ timeout: 50 })));
      await sleep(1);
      waiting.kill();
      expect(await rejection(waiting.join())).to.be.instanceOf(TaskletKilledError);
    }));
});
