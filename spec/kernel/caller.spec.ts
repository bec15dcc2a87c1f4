/** Who carries an operation: the calling tasklet, or a guest. */
import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import {
  AbandonedError,
  Channel,
  current,
  defaultScheduler,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  Tasklet,
} from '../../lib/index.js';
import { caller, here } from '../../lib/kernel/caller.js';
import { GUEST, TASKLET } from '../../lib/kernel/waiter.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('an operation', () => {
  it('is carried by the tasklet that calls it', async () => {
    await simulate(async ({ scheduler }) => {
      const me = current()!.waiter;
      expect(caller()).to.equal(me);
      expect(here()).to.equal(scheduler);
      await new Promise((resolve) => setImmediate(resolve));
      // Without the turn it is still the same.
      expect(caller()).to.equal(me);
      await schedule();
      expect(caller()).to.equal(me);
    });
  });

  it('is carried by a guest of nobody outside tasklets', () => {
    const { kind, owner, scheduler } = caller();
    expect([kind, owner, scheduler]).to.deep.equal([GUEST, null, defaultScheduler]);
    expect(here()).to.equal(defaultScheduler);
  });

  it('is carried by a guest of its tasklet when that has one in flight', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      const waiting = spawn(async () => {
        const me = current()!.waiter;
        expect(me.kind).to.equal(TASKLET);
        const first = channel.receive();
        const second = channel.receive();
        expect([...me.extra!.guests].map(({ kind, owner }) => [kind, owner])).to.deep.equal([[GUEST, me]]);
        return [await first, await second];
      });
      await schedule();
      expect(channel.balance).to.equal(-2);
      await channel.send(1);
      await channel.send(2);
      expect(await waiting.join()).to.deep.equal([1, 2]);
    });
  });
});

describe('a guest', () => {
  it('stands in line like anybody', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      spawn(async () => {
        await Promise.all(['a', 'b'].map(async (name) => log.push(`${name}${await channel.receive()}`)));
      });
      spawn(async () => log.push(`c${await channel.receive()}`));
      await schedule();
      for (let i = 1; i <= 3; i++) await channel.send(i);
    });
    expect(log.toSorted()).to.deep.equal(['a1', 'b2', 'c3']);
  });

  it('holds no turn: it is served, and the turn passes on', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      const waiting = spawn(() => Promise.all([channel.receive(), channel.receive()]));
      await schedule();
      spawn(() => log.push('bystander'));
      await channel.send(1);
      log.push('sent to the tasklet');
      spawn(() => log.push('bystander'));
      // Handed over to the guest, which gives the turn to who is next at once.
      await channel.send(2);
      log.push('sent to the guest');
      await waiting.join();
    });
    expect(log).to.deep.equal(['bystander', 'sent to the tasklet', 'bystander', 'sent to the guest']);
  });

  it('carries every kind of operation', async () => {
    await simulate(async () => {
      const [line, acks] = [new Channel<number>(), new Channel<number>()];
      const busy = spawn(async () => {
        const held = line.receive();
        await schedule();
        await sleep(5);
        await acks.send(1);
        const hit = await select({ ack: acks.sending(2), line: line.receiving() });
        const child = await spawn(() => 7).join();
        return [await held, hit.case, child];
      });
      expect(await acks.receive()).to.equal(1);
      expect(await acks.receive()).to.equal(2);
      await sleep(1);
      await line.send(9);
      expect(await busy.join()).to.deep.equal([9, 'ack', 7]);
    });
  });

  it('gives the turns of a tasklet to none but its own code', async () => {
    await simulate(async () => {
      const line = new Channel<number>();
      const log: string[] = [];
      const split = spawn(async () => {
        const branch = async (name: string): Promise<void> => {
          for (let i = 0; i < 3; i++) {
            expect(current()).to.equal(split);
            log.push(`${name} got ${await line.receive()}`);
          }
        };
        await Promise.all([branch('left'), branch('right')]);
      });
      await schedule();
      for (let i = 0; i < 6; i++) await line.send(i);
      await split.join();
      expect(log.toSorted()).to.have.length(6);
      expect(log.map((line) => line.slice(-1)).toSorted()).to.deep.equal(['0', '1', '2', '3', '4', '5']);
    });
  });

  describe('of a tasklet that ends', () => {
    it('is withdrawn, and whoever holds its promise is told', async () => {
      await simulate(async () => {
        const line = new Channel<number>({ name: 'line' });
        const kept: Promise<unknown>[] = [];
        const careless = spawn(function careless() {
          for (let i = 0; i < 3; i++) kept.push(rejection(line.receive()));
        });
        await careless.join();
        expect(line.balance).to.equal(0);
        for (const error of await Promise.all(kept)) {
          expect(error).to.be.instanceOf(AbandonedError).with.property('code', 'ERR_ABANDONED');
          expect((error as Error).message)
            .to.include("'careless'")
            .and.to.include("'line'");
        }
      });
    });

    it('keeps what was committed before', async () => {
      await simulate(async () => {
        const line = new Channel<number>();
        let kept: Promise<number[]> | undefined;
        const ready = deferred();
        const careless = spawn(async () => {
          kept = Promise.all([line.receive(), line.receive()]);
          await ready.promise;
        });
        await schedule();
        line.trySend(1);
        line.trySend(2);
        ready.resolve();
        await careless.join();
        expect(await kept).to.deep.equal([1, 2]);
      });
    });

    for (const [name, forget] of [
      ['yields', () => schedule()],
      ['was met already', (line) => line.send(1)],
      ['waits', () => new Channel<number>().receive()],
    ] as readonly (readonly [string, (line: Channel<number>) => Promise<unknown>])[]) {
      it(`leaves the ring whole when its own operation ${name}`, async () => {
        const log: string[] = [];
        await simulate(async ({ scheduler }) => {
          const line = new Channel<number>();
          spawn(async () => log.push(`got ${await line.receive()}`));
          await schedule();
          let forgotten: Promise<unknown> | undefined;
          const careless = spawn(() => {
            forgotten = forget(line).catch((error: unknown) => error);
          });
          spawn(async () => {
            await schedule();
            log.push('behind it');
          });
          await careless.join();
          expect(scheduler.tasklets()).not.to.include(careless);
          const outcome = await forgotten;
          expect(outcome === undefined || outcome instanceof AbandonedError).to.equal(true);
          for (let i = 0; i < 3; i++) await schedule();
          if (line.balance < 0) await line.send(1);
        });
        expect(log).to.have.members(['got 1', 'behind it']);
      });
    }

    it('is one of nobody when the code of a dead tasklet goes on', async () => {
      await simulate(async () => {
        const line = new Channel<string>();
        const ready = deferred();
        const dead = spawn(async () => {
          void (async () => {
            await ready.promise;
            expect(current()).to.equal(undefined);
            await line.send('from the dead');
          })();
        });
        await dead.join();
        ready.resolve();
        expect(await line.receive()).to.equal('from the dead');
        expect(dead.waiter.extra).to.equal(null);
      });
    });
  });

  it('[INV-18] of a tasklet that is killed leaves its queue before kill returns', async () => {
    await simulate(async () => {
      const channels = [new Channel<number>(), new Channel<number>(), new Channel<number>()];
      const [a, b, c] = channels as [Channel<number>, Channel<number>, Channel<number>];
      const victim = spawn(() =>
        Promise.all([a.receive(), b.send(1), select({ b: b.receiving(), c: c.receiving() })]),
      );
      await schedule();
      // The select has met the offer already.
      expect(channels.map(({ balance }) => balance)).to.deep.equal([-1, 0, 0]);
      const other = spawn(() => Promise.all([a.send(9), c.receive()]));
      victim.kill();
      expect(channels.map(({ balance }) => balance)).to.deep.equal([0, 0, 0]);
      await schedule();
      expect(channels.map(({ balance }) => balance)).to.deep.equal([1, 0, -1]);
      other.kill();
      expect(channels.map(({ balance }) => balance)).to.deep.equal([0, 0, 0]);
    });
  });

  describe('of code outside tasklets', () => {
    it('may be an event handler, a timer, a microtask', async () => {
      const emitter = new EventEmitter();
      const line = new Channel<string>();
      const words = spawn(async () => {
        const all: string[] = [];
        for await (const word of line) all.push(word);
        return all;
      });
      emitter.on('word', (word: string) => void line.send(word));
      emitter.emit('word', 'event');
      setTimeout(() => void line.send('timer'));
      await new Promise<void>((resolve) => {
        queueMicrotask(() => void line.send('microtask').then(resolve));
      });
      await new Promise((resolve) => setTimeout(resolve, 2));
      line.close();
      expect(await words.join()).to.deep.equal(['event', 'microtask', 'timer']);
    });

    it('is served at once when nobody has the turn, and in its turn when somebody has', async () => {
      const log: string[] = [];
      const line = new Channel<string>();
      line.post('word');
      await line.receive().then(() => log.push('outside'));
      const busy = spawn(async () => {
        log.push('busy');
        await schedule();
        log.push('busy');
      });
      line.post('word');
      await line.receive().then(() => log.push('outside'));
      await busy.join();
      expect(log).to.deep.equal(['outside', 'busy', 'outside', 'busy']);
    });

    it('belongs to the default scheduler, and meets those of others', async () => {
      const line = new Channel<number>();
      const inside = run(() => line.receive(), { scheduler: new Scheduler() });
      await line.send(7);
      expect(await inside).to.equal(7);
    });
  });
});

describe('the current tasklet [INV-45]', () => {
  it('is who it is, whoever wakes it', async () => {
    await simulate(async () => {
      const line = new Channel<number>();
      const workers = Array.from({ length: 5 }, () =>
        spawn(async () => {
          const me = current();
          for (let i = 0; i < 5; i++) {
            await (i % 2 === 0 ? line.receive() : schedule());
            expect(current()).to.equal(me);
          }
        }),
      );
      const sender = spawn(async () => {
        const me = current();
        for (let i = 0; i < 15; i++) {
          await line.send(i);
          expect(current()).to.equal(me);
        }
      });
      for (const tasklet of [...workers, sender]) await tasklet.join();
    });
  });

  it('is nobody outside, also while some live', async () => {
    expect(current()).to.equal(undefined);
    const line = new Channel<number>();
    const inside = spawn(() => line.receive());
    await new Promise((resolve) => setImmediate(resolve));
    expect(current()).to.equal(undefined);
    await line.send(1);
    expect(current()).to.equal(undefined);
    await inside.join();
    expect(current()).to.equal(undefined);
  });

  it('keeps its own async context, not that of who spawned or woke it', async () => {
    const { AsyncLocalStorage } = await import('node:async_hooks');
    const storage = new AsyncLocalStorage<string>();
    await simulate(async () => {
      const line = new Channel<number>();
      const seen: (string | undefined)[] = [];
      const inherits = storage.run('spawner', () =>
        spawn(async () => {
          seen.push(storage.getStore());
          await storage.run('own', async () => {
            await line.receive();
            seen.push(storage.getStore());
          });
          await schedule();
          seen.push(storage.getStore());
        }),
      );
      await schedule();
      await storage.run('waker', () => line.send(1));
      await inherits.join();
      expect(seen).to.deep.equal(['spawner', 'own', 'spawner']);
      expect(storage.getStore()).to.equal(undefined);
    });
  });

  it('of another scheduler is told from its neighbours', async () => {
    const [one, two] = [new Scheduler(), new Scheduler()];
    const line = new Channel<number>();
    const me: (Tasklet | undefined)[] = [];
    await Promise.all([
      run(
        async () => {
          for (let i = 0; i < 10; i++) {
            await line.send(i);
            expect(here()).to.equal(one);
          }
          me.push(current());
        },
        { scheduler: one },
      ),
      run(
        async () => {
          for (let i = 0; i < 10; i++) {
            await line.receive();
            expect(here()).to.equal(two);
          }
          me.push(current());
        },
        { scheduler: two },
      ),
    ]);
    expect(new Set(me)).to.have.property('size', 2);
  });

  it('[INV-43] takes what an ended tasklet has left behind for nobody, on every platform', async () => {
    const scheduler = new Scheduler();
    const left = await run(
      () => ({ later: new Promise<Scheduler>((resolve) => setTimeout(() => resolve(here()), 1)) }),
      { scheduler },
    );
    expect(await left.later).to.equal(defaultScheduler);
  });
});
