import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import {
  Channel,
  current,
  idle,
  run,
  schedule,
  Scheduler,
  sleep,
  spawn,
  Tasklet,
  TaskletKilledError,
  wait,
} from '../../lib/index.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('spawn', () => {
  it('puts the new one last, and runs nothing of it before the caller waits', () =>
    simulate(async () => {
      const log: string[] = [];
      spawn(() => log.push('a'));
      spawn(() => {
        log.push('b');
        spawn(() => log.push('d'));
      });
      spawn(() => log.push('c'));
      log.push('spawned');
      await schedule();
      log.push('first round');
      await schedule();
      expect(log).to.deep.equal(['spawned', 'a', 'b', 'c', 'first round', 'd']);
    }));

  it('gives the arguments, and the value to who joins', () =>
    simulate(async () => {
      expect(await spawn((a: number, b: string) => `${a}${b}`, 1, 'b').join()).to.equal('1b');
      expect(await spawn(async (...all: number[]) => all, 1, 2, 3).join()).to.deep.equal([1, 2, 3]);
    }));

  it('runs on the scheduler of whoever spawns', () =>
    simulate(async ({ scheduler }) => {
      const child = spawn(async () => {
        await schedule();
        return spawn(() => schedule());
      });
      expect(scheduler.tasklets()).to.include(child);
      const grandchild = await child.join();
      expect(scheduler.tasklets()).to.include(grandchild);
      await grandchild.join();
    }));

  it('works outside tasklets, and nothing runs within it', async () => {
    const log: string[] = [];
    const tasklet = spawn(() => log.push('tasklet'));
    log.push('outside');
    await tasklet.join();
    expect(log).to.deep.equal(['outside', 'tasklet']);
  });

  it('[INV-47] spawns a chain of 10,000 without a deep stack', () =>
    simulate(async () => {
      const over = new Channel<number>();
      const link = (n: number): void => {
        if (n === 10_000) over.post(n);
        else spawn(link, n + 1);
      };
      spawn(link, 0);
      expect(await over.receive()).to.equal(10_000);
    }));

  it('[INV-47] joins 10,000 deep', () =>
    simulate(async () => {
      const nest = async (n: number): Promise<number> =>
        n === 0 ? 0 : 1 + (await spawn(nest, n - 1).join());
      expect(await spawn(nest, 10_000).join()).to.equal(10_000);
    }));

  it('refuses what is no function', () => {
    for (const wrong of [undefined, null, 'fn', Promise.resolve()]) {
      expect(() => spawn(wrong as unknown as () => void)).to.throw(TypeError, /fn must be a function/);
    }
  });
});

describe('current', () => {
  it('is the tasklet whose code runs, in nested helpers and after every kind of wait', () =>
    simulate(async () => {
      const foreign = deferred();
      const line = new Channel<void>();
      const nested = async (): Promise<Tasklet | undefined> => {
        await schedule();
        return current();
      };
      const tasklet: Tasklet = spawn(async () => {
        const seen = [current(), await nested()];
        await line.receive();
        seen.push(current());
        await foreign.promise;
        seen.push(current());
        await Promise.resolve();
        seen.push(current());
        await wait(new Promise((resolve) => setImmediate(resolve)));
        seen.push(current());
        await Promise.all([sleep(1), sleep(2)]);
        seen.push(current());
        expect(seen).to.deep.equal(Array.from(seen, () => tasklet));
      });
      const others = [1, 2, 3].map(() =>
        spawn(async () => {
          for (let i = 0; i < 5; i++) await schedule();
        }),
      );
      await schedule();
      await line.send();
      setImmediate(foreign.resolve);
      await tasklet.join();
      for (const other of others) await other.join();
    }));

  it('[INV-45] stays the same while others go on during a foreign await', () =>
    simulate(async () => {
      const tasklets = Array.from({ length: 10 }, (_, i) => {
        const tasklet: Tasklet = spawn(async () => {
          for (let round = 0; round < 5; round++) {
            await new Promise((resolve) => setTimeout(resolve, (i * 7 + round) % 3));
            expect(current()).to.equal(tasklet);
            await schedule();
            expect(current()).to.equal(tasklet);
          }
        });
        return tasklet;
      });
      for (const tasklet of tasklets) await tasklet.join();
    }));

  it('[INV-45] in a listener is the one that emits, not the one that is woken', () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const line = new Channel<Tasklet | undefined>();
      emitter.on('ping', () => line.post(current()));
      const receiver: Tasklet = spawn(async () => {
        const seen = await line.receive();
        expect(current()).to.equal(receiver);
        return seen;
      });
      await schedule();
      const emitting = spawn(() => emitter.emit('ping'));
      expect(await receiver.join()).to.equal(emitting);
    }));

  it('is undefined outside tasklets, and after the end of the one that was', async () => {
    expect(current()).to.equal(undefined);
    const late = deferred<Tasklet | undefined>();
    const tasklet = spawn(() => {
      setImmediate(() => late.resolve(current()));
    });
    await tasklet.join();
    expect(current()).to.equal(undefined);
    expect(await late.promise).to.equal(undefined);
  });
});

describe('schedule', () => {
  it('lets everybody who can run have a turn', () =>
    simulate(async () => {
      const log: string[] = [];
      const tasklets = ['a', 'b', 'c'].map((name) =>
        spawn(async () => {
          for (let i = 1; i <= 3; i++) {
            log.push(`${name}${i}`);
            await schedule();
          }
        }),
      );
      for (const tasklet of tasklets) await tasklet.join();
      expect(log.join(' ')).to.equal('a1 b1 c1 a2 b2 c2 a3 b3 c3');
    }));

  it('alone goes on at once', () =>
    simulate(async () => {
      for (let i = 0; i < 1000; i++) await schedule();
    }));

  it('outside tasklets waits until those who can run have had a turn', async () => {
    const log: string[] = [];
    const tasklet = spawn(async () => {
      log.push('a');
      await schedule();
      log.push('b');
    });
    await schedule();
    log.push('outside');
    await tasklet.join();
    expect(log).to.deep.equal(['a', 'outside', 'b']);
  });

  it('[INV-40] keeps neither timers nor sockets from their turn, however long it goes on', async () => {
    const main = async (): Promise<void> => {
      let turns = 0;
      const count = (): void => {
        if (++turns < 10) setImmediate(count);
      };
      setImmediate(count);
      const busy = (): Promise<void> =>
        spawn(async () => {
          while (turns < 10) await schedule();
        }).join();
      await Promise.all([busy(), busy()]);
      await sleep(1);
    };
    await run(main, { scheduler: new Scheduler() });
  });
});

describe('idle', () => {
  it('waits until no other tasklet can run', () =>
    simulate(async () => {
      const log: string[] = [];
      const silent = new Channel<never>();
      const blocked = spawn(() => silent.receive());
      spawn(async () => {
        for (let i = 0; i < 3; i++) {
          log.push('busy');
          await schedule();
        }
        log.push('over');
      });
      await idle();
      log.push('idle');
      expect(log).to.deep.equal(['busy', 'busy', 'busy', 'over', 'idle']);
      blocked.kill();
      await schedule();
    }));

  it('lets those who wait for it go on one after another, first come first served', () =>
    simulate(async () => {
      const log: string[] = [];
      const waiters = ['a', 'b', 'c'].map((name) =>
        spawn(async () => {
          await idle();
          log.push(name);
          await schedule();
          log.push(name);
        }),
      );
      for (const waiter of waiters) await waiter.join();
      expect(log.join('')).to.equal('aabbcc');
    }));

  it('alone, and outside tasklets with nobody there, goes on at once', async () => {
    await simulate(() => idle());
    await idle();
  });

  it('killed, leaves nothing', () =>
    simulate(async ({ scheduler }) => {
      const waiter = spawn(() => idle());
      await schedule();
      expect(waiter.blockedOn).to.equal('idle');
      waiter.kill();
      expect(scheduler.idlers.size).to.equal(0);
      expect(await rejection(waiter.join())).to.be.instanceOf(TaskletKilledError);
    }));

  it('does not wait for what waits itself: a sleeper, a foreign await', () =>
    simulate(async ({ clock }) => {
      const foreign = deferred();
      const others = [spawn(() => sleep(100)), spawn(() => foreign.promise)];
      await schedule();
      await idle();
      expect(clock.now()).to.equal(0);
      foreign.resolve();
      for (const other of others) await other.join();
    }));
});
