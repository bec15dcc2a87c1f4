import { expect } from 'chai';
import {
  Channel,
  getCurrent,
  main,
  run,
  RuntimeError,
  schedule,
  setErrorHandler,
  tasklet,
  TaskletExit,
  TaskletKilledError,
  ValueError,
} from '../../lib/stackless/index.js';
import { rejection } from '../support/rejection.js';

const nothing = () => undefined;

/** A tasklet that waits at a channel of its own and tells what was raised there. */
function waiting() {
  const seen: unknown[] = [];
  const ch = new Channel();
  const t = tasklet(async () => {
    try {
      await ch.receive();
    } catch (error) {
      seen.push(error);
      throw error;
    }
  })();
  return { t, ch, seen };
}

describe('kill', () => {
  it('ST-69 ST-115 pending takes it off its channel at once; it dies at its next turn', () =>
    main(async () => {
      const { t, ch, seen } = waiting();
      await run();
      await t.kill({ pending: true });
      expect([ch.balance, t.alive, t.scheduled, seen.length]).to.deep.equal([0, true, true, 0]);
      await run();
      expect(t.alive).to.equal(false);
      expect(seen[0]).to.be.instanceOf(TaskletExit);
    }));

  it('ST-70 has been seen by its victim when it returns', () =>
    main(async () => {
      const { t, seen } = waiting();
      await run();
      await t.kill();
      expect(t.alive).to.equal(false);
      expect(seen[0]).to.be.instanceOf(TaskletExit);
    }));

  it('ST-71 of oneself is raised here, and ends one', () =>
    main(async () => {
      let seen: unknown;
      const t = tasklet(async () => {
        seen = await rejection(getCurrent().kill());
        throw seen;
      })();
      await run();
      expect(seen).to.be.instanceOf(TaskletExit);
      expect(t.alive).to.equal(false);
    }));

  it('ST-72 of one that has not begun never enters its function', () =>
    main(async () => {
      const log: string[] = [];
      const t = tasklet(() => log.push('entered'))();
      await t.kill();
      expect([t.alive, log.length]).to.deep.equal([false, 0]);
      expect(await rejection(t.run()))
        .to.be.instanceOf(RuntimeError)
        .with.property('message')
        .that.contains('dead');
    }));

  it('ST-112 of the first of three runs the others before it returns', () =>
    main(async () => {
      const log: number[] = [];
      const three = [0, 1, 2].map((i) => tasklet(() => log.push(i))());
      await three[0]?.kill();
      expect(log).to.deep.equal([1, 2]);
    }));

  it('ST-116 pending wins over a value that was handed over before', () =>
    main(async () => {
      const ch = new Channel<number>();
      ch.preference = 0;
      let seen: unknown;
      const t = tasklet(async () => {
        seen = await rejection(ch.receive());
        throw seen;
      })();
      await run();
      await ch.send(1);
      await t.kill({ pending: true });
      await run();
      expect(seen).to.be.instanceOf(TaskletExit);
    }));

  it('of main, that lets it pass, rejects main()', async () => {
    expect(await rejection(main(() => getCurrent().kill()))).to.be.instanceOf(TaskletKilledError);
  });

  it('ST-107 refuses wrong options', () =>
    main(async () => {
      const t = tasklet(nothing)();
      expect(await rejection(t.kill({ pending: 1 as never }))).to.be.instanceOf(TypeError);
      expect(await rejection(t.kill({ later: true } as never))).to.be.instanceOf(TypeError);
      expect(t.alive).to.equal(true);
    }));
});

describe('throw', () => {
  it('ST-73 raises the very error, at its wait', () =>
    main(async () => {
      const { t, seen } = waiting();
      await run();
      const mine = new Error('mine');
      expect(await rejection(t.throw(mine))).to.equal(mine);
      expect(seen).to.deep.equal([mine]);
    }));

  it('ST-74 returns when it has finished; pending, before', () =>
    main(async () => {
      for (const pending of [false, true]) {
        const log: string[] = [];
        const t = tasklet(async () => {
          await rejection(new Channel().receive());
          log.push('finished');
        })();
        await run();
        await t.throw(new Error('x'), { pending });
        expect([log.length, t.alive]).to.deep.equal(pending ? [0, true] : [1, false]);
        await run();
        expect(log).to.deep.equal(['finished']);
      }
    }));

  it('ST-75 at one that has not begun is an error that nobody caught: now, or at the next run()', () =>
    main(async () => {
      const mine = new Error('mine');
      const log: string[] = [];
      const now = tasklet(() => log.push('entered'))();
      expect(await rejection(now.throw(mine))).to.equal(mine);
      const later = tasklet(() => log.push('entered'))();
      await later.throw(mine, { pending: true });
      expect(await rejection(run())).to.equal(mine);
      expect(log).to.deep.equal([]);
    }));

  it('ST-76 ST-77 at a dead one is refused, but for TaskletExit', () =>
    main(async () => {
      const dead = tasklet(nothing)();
      await run();
      for (const t of [dead, tasklet(nothing)]) {
        for (const pending of [false, true]) {
          expect(await rejection(t.throw(new Error('x'), { pending }))).to.be.instanceOf(RuntimeError);
          await t.throw(new TaskletExit(), { pending });
        }
        await t.kill();
      }
    }));

  it('ST-78 takes nothing but an error', () =>
    main(async () => {
      const t = tasklet(nothing)();
      for (const wrong of [undefined, 'x', Error]) {
        expect(await rejection(t.throw(wrong as never))).to.be.instanceOf(TypeError);
      }
      expect(await rejection(t.raiseException(3 as never))).to.be.instanceOf(TypeError);
      expect(t.alive).to.equal(true);
    }));

  it('ST-79 raiseException makes the error and raises it where it waits', () =>
    main(async () => {
      let seen: unknown;
      const t = tasklet(async () => {
        seen = await rejection(new Channel().receive());
      })();
      await run();
      await t.raiseException(ValueError, 'idx', 2);
      expect(seen).to.be.instanceOf(ValueError).with.property('args').that.deep.equals(['idx', 2]);
    }));
});

describe('an error handler', () => {
  const failing = (error: Error) => () => {
    throw error;
  };

  it('ST-81 is given back by the next one', () =>
    main(() => {
      const handler = nothing;
      expect(setErrorHandler(handler)).to.equal(null);
      expect(setErrorHandler(null)).to.equal(handler);
      expect(() => setErrorHandler(1 as never)).to.throw(TypeError);
    }));

  it('ST-82 keeps the error from everybody, and runs in the tasklet that dies', () =>
    main(async () => {
      const mine = new Error('mine');
      const seen: unknown[] = [];
      setErrorHandler((error) => seen.push(error, getCurrent()));
      const t = tasklet(failing(mine))();
      await run();
      expect(seen).to.deep.equal([mine, t]);
    }));

  it('ST-83 that throws is raised from run() in its place', () =>
    main(async () => {
      const other = new Error('other');
      setErrorHandler(failing(other));
      tasklet(failing(new Error('mine')))();
      expect(await rejection(run())).to.equal(other);
    }));

  it('ST-84 gets what was thrown before the function began, when its turn has come', () =>
    main(async () => {
      const seen: unknown[] = [];
      setErrorHandler((error) => seen.push(error));
      const [now, later] = [new Error('now'), new Error('later')];
      await tasklet(nothing)().throw(now);
      expect(seen).to.deep.equal([now]);
      await tasklet(nothing)().throw(later, { pending: true });
      expect(seen).to.deep.equal([now]);
      await run();
      expect(seen).to.deep.equal([now, later]);
    }));

  it('ST-122 is not told of TaskletExit', () =>
    main(async () => {
      const seen: unknown[] = [];
      setErrorHandler((error) => seen.push(error));
      const { t } = waiting();
      await run();
      await t.kill();
      expect(seen).to.deep.equal([]);
    }));

  it('may wait', () =>
    main(async () => {
      const log: string[] = [];
      setErrorHandler(async () => {
        await schedule();
        log.push('handled');
      });
      tasklet(failing(new Error('mine')))();
      tasklet(() => log.push('other'))();
      await run();
      expect(log).to.deep.equal(['other', 'handled']);
    }));
});
