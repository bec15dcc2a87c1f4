// Workers load the built package, and so does this spec: the classes would not be the same otherwise.
import { pathToFileURL } from 'node:url';
import { queryObjects } from 'node:v8';
import { MessagePort } from 'node:worker_threads';
import path from 'node:path';
import { expect } from 'chai';
import { CancelledError, StateError, TimeoutError, WorkerLostError } from 'evergreen-tasklets';
import { type Future, waitAll } from 'evergreen-tasklets/futures';
import {
  jobsOf,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
  transfer,
  type WorkerPool,
} from 'evergreen-tasklets/workers';
import { rejection } from '../support/rejection.js';

interface JobModule {
  add(a: number, b: number): number;
  whereAmI(): { main: boolean; pid: number };
  block(ms: number): string;
  spin(): never;
  count(): Promise<number>;
  nap(ms: number): Promise<number>;
  fail(): never;
  failOddly(): Promise<never>;
  throwText(): never;
  exit(code: number): never;
  throwUncaught(): Promise<void>;
  killItself(): Promise<void>;
  giveFunction(): () => number;
  hoard(): never;
  failWithFunction(): never;
  sum(bytes: Uint8Array): number;
  bytes(count: number): Uint8Array;
  obedient(): Promise<void>;
  notAFunction: number;
  notThere(): void;
}

const jobs = jobsOf<JobModule>(pathToFileURL(path.join(__dirname, 'jobs.mjs')));

/** The workers themselves, which nobody is shown. */
function workersOf(pool: WorkerPool): { terminate?(): void }[] {
  const { workers } = (pool as unknown as { pool: { workers: { worker: { terminate?(): void } }[] } }).pool;
  return workers.map(({ worker }) => worker);
}

const kinds = {
  ThreadPoolExecutor: (size: number): WorkerPool => new ThreadPoolExecutor({ size, name: 'p' }),
  ProcessPoolExecutor: (size: number): WorkerPool => new ProcessPoolExecutor({ size, name: 'p' }),
};

for (const [kind, make] of Object.entries(kinds)) {
  describe(kind, () => {
    const isThreads = kind === 'ThreadPoolExecutor';
    let pool: WorkerPool;

    beforeEach(() => {
      pool = make(2);
    });

    afterEach(async () => {
      await pool.shutdown({ work: 'abort' });
    });

    it(`[${isThreads ? 'EV-68' : 'EV-69'}] gives what a function of a module returns, though it blocks`, async () => {
      const blocked = pool.submit(jobs.block, 50);
      let turns = 0;
      while (!blocked.settled) {
        turns++;
        await new Promise(setImmediate);
      }
      expect(await blocked.get()).to.equal('blocked');
      expect(turns).to.be.greaterThan(1);
      expect(await pool.submit(jobs.add, 40, 2).get()).to.equal(42);
    });

    it('[EV-57] runs elsewhere', async () => {
      const { main, pid } = await pool.submit(jobs.whereAmI).get();
      expect([main, pid === process.pid]).to.deep.equal(isThreads ? [false, true] : [true, false]);
    });

    it('runs a function that stands for itself', async () => {
      expect(await pool.submit((a: number, b: number) => a * b, 6, 7).get()).to.equal(42);
      const named = pool.submit(async function later(text: string) {
        await Promise.resolve();
        return text.toUpperCase();
      }, 'yes');
      expect([named.name, await named.get()]).to.deep.equal(['later', 'YES']);
      expect(await rejection(pool.submit(() => isThreads).get())).to.be.instanceOf(ReferenceError);
    });

    it('refuses what cannot be sent', () => {
      expect(() => pool.submit(Math.max, 1, 2)).to.throw(TypeError, 'max');
      expect(() => pool.submit((() => 1).bind(null))).to.throw(TypeError, 'source');
      expect(() => pool.submit('text' as never)).to.throw(TypeError, 'function');
      expect(() => jobs.add(1, 2)).to.throw(TypeError, 'submit');
    });

    it('raises the error of a job with its type, code and cause', async () => {
      const error = await rejection(pool.submit(jobs.fail).get());
      expect(error).to.be.instanceOf(RangeError).and.include({ message: 'job', code: 'E_JOB', cause: 'why' });
      expect(await rejection(pool.submit(jobs.failOddly).get())).to.include({
        name: 'OddError',
        message: 'odd',
      });
      expect(await rejection(pool.submit(jobs.throwText).get())).to.equal('text');
      expect(await rejection(pool.submit(jobs.notThere).get())).to.be.instanceOf(TypeError);
      const gone = jobsOf<JobModule>(pathToFileURL(path.join(__dirname, 'gone.mjs')));
      expect(await rejection(pool.submit(gone.add, 1, 2).get())).to.include({ code: 'ERR_MODULE_NOT_FOUND' });
    });

    it('[INV-73] fails in the sender only when an argument cannot be copied', async () => {
      const before = pool.submit(jobs.nap, 20);
      const uncloneable = pool.submit(
        function echo(fn: unknown) {
          return fn;
        },
        () => 1,
      );
      const error = await rejection(uncloneable.get());
      expect(error).to.be.instanceOf(TypeError);
      expect(error)
        .to.have.property('message')
        .that.matches(/^job 'echo': an argument cannot be sent .* could not be cloned/);
      expect(error).to.have.property('cause').that.is.instanceOf(Error);
      expect(await before.get()).to.equal(20);
      expect(await pool.submit(jobs.add, 1, 1).get()).to.equal(2);
      const lost = await rejection(pool.submit(jobs.giveFunction).get());
      expect(lost).to.be.instanceOf(TypeError);
      expect(lost)
        .to.have.property('message')
        .that.matches(/^job 'giveFunction': its result cannot be sent back: .* could not be cloned/);
      expect(await rejection(pool.submit(jobs.failWithFunction).get())).to.include({
        name: 'RangeError',
        message: 'with a function',
      });
      expect(await pool.submit(jobs.add, 1, 2).get()).to.equal(3);
    });

    if (isThreads) {
      it('moves what is to be moved, there and back', async () => {
        const bytes = new Uint8Array(1000).fill(2);
        const summed = pool.submit(jobs.sum, transfer(bytes, [bytes.buffer]));
        expect(bytes.byteLength).to.equal(0);
        expect(await summed.get()).to.equal(2000);
        expect((await pool.submit(jobs.bytes, 100).get()).byteLength).to.equal(100);
      });

      it('[INV-73] moves nothing when the send fails', async () => {
        const bytes = new Uint8Array(10);
        const sent = pool.submit(
          (a: Uint8Array, _b: unknown) => a.length,
          transfer(bytes, [bytes.buffer]),
          () => 1,
        );
        expect(await rejection(sent.get())).to.have.nested.property('cause.name', 'DataCloneError');
        expect(bytes.byteLength).to.equal(10);
      });
    } else {
      it('copies what is to be moved', async () => {
        const bytes = new Uint8Array(1000).fill(2);
        expect(await pool.submit(jobs.sum, transfer(bytes, [bytes.buffer])).get()).to.equal(2000);
        expect(bytes.byteLength).to.equal(1000);
      });
    }

    describe('when a job is cancelled', () => {
      it('[INV-59] never starts it if it was queued', async () => {
        const busy = [pool.submit(jobs.nap, 50), pool.submit(jobs.nap, 50)];
        const queued = pool.submit(jobs.exit, 1);
        expect(pool.waiting).to.equal(1);
        expect(queued.cancel()).to.equal(true);
        expect(pool.waiting).to.equal(0);
        expect(await rejection(queued.get())).to.be.instanceOf(CancelledError);
        expect(await Promise.all(busy.map((job) => job.get()))).to.deep.equal([50, 50]);
      });

      it('tells it by its signal, and keeps the worker of one that obeys', async () => {
        pool = make(1);
        const { pid } = await pool.submit(jobs.whereAmI).get();
        const job = pool.submit(jobs.obedient);
        await new Promise((resolve) => setTimeout(resolve, 100));
        job.cancel('why');
        expect(await rejection(job.get()))
          .to.be.instanceOf(CancelledError)
          .with.property('cause', 'why');
        expect(await pool.submit(jobs.whereAmI).get()).to.have.property('pid', pid);
        // A second time: the worker listens again.
        const again = pool.submit(jobs.obedient);
        await new Promise((resolve) => setTimeout(resolve, 100));
        again.cancel();
        expect(await pool.submit(jobs.whereAmI).get()).to.have.property('pid', pid);
      });

      it('ends one that does not obey together with its worker', async () => {
        pool = make(1);
        const job = pool.submit(jobs.spin);
        await new Promise((resolve) => setTimeout(resolve, 100));
        job.cancel();
        expect(await rejection(job.get())).to.be.instanceOf(CancelledError);
        expect(await pool.submit(jobs.add, 1, 1).get()).to.equal(2);
      }).timeout(10_000);
    });

    describe('[INV-72] when a worker dies', () => {
      const deaths: Record<string, () => Future<unknown>> = {
        'process.exit': () => pool.submit(jobs.exit, 3),
        'an uncaught error': () => pool.submit(jobs.throwUncaught),
        ...(isThreads
          ? {
              terminate: () => {
                const job = pool.submit(jobs.nap, 60_000);
                workersOf(pool)[0]?.terminate?.();
                return job;
              },
            }
          : { SIGKILL: () => pool.submit(jobs.killItself) }),
      };
      for (const [how, die] of Object.entries(deaths)) {
        it(`fails the job with an error that names it, and goes on (${how})`, async () => {
          await pool.submit(jobs.add, 1, 1).get();
          const dying = die();
          const other = pool.submit(jobs.nap, 100);
          const error = await rejection(dying.get({ timeout: 1000 }));
          expect(error)
            .to.be.instanceOf(WorkerLostError)
            .with.property('message')
            .matches(/^job '\w+': its worker was lost: (exit code \d|SIGKILL|uncaught)/);
          expect(error).to.have.property('cause').that.is.instanceOf(Error);
          expect(await other.get()).to.equal(100);
          for (let i = 0; i < 4; i++) expect(await pool.submit(jobs.add, i, 1).get()).to.equal(i + 1);
        }).timeout(10_000);
      }

      if (!isThreads) {
        it('gives the next job to another one when it dies while it is idle', async () => {
          pool = make(1);
          const { pid } = await pool.submit(jobs.whereAmI).get();
          process.kill(pid, 'SIGKILL');
          await new Promise((resolve) => setTimeout(resolve, 100));
          expect(await pool.submit(jobs.add, 1, 1).get()).to.equal(2);
        }).timeout(10_000);
      }
    });

    it('[INV-71] sends a worker no job before it has ended the one before', async () => {
      const all = Array.from({ length: 20 }, () => pool.submit(jobs.count));
      expect(pool.active).to.equal(2);
      expect(await Promise.all(all.map((job) => job.get()))).to.deep.equal(all.map(() => 1));
    });

    it('maps', async () => {
      const results: number[] = [];
      for await (const ms of pool.map([30, 10, 20], jobs.nap)) results.push(ms);
      expect(results).to.deep.equal([30, 10, 20]);
    });

    it('can be waited for together', async () => {
      const list = [pool.submit(jobs.nap, 5), pool.submit(jobs.add, 1, 2)];
      expect((await waitAll(list)).done).to.deep.equal(list);
    });

    describe('shutdown', () => {
      it('[EV-70] [D-17] does all work first, queued work too', async () => {
        const list = [1, 2, 3, 4, 5].map((ms) => pool.submit(jobs.nap, ms));
        await pool.shutdown();
        expect(list.map(({ state }) => state)).to.deep.equal(['done', 'done', 'done', 'done', 'done']);
        expect(() => pool.submit(jobs.add, 1, 1)).to.throw(StateError, "pool 'p'");
      });

      it('[INV-59] aborts what runs and what is queued', async () => {
        const list = [1, 2, 3].map(() => pool.submit(jobs.nap, 60_000));
        await pool.shutdown({ work: 'abort' });
        expect(list.map(({ state }) => state)).to.deep.equal(['cancelled', 'cancelled', 'cancelled']);
      }).timeout(10_000);

      it('rejects with TimeoutError when work is left, and goes on', async () => {
        const job = pool.submit(jobs.nap, 200);
        expect(await rejection(pool.shutdown({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
        await pool.shutdown();
        expect(job.state).to.equal('done');
      });
    });
  }).timeout(20_000);
}

describe('ThreadPoolExecutor', () => {
  it('has as many threads as can run at a time', async () => {
    await using pool = new ThreadPoolExecutor();
    expect(pool.size).to.be.at.least(1);
  });

  it('refuses wrong options by name', () => {
    expect(() => new ThreadPoolExecutor({ size: 0 })).to.throw(RangeError, 'size');
    expect(() => new ThreadPoolExecutor({ threads: 2 } as never)).to.throw(TypeError, "'threads'");
  });
});

describe('ThreadPoolExecutor', () => {
  it('[INV-72] fails a job that needs more memory than its thread may use, and goes on', async () => {
    await using pool = new ThreadPoolExecutor({ size: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const error = await rejection(pool.submit(jobs.hoard).get());
    expect(error).to.be.instanceOf(WorkerLostError);
    expect(error)
      .to.have.property('message')
      .that.matches(/^job 'hoard': its worker was lost: .*memory/);
    expect(error).to.have.nested.property('cause.code', 'ERR_WORKER_OUT_OF_MEMORY');
    expect(await pool.submit(jobs.add, 1, 1).get()).to.equal(2);
  }).timeout(20_000);

  it('[INV-82] keeps no port of a job that was cancelled, wherever its arguments were', async () => {
    const before = queryObjects(MessagePort);
    const pool = new ThreadPoolExecutor({ size: 1 });
    for (let i = 0; i < 10; i++) {
      const job = pool.submit(jobs.nap, 60_000);
      // One does not get as far as to a worker, another one runs.
      if (i % 2 === 1) await new Promise((resolve) => setTimeout(resolve, 5 * i));
      job.cancel();
      expect(await rejection(job.get())).to.be.instanceOf(CancelledError);
    }
    await pool.shutdown();
    // The last worker may still be ending. A port that is kept is there for ever, and the test never ends.
    while (Number(queryObjects(MessagePort)) > Number(before) + 1) await new Promise(setImmediate);
  }).timeout(20_000);

  it('ends its threads although nobody waits for that any more', async () => {
    const ports = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
    const before = ports();
    const pool = new ThreadPoolExecutor({ size: 1 });
    const job = pool.submit(jobs.nap, 100);
    expect(await rejection(pool.shutdown({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
    await job.get();
    for (let i = 0; i < 400 && ports() > before; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(ports()).to.equal(before);
  }).timeout(20_000);

  it('comes to an end with any number of jobs that cannot be sent', async () => {
    const pool = new ThreadPoolExecutor({ size: 1 });
    const first = pool.submit(jobs.nap, 10);
    const wrong = Array.from({ length: 20_000 }, () => pool.submit(jobs.add, first as never, 1));
    const failures = Promise.all(wrong.map((job) => rejection(job.get())));
    expect(await first.get()).to.equal(10);
    await pool.shutdown();
    for (const failure of await failures) expect(failure).to.be.instanceOf(TypeError);
  }).timeout(20_000);

  it('ends once, however many shut it down', async () => {
    const pool = new ThreadPoolExecutor({ size: 1 });
    const job = pool.submit(jobs.nap, 10);
    await Promise.all([pool.shutdown(), pool.shutdown(), pool.shutdown({ work: 'finish' })]);
    expect(job.state).to.equal('done');
  }).timeout(20_000);

  it('refuses wrong limits by name', () => {
    const make = (resourceLimits: object): (() => unknown) => {
      return () => new ThreadPoolExecutor({ resourceLimits });
    };
    expect(make({ memory: 1 })).to.throw(TypeError, "unknown option 'memory'");
    expect(make({ stackSizeMb: '1' })).to.throw(TypeError, 'stackSizeMb must be a number');
    expect(make({ maxOldGenerationSizeMb: NaN })).to.throw(RangeError, 'maxOldGenerationSizeMb');
    expect(make({ maxOldGenerationSizeMb: 0 })).to.throw(RangeError, 'maxOldGenerationSizeMb');
    expect(() => new ProcessPoolExecutor({ resourceLimits: {} } as never)).to.throw(
      TypeError,
      'resourceLimits',
    );
  });
});
