/** What every lock promises, whatever it is made of. */
import { expect } from 'chai';
import {
  after,
  BoundedSemaphore,
  Channel,
  Condition,
  Lock,
  RLock,
  schedule,
  select,
  Semaphore,
  sleep,
  spawn,
  type Tasklet,
  TaskletExit,
  TimeoutError,
  type Case,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** What all of them can do. */
interface AnyLock {
  acquire(options?: WaitOptions): Promise<Disposable>;
  tryAcquire(): Disposable | undefined;
  acquiring(): Case<Disposable>;
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R>;
}

/** A channel that holds the key while the lock is free: what a lock is at its heart. */
class BareLock implements AnyLock {
  private readonly channel = new Channel<Disposable>({ name: 'bare' });

  constructor() {
    this.put();
  }

  private put(): void {
    let held = true;
    this.channel.post({
      [Symbol.dispose]: () => {
        if (held) this.put();
        held = false;
      },
    });
  }

  acquire(options?: WaitOptions): Promise<Disposable> {
    return this.channel.receive(options);
  }

  tryAcquire(): Disposable | undefined {
    return this.channel.tryReceive()?.value;
  }

  acquiring(): Case<Disposable> {
    return this.channel.receiving();
  }

  async with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    using _ = await this.acquire(options);
    return await fn();
  }
}

const LOCKS: Record<string, () => AnyLock> = {
  'a bare channel': () => new BareLock(),
  Lock: () => new Lock({ name: 'db' }),
  RLock: () => new RLock({ name: 'db' }),
  Semaphore: () => new Semaphore(1, { name: 'db' }),
  BoundedSemaphore: () => new BoundedSemaphore(1, { name: 'db' }),
  'Condition of an RLock': () => new Condition(undefined, { name: 'db' }),
  'Condition of a Lock': () => new Condition(new Lock({ name: 'db' })),
};

for (const [kind, make] of Object.entries(LOCKS)) {
  describe(`every lock · ${kind}`, () => {
    /** Whether somebody else could have it. */
    const free = (lock: AnyLock): Promise<boolean> =>
      spawn(() => {
        using lease = lock.tryAcquire();
        return lease !== undefined;
      }).join();

    it('[INV-53] lets in one at a time, however many there are', () =>
      simulate(async () => {
        const lock = make();
        let inside = 0;
        let entered = 0;
        const all = Array.from({ length: 20 }, (_, i) =>
          spawn(async () => {
            for (let round = 0; round < 5; round++) {
              using _ = await lock.acquire();
              expect(++inside, 'how many are inside').to.equal(1);
              if (i % 3 === 0) await sleep(i % 5);
              else await schedule();
              inside--;
              entered++;
            }
          }),
        );
        for (const each of all) await each.join();
        expect(entered).to.equal(100);
        expect(await free(lock)).to.equal(true);
      }));

    it('[INV-54] [D-6] serves first come, first served', () =>
      simulate(async () => {
        const lock = make();
        const order: number[] = [];
        const first = await lock.acquire();
        for (let i = 0; i < 10; i++) {
          spawn(async () => {
            using _ = await lock.acquire();
            order.push(i);
          });
        }
        await schedule();
        first[Symbol.dispose]();
        await sleep(1);
        expect(order).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }));

    it('[INV-54] [D-9] hands over to who waits: neither a barger nor the releaser takes it from them', () =>
      simulate(async () => {
        const lock = make();
        const lease = await lock.acquire();
        const waiter = spawn(async () => {
          using _ = await lock.acquire();
          await schedule();
        });
        await schedule();
        lease[Symbol.dispose]();
        expect(lock.tryAcquire(), 'a try before the waiter has gone on').to.equal(undefined);
        expect(await rejection(lock.acquire({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
        await waiter.join();
        expect(await free(lock)).to.equal(true);
      }));

    it('[T-8] alternates between two who hold it while they yield', () =>
      simulate(async () => {
        const lock = make();
        const log: string[] = [];
        for (const name of ['a', 'b']) {
          spawn(async () => {
            for (let i = 0; i < 3; i++) {
              using _ = await lock.acquire();
              log.push(name);
              await schedule();
            }
          });
        }
        await sleep(1);
        expect(log.join(' ')).to.equal('a b a b a b');
      }));

    it('does not yield when it is free', () =>
      simulate(async () => {
        const lock = make();
        const log: string[] = [];
        spawn(() => log.push('other'));
        {
          using _ = await lock.acquire();
          log.push('in');
        }
        log.push('out');
        await schedule();
        expect(log).to.deep.equal(['in', 'out', 'other']);
      }));

    it('says no at once while somebody else has it', () =>
      simulate(async () => {
        const lock = make();
        const lease = lock.tryAcquire();
        expect(lease).to.not.equal(undefined);
        expect(await free(lock)).to.equal(false);
        lease?.[Symbol.dispose]();
        expect(await free(lock)).to.equal(true);
      }));

    it('is released once, however often its lease is disposed of', () =>
      simulate(async () => {
        const lock = make();
        const lease = await lock.acquire();
        lease[Symbol.dispose]();
        lease[Symbol.dispose]();
        const taken = await lock.acquire();
        expect(await free(lock), 'held').to.equal(false);
        lease[Symbol.dispose]();
        expect(await free(lock), 'held, and an old lease disposed of').to.equal(false);
        taken[Symbol.dispose]();
        expect(await free(lock)).to.equal(true);
      }));

    it('is released by an error and by a kill, in the scope that holds it', () =>
      simulate(async () => {
        const lock = make();
        const error = new Error('inside');
        const failing = lock.with(() => {
          throw error;
        });
        expect(await rejection(failing)).to.equal(error);
        const holder = spawn(() => lock.with(() => sleep(1000)));
        await schedule();
        expect(await free(lock)).to.equal(false);
        holder.kill();
        await sleep(1);
        expect(await free(lock)).to.equal(true);
      }));

    it('gives back what the function under it returns, and does not call it when the wait was given up', () =>
      simulate(async () => {
        const lock = make();
        expect(await lock.with(() => 7)).to.equal(7);
        expect(await lock.with(async () => Promise.resolve('later'))).to.equal('later');
        const holder = spawn(() => lock.with(() => sleep(10)));
        await schedule();
        let called = false;
        const late = lock.with(() => (called = true), { timeout: 5 });
        expect(await rejection(late)).to.be.instanceOf(TimeoutError);
        await holder.join();
        expect(called).to.equal(false);
        expect(await free(lock)).to.equal(true);
      }));

    it('[INV-52] lets those go who are killed, timed out or aborted while they wait, and serves the rest', () =>
      simulate(async () => {
        const lock = make();
        const order: string[] = [];
        const controller = new AbortController();
        const lease = await lock.acquire();
        const wait = (name: string, options?: WaitOptions) =>
          spawn(async () => {
            try {
              using _ = await lock.acquire(options);
              order.push(name);
            } catch (error) {
              order.push(`${name} not`);
              throw error;
            }
          });
        const killed = wait('killed');
        wait('first');
        const timed = wait('timed', { timeout: 5 });
        const aborted = wait('aborted', { signal: controller.signal });
        wait('second');
        const errors = Promise.all([rejection(timed.join()), rejection(aborted.join())]);
        await schedule();
        killed.kill();
        controller.abort(new Error('no more'));
        const [late, told] = await errors;
        expect(late).to.be.instanceOf(TimeoutError);
        expect(told).to.have.property('message', 'no more');
        lease[Symbol.dispose]();
        await sleep(1);
        expect(order).to.deep.equal(['killed not', 'aborted not', 'timed not', 'first', 'second']);
        expect(await free(lock)).to.equal(true);
      }));

    it('[INV-52] [BM-2] a grant to one who is killed before its turn is released by its own scope', () =>
      simulate(async () => {
        const lock = make();
        const log: string[] = [];
        const lease = await lock.acquire();
        const dying = spawn(async () => {
          using _ = await lock.acquire();
          log.push('granted');
          await schedule();
          log.push('never');
        });
        spawn(async () => {
          using _ = await lock.acquire();
          log.push('next');
        });
        await schedule();
        lease[Symbol.dispose]();
        dying.kill();
        await sleep(1);
        expect(log).to.deep.equal(['granted', 'next']);
        expect(await free(lock)).to.equal(true);
      }));

    it('raises the kill of one who is to be killed already, and takes nothing', () =>
      simulate(async () => {
        const lock = make();
        let caught: unknown;
        const dying: Tasklet = spawn(async () => {
          dying.kill();
          try {
            await lock.acquire();
          } catch (error) {
            caught = error;
            throw error;
          }
        });
        await rejection(dying.join());
        expect(caught).to.be.instanceOf(TaskletExit);
        expect(await free(lock)).to.equal(true);
      }));

    it('[INV-28] [D-12] refuses wrong options, and takes nothing', () =>
      simulate(async () => {
        const lock = make();
        for (const timeout of [-1, NaN]) {
          expect(await rejection(lock.acquire({ timeout }))).to.be.instanceOf(RangeError);
        }
        expect(await rejection(lock.acquire({ patience: 1 } as never))).to.be.instanceOf(TypeError);
        const aborted = AbortSignal.abort(new Error('before'));
        expect(await rejection(lock.acquire({ signal: aborted }))).to.have.property('message', 'before');
        expect(await free(lock)).to.equal(true);
      }));

    it('is a case of a select: taken when it is chosen, untouched when it is not', () =>
      simulate(async () => {
        const lock = make();
        const hit = await select({ lock: lock.acquiring() });
        expect(await free(lock)).to.equal(false);
        const other = spawn(async () => {
          const lost = await select({ lock: lock.acquiring(), late: after(5).receiving() });
          expect(lost.case).to.equal('late');
          const won = await select({ lock: lock.acquiring(), late: after(50).receiving() });
          expect(won.case).to.equal('lock');
          (won.value as Disposable)[Symbol.dispose]();
        });
        await sleep(10);
        hit.value[Symbol.dispose]();
        await other.join();
        expect(await free(lock)).to.equal(true);
        const ready = new Channel<string>();
        ready.post('now');
        await select({ ready: ready.receiving(), lock: lock.acquiring() }, { order: 'listed' });
        expect(await free(lock), 'a ready case that was not chosen').to.equal(true);
      }));

    if (kind === 'a bare channel') return;

    it('shows what is waited for', () =>
      simulate(async () => {
        const lock = make();
        using _ = await lock.acquire();
        const waiter = spawn(() => lock.acquire());
        await schedule();
        expect(waiter.blockedOn).to.match(/^(lock|rlock|semaphore) 'db'$/);
        waiter.kill();
      }));
  });
}
