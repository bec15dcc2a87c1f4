import { expect } from 'chai';
import {
  after,
  ChannelClosedError,
  LifoQueue,
  PriorityQueue,
  Queue,
  schedule,
  select,
  sleep,
  spawn,
  StateError,
  type Tasklet,
  TaskletKilledError,
  TimeoutError,
  type QueueOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

// What all kinds promise. The values put are in the order in which each of them gives what it keeps.
const KINDS: Record<string, (options?: QueueOptions) => Queue<number>> = {
  Queue: (options) => new Queue<number>(options),
  LifoQueue: (options) => new LifoQueue<number>(options),
  PriorityQueue: (options) => new PriorityQueue<number>(undefined, options),
};

for (const [kind, make] of Object.entries(KINDS)) {
  describe(kind, () => {
    it('refuses wrong options', () => {
      for (const maxSize of [0, -1, 1.5, NaN]) {
        expect(() => make({ maxSize }), String(maxSize)).to.throw(RangeError, 'maxSize');
      }
      expect(() => make({ maxSize: '1' as never })).to.throw(TypeError, 'maxSize');
      expect(() => make({ maxsize: 1 } as never)).to.throw(TypeError, "'maxsize'");
      expect(make({ name: 'jobs', maxSize: 2 })).to.include({ name: 'jobs', maxSize: 2 });
      expect(make().maxSize).to.equal(Infinity);
    });

    it('says how much is in it', async () => {
      const queue = make({ maxSize: 2 });
      const told = (): unknown[] => [queue.size, queue.empty, queue.full];
      expect(told()).to.deep.equal([0, true, false]);
      await queue.put(1);
      expect(told()).to.deep.equal([1, false, false]);
      expect(queue.tryPut(2)).to.equal(true);
      expect(told()).to.deep.equal([2, false, true]);
      await queue.get();
      expect(told()).to.deep.equal([1, false, false]);
    });

    it('puts and gets without yielding while there is room, and something', () =>
      simulate(async () => {
        const queue = make({ maxSize: 1 });
        const log: string[] = [];
        spawn(() => log.push('other'));
        await queue.put(1);
        expect(await queue.get()).to.equal(1);
        log.push('through');
        await schedule();
        expect(log).to.deep.equal(['through', 'other']);
      }));

    it('says no at once when it is full, and when it is empty', () => {
      const queue = make({ maxSize: 1 });
      expect(queue.tryGet()).to.equal(undefined);
      expect(queue.tryPut(1)).to.equal(true);
      expect(queue.tryPut(2)).to.equal(false);
      expect(queue.tryGet()).to.deep.equal({ value: 1 });
      expect(queue.tryGet()).to.equal(undefined);
    });

    it('[T-6] [INV-6] serves those who wait to get first come, first served', () =>
      simulate(async () => {
        const queue = make();
        const log: string[] = [];
        for (let i = 0; i < 6; i++) spawn(async () => log.push(`${i}:${await queue.get()}`));
        await schedule();
        for (let value = 0; value < 6; value++) await queue.put(value);
        expect(queue.size, 'kept').to.equal(0);
        await sleep(1);
        expect(log).to.deep.equal(['0:0', '1:1', '2:2', '3:3', '4:4', '5:5']);
      }));

    it('[INV-3] [INV-6] lets those in who wait to put first come, first served, one for each that is got', () =>
      simulate(async () => {
        const queue = make({ maxSize: 1 });
        const log: string[] = [];
        for (let i = 0; i < 4; i++) {
          spawn(async () => {
            await queue.put(i);
            log.push(`put ${i}`);
          });
        }
        await sleep(1);
        expect([queue.size, log]).to.deep.equal([1, ['put 0']]);
        for (let i = 0; i < 4; i++) {
          log.push(`got ${await queue.get()}`);
          await sleep(1);
        }
        expect(log).to.deep.equal(['put 0', 'got 0', 'put 1', 'got 1', 'put 2', 'got 2', 'put 3', 'got 3']);
      }));

    it('[INV-54] neither a putter nor a getter who comes later overtakes one who waits', () =>
      simulate(async () => {
        const queue = make({ maxSize: 1 });
        const getter = spawn(() => queue.get());
        await schedule();
        await queue.put(1);
        expect(queue.tryGet(), 'it is on its way to the getter').to.equal(undefined);
        expect(await getter.join()).to.equal(1);
        await queue.put(2);
        const putter = spawn(() => queue.put(3));
        await schedule();
        expect(await queue.get()).to.equal(2);
        expect(queue.tryPut(4), 'the room was the putter’s').to.equal(false);
        await putter.join();
        expect(queue.clear()).to.deep.equal([3]);
      }));

    it('[D-8] [BM-1] a getter that gave up is not served: its value goes to the next one', () =>
      simulate(async () => {
        const queue = make();
        const killed = spawn(() => queue.get());
        const timed = spawn(() => rejection(queue.get({ timeout: 5 })));
        const live = spawn(() => queue.get());
        await schedule();
        killed.kill();
        expect(await timed.join()).to.be.instanceOf(TimeoutError);
        await queue.put(7);
        expect(await live.join()).to.equal(7);
        expect(queue.size).to.equal(0);
      }));

    it('[D-7] [INV-2] a putter that gave up has put nothing', () =>
      simulate(async () => {
        const queue = make({ maxSize: 1 });
        await queue.put(0);
        const killed = spawn(() => queue.put(1));
        const timed = spawn(() => rejection(queue.put(2, { timeout: 5 })));
        const live = spawn(() => queue.put(3));
        const lost = spawn(() => select({ put: queue.putting(4), late: after(5).receiving() }));
        await schedule();
        killed.kill();
        expect(await timed.join()).to.be.instanceOf(TimeoutError);
        expect((await lost.join()).case).to.equal('late');
        expect([await queue.get(), await queue.get()]).to.deep.equal([0, 3]);
        await live.join();
        expect(queue.tryGet()).to.equal(undefined);
      }));

    it('[INV-28] wrong options and a pending kill put nothing and get nothing', () =>
      simulate(async () => {
        const queue = make();
        expect(await rejection(queue.put(1, { timeout: -1 }))).to.be.instanceOf(RangeError);
        expect(queue.size).to.equal(0);
        await queue.put(2);
        expect(await rejection(queue.get({ timeout: NaN }))).to.be.instanceOf(RangeError);
        const dying: Tasklet = spawn(async () => {
          dying.kill();
          await queue.put(3);
        });
        expect(await rejection(dying.join())).to.be.instanceOf(TaskletKilledError);
        expect(queue.clear()).to.deep.equal([2]);
      }));

    it('[INV-8] takes every value but a promise', async () => {
      const queue = make() as Queue<unknown>;
      const refused = await rejection(queue.put(Promise.resolve(1)));
      expect(refused).to.be.instanceOf(TypeError);
      expect(() => queue.tryPut({ then: () => {} })).to.throw(TypeError);
      expect(() => queue.putting(Promise.resolve(1))).to.throw(TypeError);
      expect(queue.size).to.equal(0);
    });

    it('shows what is next without taking it', async () => {
      const queue = make();
      expect(queue.peek()).to.equal(undefined);
      await queue.put(7);
      expect([queue.peek(), queue.peek(), queue.size]).to.deep.equal([{ value: 7 }, { value: 7 }, 1]);
      expect(await queue.get()).to.equal(7);
    });

    it('shows who waits for what', () =>
      simulate(async () => {
        const queue = make({ name: 'jobs', maxSize: 1 });
        const getter = spawn(() => queue.get());
        await schedule();
        expect(getter.blockedOn).to.equal("get from queue 'jobs'");
        await queue.put(1);
        await queue.put(2);
        const putter = spawn(() => queue.put(3));
        const joiner = spawn(() => queue.join());
        await schedule();
        expect(putter.blockedOn).to.equal("put into queue 'jobs'");
        expect(joiner.blockedOn).to.equal("join queue 'jobs'");
        putter.kill();
        joiner.kill();
        await getter.join();
      }));

    describe('as a case of a select', () => {
      it('puts when there is room, gets when there is something, and never both sides of itself', () =>
        simulate(async () => {
          const queue = make({ maxSize: 1 });
          const once = async (): Promise<string> => {
            const hit = await select({ get: queue.getting(), put: queue.putting(5) });
            return hit.case === 'get' ? `got ${hit.value}` : 'put';
          };
          expect([await once(), await once(), await once()]).to.deep.equal(['put', 'got 5', 'put']);
        }));

      it('waits for room, and has put when it is chosen', () =>
        simulate(async () => {
          const queue = make({ maxSize: 1 });
          await queue.put(1);
          const selecting = spawn(() => select({ put: queue.putting(2), late: after(9).receiving() }));
          await schedule();
          expect(queue.size, 'not yet').to.equal(1);
          expect(await queue.get()).to.equal(1);
          expect(queue.peek()).to.deep.equal({ value: 2 });
          expect((await selecting.join()).case).to.equal('put');
        }));

      it('may be kept, and puts each time it is chosen', () =>
        simulate(async () => {
          const queue = make();
          const putting = queue.putting(5);
          for (let i = 0; i < 3; i++) await select({ putting });
          await queue.put(5);
          expect(queue.clear()).to.deep.equal([5, 5, 5, 5]);
        }));

      it('a ready put that was not chosen has put nothing', () =>
        simulate(async () => {
          const queue = make();
          const other = make();
          await other.put(1);
          await select({ get: other.getting(), put: queue.putting(5) }, { order: 'listed' });
          expect(queue.size).to.equal(0);
        }));

      it('says the end as a value, if asked so', () =>
        simulate(async () => {
          const queue = make();
          queue.close();
          const hit = await select({ job: queue.nexting() });
          expect(hit.value).to.deep.equal({ value: undefined, done: true });
          expect(await rejection(select({ job: queue.getting() }))).to.be.instanceOf(ChannelClosedError);
          const refused = await rejection(select({ put: queue.putting(7) }));
          expect(refused).to.be.instanceOf(ChannelClosedError).with.property('value', 7);
        }));
    });

    describe('when it is closed', () => {
      it('[INV-34] gives what is in it, and what those wanted to put who waited; then it has ended', () =>
        simulate(async () => {
          const queue = make({ maxSize: 2, name: 'jobs' });
          const putters = [1, 2, 3, 4].map((value) => spawn(() => queue.put(value)));
          await schedule();
          queue.close();
          queue.close();
          expect([queue.closing, queue.closed]).to.deep.equal([true, false]);
          const refused = await rejection(queue.put(5));
          expect(refused).to.be.instanceOf(ChannelClosedError).with.property('value', 5);
          expect((refused as Error).message).to.contain("queue 'jobs'");
          expect(() => queue.tryPut(6))
            .to.throw(ChannelClosedError)
            .with.property('value', 6);
          const got: number[] = [];
          for await (const value of queue) got.push(value);
          expect(got.sort()).to.deep.equal([1, 2, 3, 4]);
          for (const putter of putters) await putter.join();
          expect([queue.closing, queue.closed]).to.deep.equal([true, true]);
          expect(await rejection(queue.get())).to.be.instanceOf(ChannelClosedError);
          expect(() => queue.tryGet()).to.throw(ChannelClosedError);
        }));

      it('gives what is in it, and then the error it was closed with, to everybody', () =>
        simulate(async () => {
          const queue = make({ name: 'jobs' });
          const trouble = new Error('the source is gone');
          await queue.put(1);
          queue.close(trouble);
          queue.close();
          const got: number[] = [];
          const reading = async (): Promise<void> => {
            for await (const value of queue) got.push(value);
          };
          expect(await rejection(reading())).to.equal(trouble);
          expect(got).to.deep.equal([1]);
          expect(await rejection(queue.get())).to.equal(trouble);
          expect(() => queue.tryGet()).to.throw(trouble);
          expect(await rejection(queue.put(2))).to.be.instanceOf(ChannelClosedError);
          expect(queue.closed).to.equal(true);
        }));

      it('raises the error it was closed with in those who wait to get', () =>
        simulate(async () => {
          const queue = make();
          const trouble = new Error('the source is gone');
          const getter = rejection(queue.get());
          const reader = rejection(queue.next());
          await schedule();
          queue.close(trouble);
          expect([await getter, await reader]).to.deep.equal([trouble, trouble]);
          const other = make();
          expect(() => other.close('error' as never)).to.throw(TypeError, 'Error');
          expect(other.closing).to.equal(false);
        }));

      it('[INV-33] [D-24] wakes all who wait to get, in order', () =>
        simulate(async () => {
          const queue = make();
          const log: string[] = [];
          for (const name of ['a', 'b']) {
            spawn(async () => {
              expect(await rejection(queue.get())).to.be.instanceOf(ChannelClosedError);
              log.push(name);
            });
          }
          spawn(async () => {
            for await (const _ of queue) log.push('never');
            log.push('c');
          });
          await schedule();
          queue.close();
          await sleep(1);
          expect(log).to.deep.equal(['a', 'b', 'c']);
        }));

      it('can be cleared, so that it ends at once', () =>
        simulate(async () => {
          const queue = make({ maxSize: 1 });
          const putters = [1, 2].map((value) => spawn(() => queue.put(value)));
          await schedule();
          queue.close();
          expect(queue.clear()).to.deep.equal([1, 2]);
          expect(queue.closed).to.equal(true);
          for (const putter of putters) await putter.join();
          await queue.join();
        }));
    });

    it('[INV-36] to leave an iteration takes no value too many, and leaves the queue usable', () =>
      simulate(async () => {
        const queue = make();
        for (const value of [1, 1, 1]) await queue.put(value);
        for await (const value of queue) {
          expect(value).to.equal(1);
          break;
        }
        expect(queue.size).to.equal(2);
        const reader = spawn(async () => {
          for await (const _ of queue);
        });
        await schedule();
        reader.kill();
        expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
        await queue.put(2);
        expect(await queue.get()).to.equal(2);
      }));

    it('join waits until all that was put is reported done', () =>
      simulate(async () => {
        const queue = make({ maxSize: 2 });
        const log: string[] = [];
        await queue.join();
        spawn(async () => {
          for await (const value of queue) {
            await sleep(10);
            log.push(`done ${value}`);
            queue.taskDone();
          }
        });
        await schedule();
        for (const value of [1, 2, 3]) await queue.put(value);
        expect(await rejection(queue.join({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
        await queue.join();
        log.push('joined');
        expect(log)
          .to.have.length(4)
          .and.satisfy((all: string[]) => all.at(-1) === 'joined');
        expect((await select({ done: queue.joining() })).case).to.equal('done');
        queue.close();
      }));

    it('a value handed over at once counts as put, one withdrawn does not', () =>
      simulate(async () => {
        const queue = make({ maxSize: 1, name: 'jobs' });
        const getter = spawn(() => queue.get());
        await schedule();
        await queue.put(1);
        await getter.join();
        await queue.put(2);
        await rejection(queue.put(3, { timeout: 0 }));
        await queue.get();
        queue.taskDone();
        expect(await rejection(queue.join({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
        queue.taskDone();
        await queue.join();
        expect(() => queue.taskDone()).to.throw(StateError, "queue 'jobs': more were reported done");
      }));

    it('to clear what was reported done already does not count it twice', () =>
      simulate(async () => {
        const queue = make();
        queue.tryPut(1);
        queue.taskDone();
        queue.clear();
        queue.tryPut(2);
        expect(await rejection(queue.join({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
        queue.taskDone();
        await queue.join();
      }));

    it('[INV-1] neither loses nor doubles a value, whoever is killed, times out or selects', () =>
      simulate(async () => {
        let seed = 7;
        const draw = (count: number): number => (seed = (seed * 48271) % 2147483647) % count;
        for (let round = 0; round < 100; round++) {
          const queue = make({ maxSize: 1 + draw(3) });
          const put = new Set<number>();
          const got: number[] = [];
          let next = 0;
          const putter = async (): Promise<void> => {
            for (let i = 0; i < 4; i++) {
              const value = next++;
              const way = draw(3);
              if (way === 0 && !queue.tryPut(value)) continue;
              if (way === 1) await queue.put(value);
              if (way === 2) {
                const hit = await select({ put: queue.putting(value), late: after(draw(3)).receiving() });
                if (hit.case === 'late') continue;
              }
              put.add(value);
            }
          };
          const getter = async (): Promise<void> => {
            for (let i = 0; i < 4; i++) {
              const way = draw(3);
              if (way === 0) {
                const had = queue.tryGet();
                if (had !== undefined) got.push(had.value);
              } else if (way === 1) got.push(await queue.get());
              else {
                const hit = await select({ get: queue.getting(), late: after(draw(3)).receiving() });
                if (hit.case === 'get') got.push(hit.value);
              }
            }
          };
          const all = Array.from({ length: 8 }, (_, i) => spawn(i % 2 === 0 ? putter : getter));
          for (const each of all) {
            if (draw(2) === 0) await schedule();
            if (draw(3) === 0) each.kill();
          }
          await sleep(100);
          for (const each of all) each.kill();
          await sleep(1);
          got.push(...queue.clear());
          expect(
            got.sort((a, b) => a - b),
            `round ${round}`,
          ).to.deep.equal([...put].sort((a, b) => a - b));
          expect([queue.size, queue.empty]).to.deep.equal([0, true]);
        }
      })).timeout(10_000);

    it('holds on to nothing that was got', async () => {
      const queue = make();
      await queue.put(7);
      await queue.get();
      const { head } = queue as unknown as { head: { offer: { waiter: { value: unknown } } } };
      expect(head.offer.waiter.value).to.equal(undefined);
    });

    it('works outside tasklets', async () => {
      const queue = make({ maxSize: 1 });
      const gotten = queue.get();
      await queue.put(1);
      await queue.put(2);
      expect([await gotten, await queue.get()]).to.deep.equal([1, 2]);
    });
  });
}

describe('Queue', () => {
  it('gives first what was put first', async () => {
    const queue = new Queue<number>();
    for (let value = 0; value < 100; value++) await queue.put(value);
    for (let value = 0; value < 100; value++) expect(await queue.get()).to.equal(value);
  });

  it('takes undefined, null, NaN and the like', async () => {
    const queue = new Queue<unknown>();
    const values = [undefined, null, NaN, false, '', 0, new Error('kept')];
    for (const value of values) await queue.put(value);
    expect(queue.peek()).to.deep.equal({ value: undefined });
    for (const value of values) expect(queue.tryGet()).to.deep.equal({ value });
  });
});
