import { expect } from 'chai';
import { sleep, spawn, TimeoutError } from '../../lib/index.js';
import { Future, TaskletPoolExecutor, waitAll } from '../../lib/futures/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('waitAll', () => {
  it('[EV-71] [EV-72] waits for all, whose values can be read afterwards', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const one = pool.submit(() => sleep(10).then(() => 'one'));
      expect(await waitAll([one])).to.deep.equal({ done: [one], pending: [] });
      const two = pool.submit(() => 'two');
      const { done, pending } = await waitAll([two, one]);
      expect([done, pending]).to.deep.equal([[two, one], []]);
      expect([await one.get(), await two.get()]).to.deep.equal(['one', 'two']);
    });
  });

  it('[EV-73] [EV-74] waits for the first: of 101 jobs in a pool of 10 the short one is done', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 10 });
      const short = pool.submit(() => sleep(1));
      const long = Array.from({ length: 100 }, () => pool.submit(() => sleep(1000)));
      const { done, pending } = await waitAll([...long, short], { until: 'first' });
      expect(done).to.deep.equal([short]);
      expect(pending).to.deep.equal(long);
      await pool.shutdown({ work: 'abort' });
      expect(long.every(({ state }) => state === 'cancelled')).to.equal(true);
    });
  });

  it('[EV-75] [EV-76] waits for the first that fails, which raises its error when it is asked', async () => {
    await simulate(async () => {
      const pool = new TaskletPoolExecutor({ size: 4 });
      const trouble = new RangeError('fails');
      const quick = pool.submit(() => 'quick');
      const failing = pool.submit(() => sleep(10).then(() => Promise.reject(trouble)));
      const slow = [pool.submit(() => sleep(100)), pool.submit(() => sleep(100))];
      const { done, pending } = await waitAll([...slow, failing, quick], { until: 'firstError' });
      expect([done, pending]).to.deep.equal([[failing, quick], slow]);
      expect(await rejection(failing.get())).to.equal(trouble);
      await pool.shutdown();
    });
  });

  it('[D-18] sees a failure, and a success, that was there before', async () => {
    await simulate(async () => {
      const open = new Future<number>();
      const failed = new Future<number>();
      failed.reject(new RangeError());
      const done = new Future<number>();
      done.resolve(1);
      expect((await waitAll([open, failed], { until: 'firstError' })).pending).to.deep.equal([open]);
      expect((await waitAll([open, done], { until: 'first' })).done).to.deep.equal([done]);
      expect((await waitAll([done], { until: 'firstError' })).done).to.deep.equal([done]);
    });
  });

  it('[D-13] sees that one is cancelled, before or meanwhile', async () => {
    await simulate(async () => {
      const before = new Future<number>();
      before.cancel();
      const meanwhile = new Future<number>();
      spawn(async () => {
        await sleep(10);
        meanwhile.cancel();
      });
      expect((await waitAll([before, meanwhile])).done).to.deep.equal([before, meanwhile]);
    });
  });

  it('takes tasklets as well, and counts one that stands twice once', async () => {
    await simulate(async () => {
      const tasklet = spawn(() => sleep(10));
      const future = new Future<number>();
      const failing = spawn(() => {
        throw new RangeError('heard');
      });
      spawn(() => future.resolve(1));
      const { done } = await waitAll<Future<number> | typeof tasklet>([tasklet, future, tasklet, failing]);
      expect(done).to.deep.equal([tasklet, future, failing]);
    });
  });

  it('is there at once when there is nothing to wait for', async () => {
    expect(await waitAll([])).to.deep.equal({ done: [], pending: [] });
    expect(await waitAll([], { until: 'first' })).to.deep.equal({ done: [], pending: [] });
  });

  it('[D-12] rejects with TimeoutError, and leaves nothing with those it waited for', async () => {
    await simulate(async () => {
      const future = new Future<number>();
      for (let round = 0; round < 1000; round++) {
        expect(await rejection(waitAll([future], { timeout: round % 2 }))).to.be.instanceOf(TimeoutError);
      }
      expect(future).to.have.nested.property('end.tasks.size', 0);
      expect(await rejection(waitAll([future], { timeout: -1 }))).to.be.instanceOf(RangeError);
      future.resolve(1);
    });
  });

  it('can be seen in dump(), and be killed', async () => {
    await simulate(async () => {
      const waiting = spawn(() => waitAll([new Future(), new Future()]));
      await sleep(1);
      expect(waiting.blockedOn).to.equal('all of 2 futures');
      waiting.kill();
    });
  });

  it('refuses wrong options by name', async () => {
    expect(await rejection(waitAll([], { until: 'last' as never }))).to.be.instanceOf(TypeError);
    expect(await rejection(waitAll([], { count: 1 } as never))).to.be.instanceOf(TypeError);
    const promised = await rejection(waitAll([Promise.resolve()] as never));
    expect(promised)
      .to.be.instanceOf(TypeError)
      .with.property('message')
      .that.includes('futures and tasklets');
  });

  it('answers for no error when it has given up', async () => {
    const trouble = new RangeError('one');
    const late = async (): Promise<void> => {
      const pool = new TaskletPoolExecutor({ size: 2 });
      const failing = pool.submit(async () => {
        await sleep(10);
        throw trouble;
      });
      const list = [failing, pool.submit(() => sleep(100))];
      expect(await rejection(waitAll(list, { timeout: 50 }))).to.be.instanceOf(TimeoutError);
      await sleep(10);
    };
    expect(await rejection(simulate(late))).to.equal(trouble);
  });
});
