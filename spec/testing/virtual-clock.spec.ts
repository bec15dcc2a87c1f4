import { expect } from 'chai';
import { after, Channel, every, run, schedule, Scheduler, sleep, spawn, timeout } from '../../lib/index.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('VirtualClock', () => {
  describe('when nobody can run', () => {
    it('[INV-29] jumps to the next timer: an hour takes no time, and the order is that of the times', async () => {
      const clock = new VirtualClock();
      const log: string[] = [];
      const began = performance.now();
      const main = async (): Promise<void> => {
        for (const ms of [3_600_000, 20, 1000]) spawn(() => sleep(ms).then(() => log.push(`${clock.now()}`)));
        await sleep(50);
        log.push(`${clock.now()}`);
      };
      await run(main, { scheduler: new Scheduler({ clock }) });
      expect(log).to.deep.equal(['20', '50', '1000', '3600000']);
      expect(performance.now() - began).to.be.below(60_000);
    });

    it('fires what is due at one time in the order in which it was set', async () => {
      const log: string[] = [];
      const main = async (): Promise<void> => {
        spawn(() => sleep(10).then(() => log.push('a')));
        spawn(() => sleep(10).then(() => log.push('b')));
        await sleep(5);
        spawn(() => sleep(5).then(() => log.push('c')));
      };
      await run(main, { scheduler: new Scheduler({ clock: new VirtualClock() }) });
      expect(log).to.deep.equal(['a', 'b', 'c']);
    });

    it('does not jump before what is outside has spoken in its microtasks', async () => {
      const clock = new VirtualClock();
      const line = new Channel<string>();
      const waiting = run(() => line.receive({ timeout: 1000 }), { scheduler: new Scheduler({ clock }) });
      for (let i = 0; i < 100; i++) await Promise.resolve();
      line.post('in time');
      expect([await waiting, clock.now()]).to.deep.equal(['in time', 0]);
    });

    it('goes on jumping when the one whose time has come is paused', async () => {
      const clock = new VirtualClock();
      const main = async (): Promise<number> => {
        const paused = spawn(() => sleep(10));
        await schedule();
        paused.pause();
        await sleep(20);
        paused.resume();
        await paused.join();
        return clock.now();
      };
      expect(await run(main, { scheduler: new Scheduler({ clock }) })).to.equal(20);
    });

    it('does not jump while somebody is busy, however often the event loop has its turn', async () => {
      const clock = new VirtualClock();
      let turns = 0;
      const count = (): void => {
        if (++turns < 5) setImmediate(count);
      };
      const main = async (): Promise<number> => {
        spawn(() => sleep(10));
        count();
        while (turns < 5) await schedule();
        return clock.now();
      };
      expect(await run(main, { scheduler: new Scheduler({ clock }) })).to.equal(0);
    });

    it('jumps for two schedulers that have it', async () => {
      const clock = new VirtualClock();
      const times: number[] = [];
      const sleeper = (ms: number): Promise<void> =>
        run(() => sleep(ms).then(() => void times.push(clock.now())), {
          scheduler: new Scheduler({ clock }),
        });
      await Promise.all([sleeper(10), sleeper(5), sleeper(20)]);
      expect(times).to.deep.equal([5, 10, 20]);
    });
  });

  describe('told not to jump', () => {
    it('moves only when it is moved', async () => {
      const clock = new VirtualClock({ jump: false });
      const log: number[] = [];
      const over = run(
        async () => {
          for (const ms of [10, 10, 10]) {
            await sleep(ms);
            log.push(clock.now());
          }
        },
        { scheduler: new Scheduler({ clock }) },
      );
      for (let i = 0; i < 5; i++) await turn();
      expect([log, clock.now()]).to.deep.equal([[], 0]);
      clock.advance(9);
      await turn();
      expect([log, clock.now()]).to.deep.equal([[], 9]);
      clock.advance(1);
      await turn();
      expect([log, clock.now()]).to.deep.equal([[10], 10]);
      expect(clock.advanceToNext()).to.equal(true);
      await turn();
      expect([log, clock.now()]).to.deep.equal([[10, 20], 20]);
      clock.advance(100);
      await over;
      expect(log).to.deep.equal([10, 20, 120]);
      expect([clock.advanceToNext(), clock.next, clock.now()]).to.deep.equal([false, undefined, 120]);
    });

    it('fires each timer on the way at its own time', () => {
      const clock = new VirtualClock({ jump: false });
      const log: string[] = [];
      const timer = (name: string, again?: number) => ({
        due: 0,
        order: 0,
        place: -1,
        fire() {
          log.push(`${name} at ${clock.now()}`);
          if (again !== undefined) clock.set(timer(`${name}'`), again);
        },
      });
      clock.set(timer('late'), 100);
      clock.set(timer('b'), 20);
      clock.set(timer('a', 5), 10);
      clock.advance(50);
      expect(log).to.deep.equal(['a at 10', "a' at 15", 'b at 20']);
      expect([clock.now(), clock.next]).to.deep.equal([50, 100]);
    });

    it('refuses to move backwards, or to the end of time', () => {
      const clock = new VirtualClock();
      for (const wrong of [-1, NaN, Infinity]) expect(() => clock.advance(wrong)).to.throw(RangeError);
      expect(() => clock.advance('1' as unknown as number)).to.throw(TypeError);
      expect(clock.now()).to.equal(0);
    });

    it('refuses unknown options', () => {
      expect(() => new VirtualClock({ jumps: false } as object)).to.throw(TypeError, /jumps/);
    });
  });

  it('is the whole truth about time: waits, scopes, timers, grace', async () => {
    const clock = new VirtualClock();
    const silent = new Channel<never>();
    const main = async (): Promise<number[]> => {
      const times: number[] = [];
      const note = (): number => times.push(clock.now());
      await rejection(silent.receive({ timeout: 5 }));
      note();
      await timeout(10, () => silent.receive(), { fallback: 0 });
      note();
      await after(15).receive();
      note();
      await every(20).receive();
      note();
      const stubborn = spawn(async () => {
        await rejection(silent.receive());
        await rejection(silent.receive());
      });
      await schedule();
      stubborn.kill({ grace: 25 });
      await stubborn.join();
      note();
      return times;
    };
    expect(await run(main, { scheduler: new Scheduler({ clock }) })).to.deep.equal([5, 15, 30, 50, 75]);
  });

  it('[INV-43] gives the same program the same story each time', async () => {
    const story = async (): Promise<string> => {
      const clock = new VirtualClock();
      const log: string[] = [];
      const main = (): void => {
        const line = new Channel<number>();
        for (let i = 0; i < 5; i++) {
          spawn(async () => {
            for (let j = 0; j < 5; j++) {
              await sleep((i * 7 + j * 3) % 10);
              await line.send(i).catch(() => {});
            }
            log.push(`${i} over`);
          });
        }
        spawn(async () => {
          for (let n = 0; n < 25; n++) log.push(`${await line.receive()}@${clock.now()}`);
        });
      };
      await run(main, { scheduler: new Scheduler({ clock }) });
      return log.join();
    };
    const first = await story();
    for (let i = 0; i < 5; i++) expect(await story()).to.equal(first);
  });

  it('is what a tasklet counts its waiting in', async () => {
    await simulate(async () => {
      await sleep(1000);
      const silent = new Channel<never>();
      const early = spawn(() => silent.receive());
      await sleep(500);
      const late = spawn(() => silent.receive());
      await schedule();
      expect([early.since, late.since]).to.deep.equal([500, 0]);
      for (const each of [early, late]) each.kill();
    });
  });

  it('lets a foreign wait take its real time', async () => {
    const clock = new VirtualClock();
    const foreign = deferred<string>();
    setTimeout(foreign.resolve, 2, 'foreign');
    const main = async (): Promise<string> => foreign.promise;
    expect(await run(main, { scheduler: new Scheduler({ clock }) })).to.equal('foreign');
    expect(clock.now()).to.equal(0);
  });
});
