import { expect } from 'chai';
import {
  Channel,
  getCurrent,
  getMain,
  getRunCount,
  main,
  run,
  RuntimeError,
  schedule,
  scheduleRemove,
  tasklet,
} from '../../lib/stackless/index.js';
import { rejection } from '../support/rejection.js';

const nothing = () => undefined;

describe('schedule', () => {
  it('ST-26 returns the caller, or what it was given', () =>
    main(async () => {
      expect(await schedule()).to.equal(getCurrent());
      const given = {};
      expect(await schedule(given)).to.equal(given);
      tasklet(nothing)();
      expect(await schedule(given)).to.equal(given);
    }));

  it('ST-28 keeps the one that yields scheduled', () =>
    main(async () => {
      let seen: boolean | undefined;
      tasklet(() => (seen = getMain().scheduled))();
      await schedule();
      expect(seen).to.equal(true);
    }));

  it('refuses to hand a promise over', () =>
    main(async () => {
      expect(await rejection(schedule(Promise.resolve()))).to.be.instanceOf(TypeError);
    }));
});

describe('scheduleRemove', () => {
  it('ST-27 returns the caller, or what it was given, after somebody inserted it', () =>
    main(async () => {
      const got: unknown[] = [];
      const sleeper = tasklet(async () => {
        got.push((await scheduleRemove()) === getCurrent(), await scheduleRemove('given'));
      })();
      for (let i = 0; i < 2; i++) {
        await run();
        sleeper.insert();
      }
      await run();
      expect(got).to.deep.equal([true, 'given']);
    }));

  it('ST-29 takes the caller out of the ring, until it is inserted', () =>
    main(async () => {
      const sleeper = tasklet(() => scheduleRemove())();
      await run();
      expect([sleeper.scheduled, sleeper.paused]).to.deep.equal([false, true]);
      sleeper.insert();
      expect([sleeper.scheduled, sleeper.paused]).to.deep.equal([true, false]);
    }));

  it('ST-30 by the only one inside run() lets that return', () =>
    main(async () => {
      const sleeper = tasklet(() => scheduleRemove())();
      await run();
      expect([sleeper.alive, sleeper.paused]).to.deep.equal([true, true]);
    }));

  it('ST-31 by the last that can run, while main is blocked, raises in it', () =>
    main(async () => {
      const ch = new Channel<unknown>();
      tasklet(async () => ch.send(await rejection(scheduleRemove())))();
      expect(await ch.receive()).to.be.instanceOf(RuntimeError);
    }));

  it('returns at once to a main that is alone', () =>
    main(async () => {
      expect(await scheduleRemove('alone')).to.equal('alone');
    }));
});

describe('getRunCount', () => {
  it('ST-33 counts those who can run, the current one included', () =>
    main(async () => {
      expect(getRunCount()).to.equal(1);
      tasklet(nothing)();
      tasklet(nothing)();
      expect(getRunCount()).to.equal(3);
      await run();
      expect(getRunCount()).to.equal(1);
    }));
});

describe('run', () => {
  it('ST-25 returns nothing, at once when nobody is there', () =>
    main(async () => {
      const runForValue: () => Promise<unknown> = run;
      expect(await runForValue()).to.equal(undefined);
    }));

  it('ST-90 ST-105 returns when a lone tasklet blocks on a channel that nobody else knows', () =>
    main(async () => {
      const lone = tasklet(() => new Channel().receive())();
      await run();
      expect(lone.blocked).to.equal(true);
    }));

  it('ST-92 is no way out for a main that blocks alone', () =>
    main(async () => {
      const error = await rejection(new Channel().receive());
      expect(error).to.be.instanceOf(RuntimeError).with.property('message').that.contains('Deadlock');
    }));

  it('ST-93 ST-109 tells a blocked main when the last one has ended, after all have run', () =>
    main(async () => {
      const log: number[] = [];
      const spawnTen = () => {
        for (let i = 0; i < 10; i++) tasklet(() => log.push(i))();
      };
      const ch = new Channel<number>();
      spawnTen();
      expect(await rejection(ch.receive()))
        .to.have.property('message')
        .that.contains('receiving');
      expect(log).to.have.length(10);
      spawnTen();
      expect(await rejection(ch.send(1)))
        .to.have.property('message')
        .that.contains('sending');
      expect(log).to.have.length(20);
      expect(ch.balance).to.equal(0);
    }));

  it('ST-94 ST-97 raises what a tasklet threw, whatever main waits for, and others can run', () =>
    main(async () => {
      const ch = new Channel();
      const mine = new Error('mine');
      const waits: (() => Promise<unknown>)[] = [() => ch.receive(), () => ch.send(1), run, () => schedule()];
      for (const wait of waits) {
        tasklet(() => {
          throw mine;
        })();
        const other = tasklet(nothing)();
        expect(await rejection(wait())).to.equal(mine);
        expect([other.scheduled, ch.balance]).to.deep.equal([true, 0]);
        await run();
      }
    }));

  it('ST-95 the last that blocks while main is blocked is told itself, and may go on', () =>
    main(async () => {
      const ch = new Channel<unknown>();
      tasklet(async () => ch.send(await rejection(new Channel().receive())))();
      const error = await ch.receive();
      expect(error).to.be.instanceOf(RuntimeError).with.property('message').that.contains('Deadlock');
    }));

  it('a value that main sends stays on offer while the last one is told of a deadlock', () =>
    main(async () => {
      const ch = new Channel<string>();
      let got: unknown;
      tasklet(async () => {
        expect(await rejection(new Channel().receive())).to.be.instanceOf(RuntimeError);
        got = await ch.receive();
      })();
      await ch.send('value');
      expect(got).to.equal('value');
    }));

  it('ST-96 if it does not catch that, main gets it', () =>
    main(async () => {
      tasklet(() => new Channel().receive())();
      const error = await rejection(new Channel().receive());
      expect(error).to.be.instanceOf(RuntimeError).with.property('message').that.contains('Deadlock');
    }));

  it('ST-98 in a tasklet waits for a main that goes on, until somebody runs that tasklet', () =>
    main(async () => {
      const log: string[] = [];
      const inner = tasklet(async () => {
        await run();
        log.push('returned');
      })();
      await schedule();
      await schedule();
      expect([log.length, inner.paused]).to.deep.equal([0, true]);
      await inner.run();
      expect(log).to.deep.equal(['returned']);
    }));

  it('ST-99 in a tasklet returns when the rest is done, while main is blocked', () =>
    main(async () => {
      const ch = new Channel<string>();
      const log: string[] = [];
      tasklet(async () => {
        tasklet(() => log.push('child'))();
        await run();
        await ch.send('done');
      })();
      log.push(await ch.receive());
      expect(log).to.deep.equal(['child', 'done']);
    }));

  it('ST-100 nests: the inner one returns first, and main is paused meanwhile', () =>
    main(async () => {
      const log: string[] = [];
      tasklet(async () => {
        tasklet(() => log.push(`main paused ${getMain().paused ? 1 : 0}`))();
        await run();
        log.push('inner');
      })();
      await run();
      log.push('outer');
      expect(log).to.deep.equal(['main paused 1', 'inner', 'outer']);
    }));

  it('ST-101 raises in the innermost caller', () =>
    main(async () => {
      const mine = new Error('mine');
      let inner: unknown;
      tasklet(async () => {
        tasklet(() => {
          throw mine;
        })();
        inner = await rejection(run());
      })();
      await run();
      expect(inner).to.equal(mine);
    }));

  it('ST-102 ST-104 returns early when main is run, and inner callers finish at the next one', () =>
    main(async () => {
      const log: string[] = [];
      const inner = tasklet(async () => {
        tasklet(async () => {
          await getMain().run();
          log.push('waker');
        })();
        await run();
        log.push('inner');
      })();
      await run();
      expect(log).to.deep.equal([]);
      expect(inner.scheduled).to.equal(true);
      inner.insert();
      await run();
      expect(log.sort()).to.deep.equal(['inner', 'waker']);
    }));
});
