import { expect } from 'chai';
import { sleep, spawn, TimeoutError } from '../../lib/index.js';
import { asCompleted, Future, TaskletPoolExecutor } from '../../lib/futures/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('asCompleted', () => {
  it('[EV-77] gives all, each when it is settled, with its value', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 10 });
      const jobs = Array.from({ length: 10 }, (_, i) =>
        pool.submit(async () => {
          await sleep((i * 3) % 10);
          return (i * 3) % 10;
        }),
      );
      const values: number[] = [];
      for await (const job of asCompleted(jobs)) {
        expect(jobs).to.include(job);
        values.push(await job.get());
      }
      expect(values).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  it('gives first those that are settled already', async () => {
    await simulate(async () => {
      const [late, early, failed] = [new Future<number>(), new Future<number>(), new Future<number>()];
      early.resolve(1);
      failed.reject(new RangeError());
      spawn(() => late.resolve(2));
      const order: unknown[] = [];
      for await (const each of asCompleted([late, early, failed])) order.push(each);
      expect(order).to.deep.equal([early, failed, late]);
    });
  });

  it('[EV-78] raises TimeoutError when time is up', async () => {
    await simulate(async ({ clock }) => {
      const pool = new TaskletPoolExecutor({ size: 1 });
      const job = pool.submit(() => sleep(100));
      const iteration = asCompleted([job], { timeout: 10 });
      expect(await rejection(iteration.next())).to.be.instanceOf(TimeoutError);
      expect(clock.now()).to.equal(10);
      expect(await iteration.next()).to.have.property('done', true);
      await job.get();
    });
  });

  it('[D-19] heeds its timeout only where the next one is waited for', async () => {
    await simulate(async () => {
      const futures = [new Future<number>(), new Future<number>(), new Future<number>()] as const;
      futures[0].resolve(0);
      const log: string[] = [];
      const iterate = async (): Promise<void> => {
        for await (const each of asCompleted(futures, { timeout: 10 })) {
          await sleep(50);
          log.push(`${await each.get()}`);
          futures[1].resolve(1);
        }
      };
      expect(await rejection(iterate())).to.be.instanceOf(TimeoutError);
      // The second one was there when it was asked for, though time was up.
      expect(log).to.deep.equal(['0', '1']);
      futures[2].resolve(2);
    });
  });

  it('[D-13] sees that one is cancelled', async () => {
    await simulate(async () => {
      const future = new Future<number>();
      spawn(() => future.cancel());
      const order: unknown[] = [];
      for await (const each of asCompleted([future])) order.push(each);
      expect(order).to.deep.equal([future]);
    });
  });

  it('[D-19] gives one that stands twice once', async () => {
    await simulate(async () => {
      const future = new Future<number>();
      future.resolve(1);
      let count = 0;
      for await (const _ of asCompleted([future, future])) count++;
      expect(count).to.equal(1);
    });
  });

  it('watches nothing before the first is asked for, and nothing after it was left', async () => {
    await simulate(async () => {
      const open = new Future<number>();
      const done = new Future<number>();
      done.resolve(1);
      const iteration = asCompleted([open, done]);
      expect(open).to.have.nested.property('end.tasks', null);
      for await (const _ of iteration) break;
      expect(open).to.have.nested.property('end.tasks.size', 0);
    });
  });

  it('ends at once when there is nothing to wait for', async () => {
    for await (const _ of asCompleted([])) expect.fail('there is none');
  });

  it('can be seen in dump(), and be killed', async () => {
    await simulate(async () => {
      const open = new Future<number>();
      const waiting = spawn(() => asCompleted([open]).next());
      await sleep(1);
      expect(waiting.blockedOn).to.equal('the next of 1 futures');
      waiting.kill();
      await sleep(1);
      expect(open).to.have.nested.property('end.tasks.size', 0);
    });
  });

  it('refuses wrong options by name', () => {
    expect(() => asCompleted([], { timeout: -1 })).to.throw(RangeError, 'timeout');
    expect(() => asCompleted([], { count: 1 } as never)).to.throw(TypeError, "'count'");
    expect(() => asCompleted([5] as never)).to.throw(TypeError, 'futures and tasklets, not 5');
  });

  it('answers for the errors of those it gave, and of no others', async () => {
    const trouble = (ms: number): (() => Promise<never>) => {
      return async () => {
        await sleep(ms);
        throw new RangeError(`${ms}`);
      };
    };
    await simulate(async () => {
      for await (const each of asCompleted([spawn(trouble(10))])) expect(each.state).to.equal('failed');
      await sleep(10);
    });
    const left = async (): Promise<void> => {
      for await (const _ of asCompleted([spawn(trouble(10)), spawn(trouble(20))])) break;
      await sleep(100);
    };
    expect(await rejection(simulate(left))).to.have.property('message', '20');
  });
});
