import { expect } from 'chai';
import {
  CancelledError,
  Channel,
  current,
  DeadlockError,
  Local,
  schedule,
  sleep,
  spawn,
  StateError,
  TimeoutError,
} from '../../lib/index.js';
import { Future, TaskletPoolExecutor } from '../../lib/futures/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('TaskletPoolExecutor', () => {
  it('[EV-65] gives the value of a job', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const double = async (n: number): Promise<number> => {
        await sleep(10);
        return 2 * n;
      };
      expect(await pool.submit(double, 21).get()).to.equal(42);
      expect(await pool.submit(() => 'at once').get()).to.equal('at once');
    });
  });

  it('[EV-66] raises the error of a job where somebody asks', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      const trouble = new RangeError('job');
      const fail = (): never => {
        throw trouble;
      };
      expect(await rejection(pool.submit(fail).get())).to.equal(trouble);
      expect(await pool.submit(() => 'goes on').get()).to.equal('goes on');
    });
  });

  it('[EV-70] is shut down at the end of its scope, when all is done', async () => {
    await simulate(async () => {
      const log: string[] = [];
      let left: TaskletPoolExecutor;
      {
        await using pool = new TaskletPoolExecutor({ size: 1 });
        left = pool;
        for (const name of ['a', 'b']) {
          pool.submit(async () => {
            await sleep(10);
            log.push(name);
          });
        }
      }
      expect(log).to.deep.equal(['a', 'b']);
      expect(() => left.submit(() => 1)).to.throw(StateError);
    });
  });

  it('[INV-58] runs no more jobs than its size, first come first served, and loses none', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 3 });
      let busy = 0;
      let most = 0;
      const began: number[] = [];
      const futures = Array.from({ length: 20 }, (_, i) =>
        pool.submit(async () => {
          began.push(i);
          most = Math.max(most, ++busy);
          await sleep((i * 7) % 30);
          busy--;
          if (i % 5 === 0) throw new RangeError(`${i}`);
          return i;
        }),
      );
      for (const future of futures) future.observe();
      expect([pool.active, pool.waiting]).to.deep.equal([3, 17]);
      await pool.shutdown();
      expect(most).to.equal(3);
      expect(began).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
      expect(futures.filter(({ state }) => state === 'done')).to.have.length(16);
      expect(futures.filter(({ state }) => state === 'failed')).to.have.length(4);
    });
  });

  it('makes each job a tasklet of its own, which inherits from who submitted it', async () => {
    await simulate(async ({ scheduler }) => {
      const user = new Local('nobody');
      const pool = new TaskletPoolExecutor({ size: 1 });
      pool.submit(async function slow() {
        user.set('other');
        await sleep(10);
      });
      user.set('ada');
      const job = pool.submit(async function job() {
        await sleep(1);
        return [user.get(), current()?.name];
      });
      user.set('bob');
      await schedule();
      expect(scheduler.dump()).to.include('slow');
      expect(await job.get()).to.deep.equal(['ada', 'job']);
    });
  });

  it('holds nothing when it is idle', async () => {
    await simulate(async ({ scheduler }) => {
      const pool = new TaskletPoolExecutor({ size: 5 });
      await pool.submit(() => sleep(1)).get();
      await schedule();
      expect(scheduler.tasklets()).to.have.length(1);
    });
  });

  describe('when a job is cancelled', () => {
    it('[INV-59] never starts it if it was queued', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        const log: string[] = [];
        const job = (name: string): Future<void> =>
          pool.submit(async () => {
            log.push(name);
            await sleep(10);
          });
        const [, b, c] = [job('a'), job('b'), job('c')];
        expect(b.cancel()).to.equal(true);
        expect(pool.waiting).to.equal(1);
        expect(await rejection(b.get())).to.be.instanceOf(CancelledError);
        await c.get();
        expect(log).to.deep.equal(['a', 'c']);
      });
    });

    it('kills it if it runs, and gives its place away when it has ended', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        const log: string[] = [];
        const job = pool.submit(async () => {
          try {
            await sleep(1000);
          } finally {
            await sleep(10);
            log.push('cleaned up');
          }
        });
        const other = pool.submit(() => log.push('other'));
        await sleep(5);
        expect(job.state).to.equal('running');
        job.cancel();
        expect([job.state, pool.active]).to.deep.equal(['cancelled', 1]);
        await other.get();
        expect(log).to.deep.equal(['cleaned up', 'other']);
      });
    });

    it('aborts its signal', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        let signal: AbortSignal | undefined;
        const job = pool.submit(async () => {
          signal = current()?.signal;
          await sleep(1000);
        });
        await sleep(1);
        job.cancel();
        expect(signal?.aborted).to.equal(true);
      });
    });

    it('cancels its future when it is killed by somebody else, or ends itself', async () => {
      await simulate(async ({ scheduler }) => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const job = pool.submit(async function victim() {
          await sleep(1000);
        });
        await sleep(1);
        scheduler
          .tasklets()
          .find(({ name }) => name === 'victim')
          ?.kill();
        expect(await rejection(job.get())).to.be.instanceOf(CancelledError);
        const suicide = pool.submit(async () => {
          current()?.kill();
          await sleep(1);
        });
        expect(await rejection(suicide.get())).to.be.instanceOf(CancelledError);
        expect(pool.active).to.equal(0);
      });
    });

    it('forgets ten thousand that were queued and cancelled', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        const busy = pool.submit(() => sleep(10));
        const jobs = Array.from({ length: 10_000 }, () => pool.submit(() => 1));
        for (const job of jobs.toReversed()) job.cancel();
        expect(pool.waiting).to.equal(0);
        await busy.get();
      });
    });
  });

  describe('when a job waits for a job of its own pool', () => {
    it('[INV-59] raises DeadlockError when all do, and there is no room', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2, name: 'p' });
        const nested = async (): Promise<string> => pool.submit(() => 'inner').get();
        const outer = [pool.submit(nested), pool.submit(nested)] as const;
        expect(await rejection(outer[1].get())).to.be.instanceOf(DeadlockError);
        // The place of the one that was told is enough for the other one.
        expect(await outer[0].get()).to.equal('inner');
        await pool.shutdown();
      });
    });

    it('names them and what they wait for', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1, name: 'p' });
        const outer = pool.submit(async function nested(): Promise<number> {
          return pool.submit(() => 1).get();
        });
        const error = await rejection(outer.get());
        expect(error).to.have.property('message').include('nested (#').and.include("pool 'p'");
        await pool.shutdown();
      });
    });

    it('waits as long as somebody else may make room', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const outer = pool.submit(async () => pool.submit(() => 'inner').get());
        pool.submit(() => sleep(10));
        expect(await outer.get()).to.equal('inner');
      });
    });

    it('waits when the wait has a limit', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        const outer = pool.submit(async () => pool.submit(() => 'inner').get({ timeout: 10 }));
        expect(await rejection(outer.get())).to.be.instanceOf(TimeoutError);
        await pool.shutdown();
      });
    });

    it('does not count one whose wait is over, though it has not had its turn yet', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const gate = new Channel<void>();
        let queued: Future<string> | undefined;
        const first = pool.submit(async () => {
          queued = pool.submit(() => 'x');
          return queued.get();
        });
        const second = pool.submit(async () => {
          await gate.receive();
          return pool.submit(() => 'y').get();
        });
        await sleep(1);
        // The second one is before the first in the ring when the first one's wait is over.
        gate.trySend(undefined);
        queued?.resolve('early');
        expect([await first.get(), await second.get()]).to.deep.equal(['early', 'y']);
        await pool.shutdown();
      });
    });

    it('takes a future that was settled meanwhile for what it is', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const gate = new Future<void>();
        const first = pool.submit(async () => {
          await gate.get();
          return 'first';
        });
        const second = pool.submit(() => first.get());
        await sleep(1);
        gate.resolve();
        expect(await second.get()).to.equal('first');
      });
    });
  });

  describe('shutdown', () => {
    const start = (pool: TaskletPoolExecutor, log: string[]): Future<void>[] =>
      ['a', 'b', 'c'].map((name) =>
        pool.submit(async () => {
          try {
            await sleep(10);
            log.push(name);
          } finally {
            await schedule();
            log.push(`${name} ended`);
          }
        }),
      );

    it('[INV-59] [D-17] drains: does all work', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const pool = new TaskletPoolExecutor({ size: 1 });
        start(pool, log);
        await pool.shutdown();
        expect(log).to.deep.equal(['a', 'a ended', 'b', 'b ended', 'c', 'c ended']);
      });
    });

    it('[INV-59] finishes: does what was begun and cancels what was not', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const pool = new TaskletPoolExecutor({ size: 1 });
        const futures = start(pool, log);
        await schedule();
        await pool.shutdown({ work: 'finish' });
        expect(log).to.deep.equal(['a', 'a ended']);
        expect(futures.map(({ state }) => state)).to.deep.equal(['done', 'cancelled', 'cancelled']);
      });
    });

    it('[INV-59] aborts: cancels everything, and waits for the end of what was begun', async () => {
      await simulate(async () => {
        const log: string[] = [];
        const pool = new TaskletPoolExecutor({ size: 2 });
        const futures = start(pool, log);
        await schedule();
        await pool.shutdown({ work: 'abort' });
        expect(log).to.have.members(['a ended', 'b ended']);
        expect(futures.map(({ state }) => state)).to.deep.equal(['cancelled', 'cancelled', 'cancelled']);
      });
    });

    for (const work of ['drain', 'finish', 'abort'] as const) {
      it(`[INV-59] can be called from a job (${work})`, async () => {
        await simulate(async () => {
          const pool = new TaskletPoolExecutor({ size: 1 });
          const job = pool.submit(async () => {
            pool.submit(() => sleep(10)).observe();
            await pool.shutdown({ work });
            return pool.waiting;
          });
          expect(await job.get()).to.equal(0);
          await pool.shutdown();
          expect(pool.active).to.equal(0);
        });
      });
    }

    it('[INV-59] can be called from several jobs and from outside at once', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 2 });
        const log: string[] = [];
        const jobs = ['a', 'b'].map((name) =>
          pool.submit(async () => {
            await sleep(1);
            await pool.shutdown();
            log.push(name);
          }),
        );
        await sleep(0);
        await pool.shutdown();
        log.push('outside');
        expect(jobs.map(({ state }) => state)).to.deep.equal(['done', 'done']);
        expect(log.slice(0, 2)).to.have.members(['a', 'b']);
        expect(log[2]).to.equal('outside');
      });
    });

    it('rejects with TimeoutError when work is left, and goes on', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1, name: 'p' });
        const job = pool.submit(() => sleep(100));
        expect(await rejection(pool.shutdown({ timeout: 10 }))).to.be.instanceOf(TimeoutError);
        expect(() => pool.submit(() => 1)).to.throw(StateError, "pool 'p'");
        await pool.shutdown();
        expect(job.state).to.equal('done');
      });
    });

    it('is there when nothing is left', async () => {
      await simulate(async () => {
        const pool = new TaskletPoolExecutor({ size: 1 });
        await pool.shutdown();
        await pool.shutdown({ work: 'abort' });
      });
    });

    it('refuses wrong options by name', async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      expect(await rejection(pool.shutdown({ work: 'stop' as never }))).to.be.instanceOf(TypeError);
      expect(await rejection(pool.shutdown({ wait: true } as never))).to.be.instanceOf(TypeError);
      expect(() => pool.submit(() => 1).cancel()).to.not.throw();
    });
  });

  it('can be used outside tasklets', async () => {
    const pool = new TaskletPoolExecutor({ size: 1 });
    expect(await pool.submit(() => 5).get()).to.equal(5);
    await pool.shutdown();
  });

  it('refuses wrong options by name', () => {
    expect(() => new TaskletPoolExecutor({ size: 0 })).to.throw(RangeError, 'size');
    expect(() => new TaskletPoolExecutor({ size: '1' as never })).to.throw(TypeError, 'size');
    expect(() => new TaskletPoolExecutor({} as never)).to.throw(TypeError, 'size');
    expect(() => new TaskletPoolExecutor({ size: 1, max: 2 } as never)).to.throw(TypeError, "'max'");
    expect(() => new TaskletPoolExecutor({ size: 1 }).submit(5 as never)).to.throw(TypeError, 'fn');
  });

  it('does not wait for jobs when it is spawned from: an unread failure is reported', async () => {
    const trouble = new RangeError('unread');
    const program = simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      spawn(() => {
        pool.submit(() => {
          throw trouble;
        });
      });
      await sleep(10);
    });
    expect(await rejection(program)).to.equal(trouble);
  });
});
