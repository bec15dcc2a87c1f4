import { expect } from 'chai';
import {
  Channel,
  ChannelClosedError,
  every,
  schedule,
  select,
  sleep,
  spawn,
  TimeoutError,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('every', () => {
  it('[INV-29] ticks at multiples of its time, counted from its making, and does not drift', () =>
    simulate(async ({ clock }) => {
      await sleep(5);
      const log: [number, number][] = [];
      for await (const tick of every(10)) {
        log.push([tick, clock.now()]);
        await sleep(3);
        if (tick === 4) break;
      }
      expect(log).to.deep.equal([
        [1, 15],
        [2, 25],
        [3, 35],
        [4, 45],
      ]);
    }));

  it('skips ticks for a slow receiver, which sees how many; none pile up', () =>
    simulate(async ({ clock }) => {
      const ticks = every(10);
      const log: [number, number][] = [];
      for (const pause of [0, 34, 0, 5, 100]) {
        await sleep(pause);
        log.push([await ticks.receive(), clock.now()]);
      }
      expect(log).to.deep.equal([
        [1, 10],
        [4, 44],
        [5, 50],
        [6, 60],
        [16, 160],
      ]);
    }));

  it('gives each tick to one receiver, in the order in which they came', () =>
    simulate(async ({ clock }) => {
      const ticks = every(10);
      const log: string[] = [];
      const receivers = ['a', 'b', 'c'].map((name) =>
        spawn(async () => log.push(`${name}${await ticks.receive()} at ${clock.now()}`)),
      );
      for (const receiver of receivers) await receiver.join();
      expect(log).to.deep.equal(['a1 at 10', 'b2 at 20', 'c3 at 30']);
    }));

  it('sets a timer only while somebody waits', () =>
    simulate(async ({ clock }) => {
      const ticks = every(10);
      expect(clock.next).to.equal(undefined);
      const receivers = [1, 2].map(() => spawn(() => ticks.receive()));
      await schedule();
      expect(clock.next).to.equal(10);
      receivers[0]!.kill();
      expect(clock.next).to.equal(10);
      receivers[1]!.kill();
      expect(clock.next).to.equal(undefined);
      await schedule();
      expect(await rejection(ticks.receive({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
      expect(clock.next).to.equal(undefined);
    }));

  it('stands in a select, and a tick that was not chosen is not lost', () =>
    simulate(async () => {
      const ticks = every(10);
      const line = new Channel<string>();
      spawn(async () => {
        await sleep(15);
        await line.send('value');
      });
      const log: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        const hit = await select({ tick: ticks.receiving(), line: line.receiving() });
        log.push(hit.value);
      }
      expect(log).to.deep.equal([1, 'value', 2]);
    }));

  it('keeps one tick that was not chosen, however many pass', () =>
    simulate(async () => {
      const ticks = every(10);
      const line = new Channel<string>();
      const chosen: string[] = [];
      for (let i = 0; i < 20; i++) {
        await sleep(10);
        line.post('value');
        chosen.push((await select({ tick: ticks.receiving(), line: line.receiving() })).case);
        line.tryReceive();
        expect(ticks.balance).to.be.within(0, 1);
      }
      expect(chosen).to.include.members(['tick', 'line']);
      expect(chosen.join()).to.include('line,line,line');
    }));

  it('tries without waiting', () =>
    simulate(async () => {
      const ticks = every(10);
      expect(ticks.tryReceive()).to.equal(undefined);
      await sleep(25);
      expect(ticks.tryReceive()).to.deep.equal({ value: 2 });
      expect(ticks.tryReceive()).to.equal(undefined);
    }));

  it('ends when it is closed, for those who wait and for iterations', () =>
    simulate(async ({ clock }) => {
      const ticks = every(10);
      const seen: number[] = [];
      const iterating = spawn(async () => {
        for await (const tick of ticks) seen.push(tick);
      });
      await sleep(25);
      ticks.close();
      await iterating.join();
      expect([seen, clock.next]).to.deep.equal([[1, 2], undefined]);
      expect(await rejection(ticks.receive())).to.be.instanceOf(ChannelClosedError);
    }));

  it('comes to an end for any time, however the numbers round', () =>
    simulate(async ({ clock }) => {
      for (const [start, ms] of [
        [0.1, 0.3],
        [1234.5678, 0.7],
        [1e6 + 1 / 3, 1 / 3],
        [987654.321, 16.7],
        [0.7, 0.1],
      ] as const) {
        await sleep(start);
        const ticks = every(ms);
        const began = clock.now();
        for (let i = 1; i <= 200; i++) {
          const tick = await ticks.receive();
          expect(tick).to.be.at.least(i);
          expect(clock.now()).to.be.closeTo(began + tick * ms, 1e-6);
        }
        ticks.close();
      }
    }));

  it('of Infinity never ticks', () =>
    simulate(async ({ clock }) => {
      expect(await rejection(every(Infinity).receive({ timeout: 1e9 }))).to.be.instanceOf(TimeoutError);
      expect(clock.now()).to.equal(1e9);
    }));

  it('is named in dump()', () =>
    simulate(async () => {
      const waiter = spawn(() => every(10).receive());
      await schedule();
      expect(waiter.blockedOn).to.equal('tick every 10 ms');
      await waiter.join();
    }));

  for (const [wrong, error] of [
    [0, RangeError],
    [-1, RangeError],
    [NaN, RangeError],
    ['10', TypeError],
    [undefined, TypeError],
  ] as const) {
    it(`[INV-28] refuses ${String(wrong)}`, () => {
      expect(() => every(wrong as number)).to.throw(error, /^every: ms /);
    });
  }
});
