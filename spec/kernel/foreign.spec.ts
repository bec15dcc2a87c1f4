import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import {
  Channel,
  current,
  run,
  schedule,
  select,
  sleep,
  spawn,
  Tasklet,
  TaskletExit,
  timeout,
  TimeoutError,
  wait,
} from '../../lib/index.js';
import { alarm, latch } from '../../lib/kernel/foreign.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** What a program waits for that is not ours: comes back after a turn of the event loop. */
function outside<T = undefined>(value?: T): Promise<T> {
  return new Promise((resolve) => setImmediate(resolve as (value?: T) => void, value));
}

const timer = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a bare await of something foreign', () => {
  it('lets the others go on, and is still the same tasklet afterwards', async () => {
    const log: string[] = [];
    const worker = spawn(async function worker() {
      const me = current();
      for (const [name, foreign] of [
        ['immediate', () => outside()],
        ['timer', () => timer(1)],
        ['both', () => Promise.all([outside(), timer(1)])],
        ['settled', () => Promise.resolve()],
        ['thenable', () => ({ then: (go: () => void) => setImmediate(go) }) as unknown as PromiseLike<void>],
      ] as const) {
        await foreign();
        expect(current()).to.equal(me);
        log.push(name);
      }
    });
    const other = spawn(async () => {
      let turns = 0;
      while (worker.alive) {
        turns++;
        await schedule();
      }
      return turns;
    });
    await worker.join();
    expect(log).to.deep.equal(['immediate', 'timer', 'both', 'settled', 'thenable']);
    expect(await other.join()).to.be.above(10);
  });

  it('is no scheduling point when it is settled already', async () => {
    const log: string[] = [];
    await simulate(async () => {
      spawn(() => log.push('other'));
      for (let i = 0; i < 100; i++) await Promise.resolve();
      log.push('main');
    });
    expect(log).to.deep.equal(['main', 'other']);
  });

  it('shows as waiting, and holds nobody up', async () => {
    await simulate(async () => {
      let back = (): void => {};
      const waiter = spawn(() => new Promise<void>((resolve) => (back = resolve)));
      // Spawned behind it: has its turn only if the one before it has lost its own.
      const states = await spawn(async () => {
        await schedule();
        return [waiter.state, waiter.blockedOn];
      }).join();
      expect(states).to.deep.equal(['waiting', 'something it awaits that is not ours']);
      back();
      await waiter.join();
      expect(waiter.state).to.equal('done');
    });
  });

  it('may come back before its turn was taken away', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      spawn(async () => {
        await new Promise<void>((resolve) => queueMicrotask(resolve));
        log.push('back');
        await channel.send(1);
      });
      log.push(`got ${await channel.receive()}`);
    });
    expect(log).to.deep.equal(['back', 'got 1']);
  });

  it('[INV-39] goes to the end of the ring with the next operation', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const back = spawn(async () => {
        await outside();
        log.push('back');
        await schedule();
        log.push('again');
      });
      const others = ['a', 'b'].map((name) =>
        spawn(async () => {
          while (!log.includes('back')) await schedule();
          log.push(name);
          await schedule();
          log.push(name);
        }),
      );
      for (const tasklet of [back, ...others]) await tasklet.join();
    });
    expect(log[0]).to.equal('back');
    // Between its operation and its turn, everybody who could run had one.
    expect(log.indexOf('again')).to.be.within(3, 4);
    expect(log.toSorted()).to.deep.equal(['a', 'a', 'again', 'b', 'b', 'back']);
  });

  for (const settle of ['resolve', 'reject'] as const) {
    it(`[INV-24] is not ended by a kill, which comes with the next wait (${settle})`, async () => {
      const log: string[] = [];
      await simulate(async () => {
        let end: (outcome: Error) => void = () => {};
        const stuck = new Promise<Error>(
          (resolve, reject) => (end = settle === 'resolve' ? resolve : reject),
        );
        const victim = spawn(async () => {
          log.push(
            await stuck.then(
              () => 'fulfilled',
              () => 'rejected',
            ),
          );
          try {
            await schedule();
          } catch (error) {
            log.push((error as Error).name);
            throw error;
          }
        });
        await schedule();
        victim.kill();
        victim.kill();
        await schedule();
        expect(victim.state).to.equal('waiting');
        end(new Error('late'));
        await rejection(victim.join());
        expect(victim.state).to.equal('killed');
        // The second kill stays for a wait that never came.
        await schedule();
      });
      expect(log).to.deep.equal([settle === 'resolve' ? 'fulfilled' : 'rejected', 'TaskletExit']);
    });
  }

  it('ends with its value when it was killed and never waits again', async () => {
    await simulate(async () => {
      const victim = spawn(async () => outside('done'));
      await schedule();
      victim.kill();
      expect(await victim.join()).to.equal('done');
    });
  });

  it('may end its tasklet without its turn', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const ends = spawn(async () => {
        await outside();
        log.push('ends');
      });
      while (ends.alive) {
        await schedule();
      }
      log.push('others go on');
    });
    expect(log).to.deep.equal(['ends', 'others go on']);
  });

  it('may be followed by a sleep though nobody else is there, in virtual time', async () => {
    await simulate(async ({ clock }) => {
      await outside();
      await outside();
      await sleep(10);
      expect(clock.now()).to.equal(10);
    });
  });

  it('may be several at once, with operations of ours among them', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      spawn(async () => {
        await outside();
        await channel.send(1);
        await channel.send(2);
      });
      const me = current();
      const all = await Promise.all([outside('a'), channel.receive(), outside('b'), channel.receive()]);
      expect(all).to.deep.equal(['a', 1, 'b', 2]);
      expect(current()).to.equal(me);
      await schedule();
      expect(channel.balance).to.equal(0);
    });
  });
});

describe('wait', () => {
  it('gives what a promise comes to, value or error', async () => {
    await simulate(async () => {
      const error = new Error('bad');
      expect(await wait(Promise.resolve(7))).to.equal(7);
      expect(await wait(outside('late'))).to.equal('late');
      expect(await rejection(wait(Promise.reject(error)))).to.equal(error);
      expect(await rejection(wait(outside().then(() => Promise.reject(error))))).to.equal(error);
      expect(await rejection(wait(Promise.reject(undefined as never)))).to.equal(undefined);
    });
  });

  it('gives what a function comes to, a promise or not', async () => {
    await simulate(async () => {
      const error = new Error('bad');
      expect(await wait(() => 7)).to.equal(7);
      expect(await wait(() => outside(7))).to.equal(7);
      expect(await wait(async () => outside(7))).to.equal(7);
      const fails = (): never => {
        throw error;
      };
      expect(await rejection(wait(fails))).to.equal(error);
      expect(await rejection(wait(async () => fails()))).to.equal(error);
    });
  });

  it('comes back through the ring, at its end', async () => {
    const log: string[] = [];
    await simulate(async () => {
      let settle: () => void = () => {};
      const foreign = new Promise<void>((resolve) => (settle = resolve));
      spawn(async () => {
        await wait(foreign);
        log.push('back');
      });
      await schedule();
      spawn(() => log.push('other'));
      settle();
      // The promise says so in a microtask; the ring is asked after that.
      await Promise.resolve();
      await Promise.resolve();
      log.push('main');
      await schedule();
    });
    expect(log).to.deep.equal(['main', 'other', 'back']);
  });

  it('works outside tasklets', async () => {
    expect(await wait(outside('here'))).to.equal('here');
    expect(await rejection(wait(new Promise(() => {}), { timeout: 1 }))).to.be.instanceOf(TimeoutError);
  });

  it('can be given up: killed, timed out, aborted', async () => {
    await simulate(async () => {
      const stuck = new Promise<never>(() => {});
      const controller = new AbortController();
      const killed = spawn(() => wait(stuck));
      const late = spawn(() => rejection(wait(stuck, { timeout: 10 })));
      const aborted = spawn(() => rejection(wait(stuck, { signal: controller.signal })));
      const scoped = spawn(() => rejection(timeout(10, () => wait(stuck))));
      await schedule();
      expect(killed.blockedOn).to.equal('wait for a promise');
      killed.kill();
      expect(await rejection(killed.join())).to.have.property('code', 'ERR_TASKLET_KILLED');
      controller.abort('stop');
      expect(await late.join()).to.be.instanceOf(TimeoutError);
      expect(await scoped.join()).to.be.instanceOf(TimeoutError);
      expect(await aborted.join()).to.equal('stop');
    });
  });

  it('aborts the signal of its function when it is given up, with the same error', async () => {
    await simulate(async () => {
      const heard: unknown[] = [];
      const job = (signal: AbortSignal): Promise<never> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            heard.push(signal.reason);
            reject(new Error('not heard: the wait is over'));
          });
        });
      const late = await rejection(wait(job, { timeout: 5 }));
      const victim = spawn(() => wait(job));
      await schedule();
      victim.kill();
      await rejection(victim.join());
      expect(heard[0]).to.equal(late).and.to.be.instanceOf(TimeoutError);
      expect(heard[1]).to.be.instanceOf(TaskletExit);
      expect(heard).to.have.length(2);
    });
  });

  it('does not call its function when it is refused', async () => {
    await simulate(async () => {
      let called = 0;
      const job = (): Promise<number> => outside(called++);
      expect(await rejection(wait(job, { timeout: -1 }))).to.be.instanceOf(RangeError);
      expect(await rejection(wait(job, { signal: AbortSignal.abort('stop') }))).to.equal('stop');
      const victim = new Tasklet(async () => {
        victim.kill();
        await wait(job);
      }).start();
      await rejection(victim.join());
      expect(called).to.equal(0);
    });
  });

  it('[INV-49] ignores what a promise comes to after it was given up, an error too', async () => {
    await simulate(async () => {
      let fail: (error: Error) => void = () => {};
      const foreign = new Promise<never>((_, reject) => (fail = reject));
      await rejection(wait(foreign, { timeout: 5 }));
      fail(new Error('nobody wants to know'));
      await outside();
    });
  });

  it('[INV-80] leaves one reaction on a promise, however often that is waited for', async () => {
    await simulate(async () => {
      let reactions = 0;
      const foreign = new Promise<string>(() => {});
      const then = foreign.then.bind(foreign);
      foreign.then = ((...args: Parameters<typeof then>) => {
        reactions++;
        return then(...args);
      }) as typeof then;
      for (let i = 0; i < 100; i++) await rejection(wait(foreign, { timeout: 1 }));
      await rejection(select({ it: foreign }, { timeout: 1 }));
      expect(reactions).to.equal(1);
      expect(latch(foreign).balance).to.equal(0);
    });
  });

  it('gives the same to all who wait for the same promise', async () => {
    await simulate(async () => {
      const foreign = outside({});
      const all = await Promise.all([wait(foreign), wait(foreign), foreign]);
      expect(new Set(all)).to.have.property('size', 1);
    });
  });

  it('refuses what can not be waited for', async () => {
    for (const wrong of [7, undefined, null, 'text', {}, { then: 1 }]) {
      expect(await rejection(wait(wrong as never))).to.be.instanceOf(TypeError);
    }
  });

  describe('for a thenable of another make', () => {
    it('rejects with what it throws, and does not throw itself', async () => {
      const error = new Error('bad then');
      const hostile = {
        then(): void {
          throw error;
        },
      } as unknown as PromiseLike<void>;
      expect(await rejection(wait(hostile))).to.equal(error);
      expect(await rejection(select({ it: hostile }))).to.equal(error);
      const worse = {
        get then(): never {
          throw error;
        },
      };
      expect(await rejection(wait(worse))).to.equal(error);
    });

    it('believes its first word only', async () => {
      const chatty = {
        then(resolve: (value: number) => void, reject: (error: Error) => void): void {
          resolve(1);
          reject(new Error('no'));
          resolve(2);
        },
      } as PromiseLike<number>;
      expect(await wait(chatty)).to.equal(1);
    });

    it('may use operations of ours to come to something', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const lazy = {
          then: (resolve: (value: number) => void, reject: (error: unknown) => void): void => {
            channel.receive().then(resolve, reject);
          },
        } as PromiseLike<number>;
        const log: unknown[] = [];
        spawn(async () => {
          log.push(await select({ it: lazy, never: new Channel<never>().receiving() }));
          log.push('after');
        });
        await sleep(1);
        expect(channel.balance).to.equal(-1);
        await channel.send(7);
        await sleep(1);
        expect(log).to.deep.equal([{ case: 'it', value: 7 }, 'after']);
      });
    });

    it('gives what a thenable comes to that comes to a thenable', async () => {
      const inner = { then: (resolve: (value: string) => void) => resolve('inner') };
      const outer = { then: (resolve: (value: unknown) => void) => resolve(inner) } as PromiseLike<unknown>;
      expect(await wait(outer)).to.equal('inner');
    });
  });
});

describe('alarm', () => {
  it('ends with the reason when its signal is aborted, and listens only while somebody waits', async () => {
    await simulate(async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const channel = alarm(signal);
      expect(alarm(signal)).to.equal(channel);
      const count = (): number => getEventListeners(signal, 'abort').length;
      expect(count()).to.equal(0);
      const waiting = [spawn(() => select({ it: signal })), spawn(() => select({ it: signal }))];
      await schedule();
      expect(count()).to.equal(1);
      waiting[0]!.kill();
      expect(count()).to.equal(1);
      controller.abort('stop');
      expect(await waiting[1]!.join()).to.deep.equal({ case: 'it', value: 'stop' });
      expect(count()).to.equal(0);
      expect(await select({ it: signal })).to.deep.equal({ case: 'it', value: 'stop' });
    });
  });

  it('knows a signal that was aborted before', async () => {
    const hit = await select({ it: AbortSignal.abort('stop') });
    expect(hit).to.deep.equal({ case: 'it', value: 'stop' });
  });
});

describe('run', () => {
  it('may be awaited in a tasklet of another scheduler, as something foreign', async () => {
    const log: string[] = [];
    await spawn(async () => {
      const me = current();
      await simulate(async () => {
        await sleep(1000);
        log.push('inner');
      });
      expect(current()).to.equal(me);
      log.push('outer');
    }).join();
    expect(await rejection(spawn(() => run()).join())).to.have.property('code', 'ERR_STATE');
    expect(log).to.deep.equal(['inner', 'outer']);
  });
});
