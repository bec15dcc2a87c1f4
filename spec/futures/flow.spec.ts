import { expect } from 'chai';
import {
  after,
  CancelledError,
  Channel,
  current,
  DeadlockError,
  Local,
  schedule,
  select,
  sleep,
  spawn,
  timeout,
  TimeoutError,
  type Case,
} from '../../lib/index.js';
import { TaskletPoolExecutor } from '../../lib/futures/index.js';
import { collect, pipeline, take } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const delays = [50, 10, 30, 20, 40, 10];

async function nap(ms: number): Promise<number> {
  await sleep(ms);
  return ms;
}

/** A case that is ready after so many milliseconds. */
function sleeping(ms: number): Case<unknown> {
  return after(ms).receiving();
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

function* naturals(log: string[]): Generator<number> {
  try {
    for (let n = 0; ; n++) {
      log.push(`ask ${n}`);
      yield n;
    }
  } finally {
    log.push('left');
  }
}

async function* slowly(ms: number, count: number, log: string[] = []): AsyncGenerator<number> {
  try {
    for (let n = 0; n < count; n++) {
      await sleep(ms);
      yield n;
    }
  } finally {
    log.push('left');
  }
}

describe('Executor.map', () => {
  it('[EV-79] gives the results in the order of the values', async () => {
    await simulate(async ({ clock }) => {
      const pool = new TaskletPoolExecutor({ size: 3 });
      expect(await all(pool.map(delays, nap))).to.deep.equal(delays);
      expect(clock.now()).to.be.lessThan(delays.reduce((sum, ms) => sum + ms));
    });
  });

  it('gives them as they are ready when order does not matter', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 3 });
      const results = await all(pool.map(delays, nap, { ordered: false }));
      expect(results).to.deep.equal([10, 30, 20, 10, 50, 40]);
    });
  });

  it('gives the value and its number to the function', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      expect(await all(pool.map(['a', 'b'], (text, i) => `${i}${text}`))).to.deep.equal(['0a', '1b']);
    });
  });

  it('ends at once when there are no values', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      expect(await all(pool.map([], nap))).to.deep.equal([]);
      expect(await all(pool.map(slowly(1, 0), nap, { ordered: false }))).to.deep.equal([]);
    });
  });

  for (const ordered of [true, false]) {
    describe(ordered ? 'in order' : 'in any order', () => {
      it('[INV-58] [D-30] is lazy and bounded: asks for what can be in work, and nothing before', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 8 });
          const flow = pool.map(naturals(log), nap, { concurrency: 3, ordered });
          await sleep(10);
          expect(log).to.deep.equal([]);
          await flow.next();
          await sleep(100);
          // At most three in work or waiting to be taken, and one that was taken.
          expect(log.length).to.be.within(3, 4);
          await flow.next();
          await sleep(100);
          expect(log.length).to.be.within(4, 5);
          expect(await flow.return()).to.have.property('done', true);
          expect(log.at(-1)).to.equal('left');
          expect(await flow.next()).to.have.property('done', true);
          await pool.shutdown();
        });
      });

      it('works on values of an async iterable as they come, and gives what is ready meanwhile', async () => {
        await simulate(async ({ clock }) => {
          const pool = new TaskletPoolExecutor({ size: 2 });
          const at: number[] = [];
          for await (const n of pool.map(slowly(20, 3), async (n) => (await nap(5), n), { ordered })) {
            at.push(n, clock.now());
          }
          expect(at).to.deep.equal([0, 25, 1, 45, 2, 65]);
        });
      });

      it('raises the first error where it is reached, cancels the rest and leaves the source', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 3 });
          const trouble = new RangeError('one');
          const job = async (n: number): Promise<number> => {
            try {
              await sleep(10 * (n + 1));
              if (n === 1) throw trouble;
              return n;
            } finally {
              log.push(`${n} ended`);
            }
          };
          const got: number[] = [];
          const reading = async (): Promise<void> => {
            for await (const n of pool.map(naturals(log), job, { ordered })) got.push(n);
          };
          expect(await rejection(reading())).to.equal(trouble);
          expect(got).to.deep.equal([0]);
          await pool.shutdown();
          expect(log).to.include.members(['0 ended', '1 ended', '2 ended', 'left']);
        });
      });

      it('raises the error of a source', async () => {
        await simulate(async () => {
          const pool = new TaskletPoolExecutor({ size: 3 });
          const broken = async function* (): AsyncGenerator<number> {
            yield await Promise.resolve(1);
            throw new RangeError('source');
          };
          const failing = (): never => {
            throw new RangeError('source');
          };
          const bad = { [Symbol.iterator]: () => ({ next: failing }) };
          expect(await rejection(all(pool.map(broken(), nap, { ordered })))).to.be.instanceOf(RangeError);
          expect(await rejection(all(pool.map(bad, nap, { ordered })))).to.be.instanceOf(RangeError);
          await pool.shutdown();
        });
      });

      it('cancels what is in work when it is left', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 3 });
          for await (const n of pool.map(naturals(log), nap, { ordered })) if (n === 1) break;
          expect(log.at(-1)).to.equal('left');
          await schedule();
          expect(pool.active).to.equal(0);
        });
      });

      it('ends when its reader is killed while it waits', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 3 });
          const reader = spawn(() => all(pool.map(naturals(log), () => sleep(1000), { ordered })));
          await sleep(10);
          reader.kill();
          await sleep(10);
          expect([pool.active, log.at(-1)]).to.deep.equal([0, 'left']);
        });
      });

      it('ends when a scope around it has had enough', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 3 });
          const scoped = timeout(50, () => all(pool.map(naturals(log), () => sleep(1000), { ordered })));
          expect(await rejection(scoped)).to.be.instanceOf(TimeoutError);
          await sleep(10);
          expect([pool.active, log.at(-1)]).to.deep.equal([0, 'left']);
        });
      });

      it('[D-12] can be asked again after a timeout, and gives what it would have given', async () => {
        await simulate(async () => {
          const pool = new TaskletPoolExecutor({ size: 2 });
          const flow = pool.map([30, 30], nap, { ordered });
          expect(await rejection(flow.next({ timeout: 10 }))).to.be.instanceOf(TimeoutError);
          expect(await rejection(flow.next({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
          expect([await flow.next(), await flow.next()]).to.deep.equal([
            { value: 30, done: false },
            { value: 30, done: false },
          ]);
          expect(await flow.next({ timeout: 10 })).to.have.property('done', true);
        });
      });

      it('ends for good when a job fails, though the wait had a limit', async () => {
        await simulate(async () => {
          const log: string[] = [];
          const pool = new TaskletPoolExecutor({ size: 2 });
          const flow = pool.map(
            naturals(log),
            async (n) => {
              await sleep(10);
              if (n === 0) throw new RangeError('job');
            },
            { ordered },
          );
          expect(await rejection(flow.next({ timeout: 100 }))).to.be.instanceOf(RangeError);
          expect(await flow.next({ timeout: 100 })).to.have.property('done', true);
          expect(log.at(-1)).to.equal('left');
        });
      });
    });
  }

  it('shares the pool with everybody else', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      let busy = 0;
      let most = 0;
      const job = async (): Promise<void> => {
        most = Math.max(most, ++busy);
        await sleep(10);
        busy--;
      };
      const one = spawn(() => all(pool.map([1, 2, 3, 4], job)));
      const other = spawn(() => all(pool.map([1, 2, 3, 4], job, { concurrency: 4 })));
      await one.join();
      await other.join();
      expect(most).to.equal(2);
    });
  });

  it('lets the jobs of others have their turn between two values', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      const order: string[] = [];
      const work = async (n: number): Promise<void> => {
        order.push(`${n}`);
        await sleep(10);
      };
      const mapping = spawn(() => all(pool.map([1, 2, 3, 4, 5], work, { concurrency: 5 })));
      await sleep(5);
      const other = pool.submit(() => order.push('other'));
      await other.get();
      await mapping.join();
      expect(order).to.deep.equal(['1', 'other', '2', '3', '4', '5']);
    });
  });

  it('works on each value with the locals of whoever maps', async () => {
    await simulate(async () => {
      const user = new Local('nobody');
      user.set('ada');
      const pool = new TaskletPoolExecutor({ size: 2 });
      const work = async (n: number): Promise<string> => {
        const seen = user.get();
        user.set(`${n}`);
        await schedule();
        return `${seen}, ${user.get()}`;
      };
      const flow = pool.map([1, 2, 3, 4], work);
      expect(await all(flow)).to.deep.equal(['ada, 1', 'ada, 2', 'ada, 3', 'ada, 4']);
      expect(user.get()).to.equal('ada');
    });
  });

  it('[INV-59] says so when it is iterated in a job of its own pool, which is full', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      const outer = pool.submit(() => all(pool.map([1, 2], nap)));
      expect(await rejection(outer.get())).to.be.instanceOf(DeadlockError);
      await pool.shutdown();
    });
  });

  it('takes channels, and is a source of pipelines', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const channel = new Channel<number>();
      const sender = spawn(() => channel.sendAll([30, 10, 20]));
      const line = pipeline(pool.map(channel, nap), take(2), collect());
      expect(await line).to.deep.equal([30, 10]);
      sender.kill();
    });
  });

  it('leaves a silent source without waiting for it', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const told: string[] = [];
      const silent = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<IteratorResult<number>>(() => undefined),
          return: async () => {
            told.push('left');
            return { value: undefined, done: true as const };
          },
        }),
      };
      const flow = pool.map(silent, nap);
      expect(await rejection(flow.next({ timeout: 10 }))).to.be.instanceOf(TimeoutError);
      await flow.return();
      expect(told).to.deep.equal(['left']);
    });
  });

  it('gives each result to one of several who ask at once, first come first served', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 3 });
      const flow = pool.map([20, 10, 5], nap);
      const got: string[] = [];
      const readers = ['a', 'b', 'c', 'd'].map((who) =>
        spawn(async () => {
          const { done, value } = await flow.next();
          got.push(done === true ? `${who} end` : `${who} ${value}`);
        }),
      );
      for (const reader of readers) await reader.join();
      expect(got.sort()).to.deep.equal(['a 20', 'b 10', 'c 5', 'd end']);
    });
  });

  describe('as a case of a select', () => {
    it('gives result after result, and then the end', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const flow = pool.map([20, 10, 30], nap);
        const got: unknown[] = [];
        for (;;) {
          const hit = await select({ next: flow.nexting(), late: sleeping(12) }, { order: 'listed' });
          if (hit.case === 'late') got.push('late');
          else if (hit.value.done === true) break;
          else got.push(hit.value.value);
        }
        expect(got).to.deep.equal(['late', 20, 10, 'late', 'late', 30]);
      });
    });

    it('loses no result when another case is done', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 3 });
        const ready = new Channel<number>();
        const flow = pool.map([1, 2, 3, 4, 5, 6], nap, { ordered: false });
        const got: number[] = [];
        spawn(() => ready.sendAll([0, 0, 0]));
        for (let lost = 0; got.length < 6;) {
          const hit = await select({ other: ready.receiving(), next: flow.nexting() }, { order: 'listed' });
          if (hit.case === 'other') expect(++lost).to.be.at.most(3);
          else if (hit.value.done !== true) got.push(hit.value.value);
        }
        expect(got).to.deep.equal([1, 2, 3, 4, 5, 6]);
        expect(await flow.next()).to.have.property('done', true);
      });
    });

    it('raises the error that ends it once, cancels the rest and leaves the source', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const pool = new TaskletPoolExecutor({ size: 2 });
        const flow = pool.map(naturals(log), async (n) => {
          if (n === 0) throw new RangeError('zero');
          await sleep(1000);
        });
        expect(await rejection(select({ next: flow.nexting() }))).to.be.instanceOf(RangeError);
        await schedule();
        await schedule();
        expect([pool.active, log.at(-1)]).to.deep.equal([0, 'left']);
        expect(await select({ next: flow.nexting() })).to.have.nested.property('value.done', true);
      });
    });

    it('has work begun for one who only looks', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        for (const source of [[5, 6], slowly(1, 2)]) {
          const flow = pool.map(source, nap);
          expect(flow.tryNext()).to.equal(undefined);
          const got: number[] = [];
          for (let tries = 0; tries < 10; tries++) {
            await sleep(20);
            const step = flow.tryNext();
            if (step?.done === true) break;
            if (step !== undefined) got.push(step.value);
          }
          expect(got).to.deep.equal(Array.isArray(source) ? [5, 6] : [0, 1]);
          expect(flow.tryNext()).to.have.property('done', true);
          expect(await select({ next: flow.nexting(), default: 0 })).to.have.nested.property(
            'value.done',
            true,
          );
        }
      });
    });
  });

  it('takes nothing of a channel when it is left while the channel is silent', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const channel = new Channel<number>();
      const flow = pool.map(channel, nap);
      expect(await rejection(flow.next({ timeout: 10 }))).to.be.instanceOf(TimeoutError);
      expect(channel.balance).to.equal(-1);
      await flow.return();
      await schedule();
      expect(channel.balance).to.equal(0);
    });
  });

  it('takes results of another map of the same pool, however small that is', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      const inner = pool.map([1, 2, 3], (n) => n * 10);
      expect(await all(pool.map(inner, (n) => n + 1))).to.deep.equal([11, 21, 31]);
    });
  });

  it('begins nothing more when its pool is shut down: the error comes after what was begun', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const pool = new TaskletPoolExecutor({ size: 2 });
      const flow = pool.map(naturals(log), async (n) => (await sleep(10), n));
      const got: number[] = [];
      const reading = spawn(async () => {
        for await (const n of flow) got.push(n);
      });
      await sleep(15);
      await pool.shutdown();
      expect(await rejection(reading.join())).to.have.property('code', 'ERR_STATE');
      expect(got).to.deep.equal([0, 1, 2, 3]);
      expect(log.at(-1)).to.equal('left');
    });
  });

  it('has as many at work as there is room for, also when the source makes one wait', async () => {
    await simulate(async ({ clock }) => {
      const pool = new TaskletPoolExecutor({ size: 4 });
      const channel = new Channel<number>();
      spawn(async () => {
        await channel.sendAll([10, 10, 10, 10, 10, 10, 10, 10]);
        channel.close();
      });
      expect(await all(pool.map(channel, nap))).to.have.length(8);
      expect(clock.now()).to.equal(20);
    });
  });

  it('leaves no tasklet behind when nobody asks any more', async () => {
    await simulate(async ({ scheduler }) => {
      const pool = new TaskletPoolExecutor({ size: 4 });
      const flow = pool.map([1, 2, 3, 4, 5, 6, 7, 8], (n) => n);
      await flow.next();
      await sleep(10);
      expect([pool.active, scheduler.tasklets().length]).to.deep.equal([0, 1]);
      expect((await all(flow)).length).to.equal(7);
    });
  });

  it('works on without a new tasklet as long as its results are taken', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 4 });
      const by = new Set<number>();
      const work = async (n: number): Promise<number> => {
        by.add(current()?.id ?? 0);
        await Promise.resolve();
        return n;
      };
      for (const ordered of [true, false]) {
        by.clear();
        expect(await all(pool.map(Array(100).keys(), work, { ordered }))).to.have.length(100);
        expect(by.size).to.equal(1);
      }
    });
  });

  it('raises in its reader that whoever worked was killed', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const flow = pool.map([1], () => current()?.kill());
      expect(
        await rejection(all(pool.map([1], async () => (current()?.kill(), schedule())))),
      ).to.be.instanceOf(CancelledError);
      expect(await all(flow)).to.deep.equal([undefined]);
    });
  });

  it('refuses wrong options by name', () => {
    const pool = new TaskletPoolExecutor({ size: 2 });
    expect(() => pool.map([], nap, { concurrency: 0 })).to.throw(RangeError, 'concurrency');
    expect(() => pool.map([], nap, { ordered: 'no' as never })).to.throw(TypeError, 'ordered');
    expect(() => pool.map([], nap, { timeout: 5 } as never)).to.throw(TypeError, "'timeout'");
    expect(() => pool.map(5 as never, nap)).to.throw(TypeError, 'values');
    expect(() => pool.map([], 5 as never)).to.throw(TypeError, 'fn');
  });
});
