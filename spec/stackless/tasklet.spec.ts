import { expect } from 'chai';
import {
  Channel,
  getCurrent,
  getMain,
  main,
  run,
  RuntimeError,
  schedule,
  scheduleRemove,
  tasklet,
  Tasklet,
} from '../../lib/stackless/index.js';
import { rejection } from '../support/rejection.js';

const nothing = () => undefined;
const flags = (t: Tasklet) => ({
  alive: t.alive,
  scheduled: t.scheduled,
  blocked: t.blocked,
  paused: t.paused,
});

describe('stackless tasklet', () => {
  it('is a function and a Tasklet, and no promise', () => {
    const t = tasklet(nothing);
    expect(t).to.be.a('function').and.to.be.instanceOf(Tasklet);
    expect(t).to.not.have.property('then');
  });

  describe('bind and setup', () => {
    it('ST-44 ST-34 is not alive before it is set up; main is, and current', () =>
      main(() => {
        for (const t of [tasklet(), tasklet(nothing)]) {
          expect(flags(t)).to.deep.equal({ alive: false, scheduled: false, blocked: false, paused: false });
        }
        expect([getMain().alive, getMain().isCurrent, getMain().isMain]).to.deep.equal([true, true, true]);
        expect(getCurrent()).to.equal(getMain());
      }));

    it('ST-45 is alive and scheduled after it, and gets itself back', () =>
      main(() => {
        const one = tasklet();
        expect(one.bind(nothing).setup()).to.equal(one);
        const two = tasklet(nothing);
        expect(two()).to.equal(two);
        for (const t of [one, two]) {
          expect(flags(t)).to.deep.equal({ alive: true, scheduled: true, blocked: false, paused: false });
        }
      }));

    it('ST-46 is alive and paused when bound with arguments', () =>
      main(() => {
        const t = tasklet().bind(nothing, []);
        expect(flags(t)).to.deep.equal({ alive: true, scheduled: false, blocked: false, paused: true });
      }));

    it('ST-47 ST-59 loses its life when bound to nothing, without running its finally block', () =>
      main(async () => {
        const log: string[] = [];
        const t = tasklet(async () => {
          try {
            await scheduleRemove();
          } finally {
            log.push('finally');
          }
        })();
        await run();
        expect(t.bind()).to.equal(t);
        expect(t.alive).to.equal(false);
        await run();
        expect(log).to.deep.equal([]);
        expect(() => t.insert()).to.throw(RuntimeError, 'dead');
      }));

    it('ST-55 refuses to bind one that is scheduled or current, and what is no function', () =>
      main(async () => {
        const scheduled = tasklet(nothing)();
        expect(() => scheduled.bind(nothing)).to.throw(RuntimeError, 'tasklet is scheduled');
        expect(() => getCurrent().bind(nothing)).to.throw(RuntimeError, 'current tasklet');
        expect(() => getMain().bind()).to.throw(RuntimeError);
        expect(() => tasklet('f' as never)).to.throw(TypeError);
        expect(() => tasklet(nothing).bind(nothing, 'x' as never)).to.throw(TypeError);
        let inside: unknown;
        tasklet(() => {
          try {
            getMain().bind();
          } catch (error) {
            inside = error;
          }
        })();
        await run();
        expect(inside).to.be.instanceOf(RuntimeError);
      }));

    it('ST-56 cannot run before it is set up', () =>
      main(async () => {
        expect(await rejection(tasklet(nothing).run())).to.be.instanceOf(RuntimeError);
      }));

    it('ST-57 calls the function with exactly its arguments', () =>
      main(async () => {
        const calls: unknown[][] = [];
        const f = (...args: unknown[]) => calls.push(args);
        tasklet().bind(f, [1, 2]).insert();
        tasklet(f).bind(undefined, [3]).insert();
        tasklet(f)();
        await run();
        expect(calls).to.deep.equal([[1, 2], [3], []]);
      }));

    it('ST-58 refuses to set up one that is alive, or that has no function', () =>
      main(() => {
        const t = tasklet(nothing)();
        expect(() => t.setup()).to.throw(RuntimeError, 'tasklet is alive');
        expect(() => tasklet()()).to.throw(RuntimeError, 'not bound');
        expect(() => tasklet().bind(undefined, [])).to.throw(RuntimeError, 'not bound');
      }));
  });

  describe('insert and remove', () => {
    it('ST-48 takes it out of the ring and puts it back, and gets it back', () =>
      main(() => {
        const t = tasklet(nothing)();
        expect(t.remove()).to.equal(t);
        expect(t.paused).to.equal(true);
        expect(t.insert()).to.equal(t);
        expect(t.scheduled).to.equal(true);
      }));

    it('does nothing to one that is dead or was never set up', () =>
      main(async () => {
        const t = tasklet(nothing);
        expect(t.remove()).to.equal(t);
        t();
        await run();
        expect(t.remove()).to.equal(t);
      }));
  });

  describe('flags', () => {
    it('ST-49 tell who runs, and what became of the main that let it', () =>
      main(async () => {
        const seen: boolean[][] = [];
        const look = () => {
          const me = getCurrent();
          seen.push([me.alive, me.scheduled, me.isCurrent, getMain().scheduled, getMain().paused]);
          getMain().insert();
        };
        await tasklet(look)().run();
        await tasklet(look)().switch();
        tasklet(look)();
        await run();
        expect(seen).to.deep.equal([
          [true, true, true, true, false],
          [true, true, true, false, true],
          [true, true, true, false, true],
        ]);
      }));

    it('ST-50 tell of one that is blocked, in whatever operation', () =>
      main(async () => {
        const ch = () => new Channel();
        const deeds = [
          () => ch().send(1),
          () => ch().receive(),
          () => ch().sendThrow(new Error('x')),
          () => ch().sendException(Error),
        ];
        const all = deeds.map((deed) => tasklet(deed)());
        await run();
        for (const t of all) {
          expect(flags(t)).to.deep.equal({ alive: true, scheduled: true, blocked: true, paused: false });
        }
      }));

    it('ST-54 next and prev go round the ring', () =>
      main(() => {
        const a = tasklet(nothing)();
        const b = tasklet(nothing)();
        const m = getMain();
        expect([m.next, a.next, b.next]).to.deep.equal([a, b, m]);
        expect([m.prev, a.prev, b.prev]).to.deep.equal([b, m, a]);
        a.remove();
        expect([a.next, a.prev]).to.deep.equal([null, null]);
      }));
  });

  describe('run and switch', () => {
    it('ST-61 runs it at once', () =>
      main(async () => {
        const log: string[] = [];
        await tasklet(() => log.push('t'))().run();
        log.push('main');
        expect(log).to.deep.equal(['t', 'main']);
      }));

    it('ST-60 returns the tempval of the caller', () =>
      main(async () => {
        const set = () => {
          getMain().tempval = 'set';
          getMain().insert();
        };
        expect(await tasklet(set)().run()).to.equal('set');
        expect(await tasklet(set)().switch()).to.equal('set');
        expect(await tasklet(nothing)().run()).to.equal(undefined);
      }));

    it('ST-60 which is used up by any operation of the caller, also by one that does not switch', () =>
      main(async () => {
        const ch = new Channel<number>();
        tasklet(() => ch.send(1))();
        await run();
        getCurrent().tempval = 'set';
        expect(await ch.receive()).to.equal(1);
        expect(await tasklet(nothing)().run()).to.equal(undefined);
      }));

    it('ST-62 switch pauses the caller, until it is inserted', () =>
      main(async () => {
        const log: string[] = [];
        const t = tasklet(async () => {
          log.push(`paused ${getMain().paused ? 1 : 0}`);
          await schedule();
          getMain().insert();
        })();
        await t.switch();
        log.push('main');
        expect(log).to.deep.equal(['paused 1', 'main']);
      }));

    it('ST-63 does nothing to the current one', () =>
      main(async () => {
        await getCurrent().switch();
        await getCurrent().switch();
        await getCurrent().run();
        expect(getCurrent().scheduled).to.equal(true);
      }));

    it('ST-64 refuses one that is blocked, and leaves it where it is', () =>
      main(async () => {
        const ch = new Channel<number>();
        const got: number[] = [];
        const t = tasklet(async () => got.push(await ch.receive()))();
        await run();
        for (const deed of [() => t.switch(), () => t.run()]) {
          expect(await rejection(deed())).to.be.instanceOf(RuntimeError);
        }
        expect(() => t.insert()).to.throw(RuntimeError, 'blocked');
        expect(() => t.remove()).to.throw(RuntimeError, 'blocked');
        await ch.send(1);
        expect(got).to.deep.equal([1]);
      }));

    it('ST-65 wakes one that is paused', () =>
      main(async () => {
        const log: string[] = [];
        const t = tasklet(async () => {
          await scheduleRemove();
          log.push('back');
          getMain().insert();
        })();
        await run();
        await t.switch();
        expect(log).to.deep.equal(['back']);
      }));

    it('runs those behind it too, before the caller', () =>
      main(async () => {
        const log: string[] = [];
        const all = ['a', 'b', 'c'].map((name) => tasklet(() => log.push(name))());
        await all[1]?.run();
        log.push('main');
        await run();
        expect(log).to.deep.equal(['b', 'c', 'main', 'a']);
      }));
  });

  it('ST-108 may yield while it cleans up, and still gets its value', () =>
    main(async () => {
      const ch = new Channel<number>();
      const got: number[] = [];
      tasklet(async () => {
        try {
          got.push(await ch.receive());
        } finally {
          await schedule();
        }
        got.push(await ch.receive());
      })();
      tasklet(() => ch.sendSequence([1, 2]))();
      await run();
      expect(got).to.deep.equal([1, 2]);
    }));

  it('tempval refuses a promise, and is nothing before it begins', () =>
    main(() => {
      const t = tasklet(nothing)();
      expect(() => (t.tempval = Promise.resolve())).to.throw(TypeError);
      t.tempval = 1;
      expect(t.tempval).to.equal(undefined);
    }));
});
