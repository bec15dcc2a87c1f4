import { expect } from 'chai';
import * as native from '../../lib/index.js';
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

/** Something of the world outside: resolves in a later turn of the event loop. */
const outside = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('main', () => {
  it('returns what its function returns, and rejects with what it throws', async () => {
    expect(await main(() => 1)).to.equal(1);
    expect(await main(async () => 'two')).to.equal('two');
    const mine = new Error('mine');
    const failing = (): never => {
      throw mine;
    };
    expect(await rejection(main(failing))).to.equal(mine);
    expect(await rejection(main(async () => failing()))).to.equal(mine);
    expect(await rejection(main('x' as never))).to.be.instanceOf(TypeError);
  });

  it('is the place where Stackless is: outside, its functions raise', async () => {
    expect(() => getCurrent()).to.throw(RuntimeError);
    expect(() => tasklet(() => 1)()).to.throw(RuntimeError);
    expect(await rejection(schedule())).to.be.instanceOf(RuntimeError);
    expect(await rejection(new Channel().receive())).to.be.instanceOf(RuntimeError);
  });

  it('leaves the others where they are when it ends, and nothing of them anywhere', async () => {
    const log: string[] = [];
    const ch = new Channel();
    const far = new native.Channel<number>();
    const all = await main(async () => {
      const body = (wait: () => Promise<unknown>) => async () => {
        try {
          await wait();
        } finally {
          log.push('went on');
        }
      };
      const waits = [() => ch.receive(), () => scheduleRemove(), () => far.receive(), () => schedule()];
      const left = waits.map((wait) => tasklet(body(wait))());
      await schedule();
      return [...left, tasklet(body(outside))()];
    });
    await outside();
    expect(log).to.deep.equal([]);
    expect(all.map((t) => t.alive)).to.deep.equal(all.map(() => false));
    expect([ch.balance, far.balance]).to.deep.equal([0, 0]);
  });

  it('tells one that comes back from outside after the end that it is over', async () => {
    let seen: unknown;
    await main(async () => {
      tasklet(async () => {
        await outside();
        seen = await rejection(schedule());
      })();
      await schedule();
    });
    await outside();
    await outside();
    expect(seen).to.be.instanceOf(RuntimeError);
  });

  it('has a world of its own, also inside another one', () =>
    main(async () => {
      const log: string[] = [];
      tasklet(async () => {
        const outer = getMain();
        await main(async () => {
          expect(getMain()).to.not.equal(outer);
          tasklet(() => log.push('inner'))();
          await run();
        });
        log.push('back');
      })();
      tasklet(() => log.push('other'))();
      await run();
      expect(log).to.deep.equal(['other', 'inner', 'back']);
    }));

  describe('keeps the turn', () => {
    it('through any number of nested helpers that do not wait', () =>
      main(async () => {
        const log: string[] = [];
        const nested = async (depth: number): Promise<void> => {
          if (depth > 0) await nested(depth - 1);
        };
        const worker = async (name: string) => {
          for (let i = 0; i < 3; i++) {
            log.push(`${name}(`);
            await nested(50);
            log.push(`${name})`);
            await schedule();
          }
        };
        tasklet(worker)('a');
        tasklet(worker)('b');
        await run();
        expect(log.join('')).to.equal('a(a)b(b)'.repeat(3));
      }));

    it('for one operation at a time: a second one that does not wait for the first is refused', () =>
      main(async () => {
        const ch = new Channel<number>();
        let second: unknown;
        tasklet(async () => {
          const first = ch.send(1);
          second = await rejection(ch.send(2));
          await first;
        })();
        expect(await ch.receive()).to.equal(1);
        await run();
        expect(second).to.be.instanceOf(RuntimeError);
      }));
  });

  describe('with native operations', () => {
    it('waits in run() for those who wait outside', () =>
      main(async () => {
        const log: string[] = [];
        const waits = [outside, () => native.sleep(0), () => native.wait(outside())];
        for (const [i, wait] of waits.entries()) {
          tasklet(async () => {
            await wait();
            // Back from a bare await it has no turn yet; a native operation brings it back through the ring.
            expect(getCurrent().isCurrent).to.equal(i !== 0);
            await schedule();
            expect(getCurrent().isCurrent).to.equal(true);
            log.push(`back ${i}`);
          })();
        }
        tasklet(() => log.push('first'))();
        await run();
        expect(log[0]).to.equal('first');
        expect(log.sort()).to.deep.equal(['back 0', 'back 1', 'back 2', 'first']);
      }));

    it('is told of no deadlock while somebody may come back', () =>
      main(async () => {
        const ch = new Channel<string>();
        for (const wait of [outside, () => native.sleep(0)]) {
          tasklet(async () => {
            await wait();
            await ch.send('back');
          })();
          expect(await ch.receive()).to.equal('back');
          await run();
        }
        tasklet(outside)();
        expect(await rejection(ch.receive()))
          .to.have.property('message')
          .that.contains('receiving');
      }));

    it('may wait outside itself while others run, fail, and end', () =>
      main(async () => {
        const log: string[] = [];
        tasklet(() => log.push('ran'))();
        await native.sleep(0);
        expect(log).to.deep.equal(['ran']);
        const mine = new Error('mine');
        tasklet(() => {
          throw mine;
        })();
        expect(await rejection(native.sleep(60_000))).to.equal(mine);
        tasklet(() => {
          throw mine;
        })();
        await outside();
        expect(await rejection(schedule())).to.equal(mine);
      }));

    it('rejects with an error that came while it awaited something foreign, if it asks for nothing more', async () => {
      const mine = new Error('mine');
      const ended = main(async () => {
        tasklet(() => {
          throw mine;
        })();
        await outside();
        await outside();
      });
      expect(await rejection(ended)).to.equal(mine);
    });

    it('has native channels, in Stackless order', () =>
      main(async () => {
        const ch = new native.Channel<number>();
        const log: string[] = [];
        tasklet(async () => {
          log.push(`got ${await ch.receive()}`);
        })();
        tasklet(async () => {
          await ch.send(1);
          log.push('sent');
        })();
        tasklet(() => log.push('other'))();
        await run();
        expect(log).to.deep.equal(['got 1', 'other', 'sent']);
      }));

    it('ends in its place in the ring behind a native send that it never awaited, and starves nobody', () =>
      main(async () => {
        const ch = new native.Channel<number>();
        const log: string[] = [];
        tasklet(async () => {
          log.push(`got ${await ch.receive()}`);
          await outside();
          log.push('back from outside');
        })();
        tasklet(async () => {
          await schedule();
          void ch.send(1);
        })();
        await run();
        expect(log).to.deep.equal(['got 1', 'back from outside']);
      }));

    it('kills at a native wait at once, and at a foreign one when that is over', () =>
      main(async () => {
        const ch = new native.Channel<number>();
        const log: string[] = [];
        const body = (name: string, wait: () => Promise<unknown>) => async () => {
          try {
            await wait();
            await schedule();
            log.push(`${name} went on`);
          } finally {
            log.push(`${name} finally`);
          }
        };
        const one = tasklet(body('native', () => ch.receive()))();
        const two = tasklet(body('foreign', outside))();
        await native.sleep(0);
        await one.kill();
        expect([log.join(), one.alive, ch.balance]).to.deep.equal(['native finally', false, 0]);
        await two.kill();
        await run();
        expect(log).to.deep.equal(['native finally', 'foreign finally']);
      }));

    it('is stopped by a native timeout at an operation of its own', () =>
      main(async () => {
        const ch = new Channel();
        expect(await rejection(native.timeout(0, () => ch.receive()))).to.be.instanceOf(native.TimeoutError);
        expect(ch.balance).to.equal(0);
        let seen: unknown;
        tasklet(async () => {
          seen = await rejection(native.timeout(0, () => ch.receive()));
        })();
        await run();
        expect(seen).to.be.instanceOf(native.TimeoutError);
      }));

    it('may spawn native tasklets, which take turns with the others and outlive it', async () => {
      const log: string[] = [];
      const one = await main(async () => {
        const spawned = native.spawn(async () => {
          log.push('native 1');
          await native.schedule();
          log.push('native 2');
        });
        const other = tasklet(() => log.push('stackless'))();
        expect([getRunCount(), getMain().next, getMain().prev]).to.deep.equal([3, other, other]);
        await schedule();
        return spawned;
      });
      await one.join();
      expect(log).to.deep.equal(['native 1', 'stackless', 'native 2']);
    });

    it('is told of a native tasklet that nobody joins and that failed', () =>
      main(async () => {
        const mine = new Error('mine');
        native.spawn(() => {
          throw mine;
        });
        expect(await rejection(run())).to.equal(mine);
      }));

    it('takes back an operation that a tasklet did not await, and tells who holds its promise', () =>
      main(async () => {
        const ch = new Channel<number>();
        let held: Promise<void> | undefined;
        tasklet(() => {
          held = ch.send(1);
        })();
        await run();
        expect(await rejection(held as Promise<void>)).to.be.instanceOf(native.AbandonedError);
        expect(ch.balance).to.equal(0);
      }));

    it('goes on in a native tasklet, which waits for it like for anything', async () => {
      const log: string[] = [];
      await native.run(async () => {
        const other = native.spawn(() => log.push('other'));
        log.push(
          await main(async () => {
            tasklet(outside)();
            await run();
            return 'main';
          }),
        );
        await other.join();
      });
      expect(log).to.deep.equal(['other', 'main']);
    });
  });
});
