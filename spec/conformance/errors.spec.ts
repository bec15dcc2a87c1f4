/** One suite over every way that an error takes from who throws it to who hears it. */
import { expect } from 'chai';
import { Future, TaskletPoolExecutor } from '../../lib/futures/index.js';
import { after, Channel, run, spawn, TaskGroup, timeout, wait } from '../../lib/index.js';
import { map, pipeline } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const WAYS: Record<string, (error: Error) => Promise<unknown>> = {
  'the join of a tasklet': (error) => spawn(() => Promise.reject(error)).join(),
  'the join of one that threw at once': (error) =>
    spawn(() => {
      throw error;
    }).join(),
  'the join of one at which it was thrown': (error) => {
    const tasklet = spawn(() => after(1).receive());
    tasklet.throw(error);
    return tasklet.join();
  },
  'a run': (error) => run(() => Promise.reject(error)),
  'a group': async (error) => {
    await using group = new TaskGroup();
    group.spawn(() => Promise.reject(error));
  },
  'a channel that it was sent on': (error) => {
    const channel = new Channel<never>();
    channel.sendError(error).catch(() => {});
    return channel.receive();
  },
  'a channel that it closed': (error) => {
    const channel = new Channel<never>();
    channel.close(error);
    return channel.receive();
  },
  'a timeout that was in time': (error) => timeout(10, () => Promise.reject(error)),
  'a foreign promise': (error) => wait(Promise.reject(error)),
  'a future': (error) => {
    const future = new Future<never>();
    future.reject(error);
    return future.get();
  },
  'a pool': async (error) => {
    await using pool = new TaskletPoolExecutor({ size: 1 });
    return await pool.submit(() => Promise.reject(error)).get();
  },
  'a pipeline': (error) =>
    pipeline(
      ['value'],
      map(() => Promise.reject(error)),
      new Channel<never>(),
    ),
};

describe('an error', () => {
  for (const [way, take] of Object.entries(WAYS)) {
    it(`[INV-50] arrives as it was thrown by way of ${way}`, () =>
      simulate(async () => {
        const cause = new Error('why');
        const error = Object.assign(new RangeError('what', { cause }), { code: 'E_WHAT' });
        const { stack } = error;
        expect(await rejection(take(error))).to.equal(error);
        expect([error.cause, error.code, error.message, error.stack]).to.deep.equal([
          cause,
          'E_WHAT',
          'what',
          stack,
        ]);
      }));
  }
});
