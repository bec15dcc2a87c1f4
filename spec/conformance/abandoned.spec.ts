/**
 * Waits that are given up leave nothing behind: no place in a line, no timer, no listener, no memory.
 *
 * As many of each kind as ABANDONED says; a million takes a few minutes:
 * ABANDONED=1000000 npx mocha --grep abandoned
 */
import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import {
  Barrier,
  Channel,
  Condition,
  Event,
  Lock,
  Queue,
  RLock,
  schedule,
  select,
  Semaphore,
  spawn,
  type Case,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const COUNT = Number(process.env['ABANDONED'] ?? 8_000);

/** What one waits for, and never gets. */
interface Silent {
  wait(options?: WaitOptions): Promise<unknown>;
  /** Left out where a wait cannot be a case. */
  selecting?(): Case<unknown>;
  /** Makes it as it was, where a wait given up changes it by design. */
  mend?(): void;
}

const SILENT: Record<string, () => Silent | Promise<Silent>> = {
  'Channel, receiving': () => {
    const channel = new Channel<never>();
    return { wait: (options) => channel.receive(options), selecting: () => channel.receiving() };
  },
  'Channel, sending': () => {
    const channel = new Channel<object>();
    return { wait: (options) => channel.send({}, options), selecting: () => channel.sending({}) };
  },
  Event: () => {
    const event = new Event();
    return { wait: (options) => event.wait(options), selecting: () => event.waiting() };
  },
  Lock: () => {
    const lock = new Lock();
    lock.tryAcquire();
    return { wait: (options) => lock.acquire(options), selecting: () => lock.acquiring() };
  },
  RLock: async () => {
    const lock = new RLock();
    spawn(async () => {
      using _ = await lock.acquire();
      await rejection(new Channel().receive({ timeout: 1e9 }));
    });
    await schedule();
    return { wait: (options) => lock.acquire(options), selecting: () => lock.acquiring() };
  },
  Semaphore: () => {
    const semaphore = new Semaphore(0);
    return { wait: (options) => semaphore.acquire(options), selecting: () => semaphore.acquiring() };
  },
  Condition: () => {
    const condition = new Condition();
    return { wait: (options) => condition.with(() => condition.wait(options)) };
  },
  Barrier: () => {
    const barrier = new Barrier(3);
    return { wait: (options) => barrier.wait(options), mend: () => barrier.reset() };
  },
  'Queue, getting': () => {
    const queue = new Queue<object>();
    return { wait: (options) => queue.get(options), selecting: () => queue.getting() };
  },
  'Queue, putting': () => {
    const queue = new Queue<object>({ maxSize: 1 });
    queue.tryPut({});
    return { wait: (options) => queue.put({}, options), selecting: () => queue.putting({}) };
  },
  'Queue, joining': () => {
    const queue = new Queue<object>();
    queue.tryPut({});
    return { wait: (options) => queue.join(options), selecting: () => queue.joining() };
  },
};

/** Bytes that are in use, when everything that is not has been collected. */
function weigh(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

describe('abandoned waits', () => {
  for (const [kind, make] of Object.entries(SILENT)) {
    it(`leave nothing on a ${kind}`, () =>
      simulate(async ({ scheduler, clock }) => {
        const thing = await make();
        const others = scheduler.tasklets().length;
        const timer = clock.next;
        const { signal } = new AbortController();
        const silent = new Channel<never>();
        const abandon = async (count: number): Promise<void> => {
          for (let i = 0; i < count / 4; i++) {
            await rejection(thing.wait({ timeout: 0 }));
            thing.mend?.();
            const controller = new AbortController();
            const aborted = spawn(() => rejection(thing.wait({ timeout: 5, signal: controller.signal })));
            const killed = spawn(() => thing.wait({ signal }));
            await schedule();
            controller.abort();
            killed.kill();
            await aborted.join();
            thing.mend?.();
            const quiet = thing.selecting?.() ?? silent.receiving();
            await rejection(select({ quiet, never: new Channel().receiving() }, { timeout: 0 }));
          }
        };
        await abandon(COUNT / 10);
        const before = weigh();
        await abandon(COUNT);
        await schedule();
        const grown = weigh() - before;
        expect(scheduler.tasklets().length, 'tasklets').to.equal(others);
        expect(clock.next, 'timers').to.equal(timer);
        expect(getEventListeners(signal, 'abort'), 'listeners').to.deep.equal([]);
        expect(grown, 'bytes').to.be.below(1_000_000);
        for (const tasklet of scheduler.tasklets()) if (tasklet.name !== 'main') tasklet.kill();
      })).timeout(20_000 + COUNT);
  }
});
