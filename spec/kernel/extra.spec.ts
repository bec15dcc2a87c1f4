/** What a tasklet has besides its wait: errors that are still to be raised, guests, a pause. */
import { expect } from 'chai';
import {
  AbandonedError,
  Channel,
  current,
  schedule,
  select,
  sleep,
  spawn,
  Tasklet,
  TaskletExit,
  timeout,
  wait,
} from '../../lib/index.js';
import { extraOf, interrupt, raisePending, recall, refusal, tidy } from '../../lib/kernel/extra.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** What promises are rejected with unheard while `program` runs. */
async function unheard(program: () => Promise<unknown>): Promise<unknown[]> {
  const found: unknown[] = [];
  const hear = (reason: unknown): unknown => found.push(reason);
  const others = process.rawListeners('unhandledRejection') as ((reason: unknown) => void)[];
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', hear);
  try {
    await program();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  }
  return found;
}

/** Ways to have several operations in flight. */
const SEVERAL: readonly (readonly [
  name: string,
  begin: (a: Channel<number>, b: Channel<number>) => Promise<unknown>,
])[] = [
  ['Promise.all', (a, b) => Promise.all([a.receive(), b.receive()])],
  ['Promise.race', (a, b) => Promise.race([a.receive(), b.send(1)])],
  [
    'one begun before the other, and awaited after it',
    async (a, b) => {
      const first = a.receive();
      const second = await b.receive();
      return [await first, second];
    },
  ],
  [
    'two begun at once, and awaited one after the other',
    async (a, b) => {
      const both = [a.receive(), b.receive()] as const;
      return [await both[0], await both[1]];
    },
  ],
  [
    'helpers',
    (a, b) => {
      const helper = async (channel: Channel<number>): Promise<number> => {
        for (;;) await channel.receive();
      };
      return Promise.all([helper(a), helper(b), helper(a)]);
    },
  ],
  ['wait around an operation of ours', (a) => wait(a.receive())],
];

describe('an interruption', () => {
  for (const [name, begin] of SEVERAL) {
    describe(`of ${name}`, () => {
      /** Runs `begin` in a tasklet, interrupts it, and says what it came to. */
      async function interrupted(deed: (victim: Tasklet) => void): Promise<unknown> {
        let outcome: unknown;
        const lost = await unheard(() =>
          simulate(async () => {
            const [a, b] = [new Channel<number>(), new Channel<number>()];
            const victim = new Tasklet(async () => {
              outcome = await rejection(begin(a, b));
              // It was asked once: whatever it does to clean up is not interrupted.
              await schedule();
              await sleep(1);
            }).start();
            await schedule();
            expect(victim.state).to.equal('blocked');
            deed(victim);
            expect([a.balance, b.balance]).to.deep.equal([0, 0]);
            await victim.join();
          }),
        );
        expect(lost).to.deep.equal([]);
        return outcome;
      }

      it('[INV-49] by a kill is raised in all of them, and heard once', async () => {
        expect(await interrupted((victim) => victim.kill())).to.be.instanceOf(TaskletExit);
      });

      it('[INV-49] by an error is raised in all of them, and heard once', async () => {
        const error = new Error('stop');
        expect(await interrupted((victim) => victim.throw(error))).to.equal(error);
      });

      it('[INV-49] by the end of a scope is raised in all of them, and heard once', async () => {
        const lost = await unheard(() =>
          simulate(async () => {
            const [a, b] = [new Channel<number>(), new Channel<number>()];
            const error = await rejection(timeout(10, () => begin(a, b)));
            expect(error).to.have.property('code', 'ERR_TIMEOUT');
            expect([a.balance, b.balance]).to.deep.equal([0, 0]);
            await sleep(100);
          }),
        );
        expect(lost).to.deep.equal([]);
      });

      it('[INV-49] by the end of the tasklet is told to nobody who did not ask', async () => {
        const lost = await unheard(() =>
          simulate(async () => {
            const [a, b] = [new Channel<number>(), new Channel<number>()];
            const failed = new Error('failed');
            const careless = spawn(async () => {
              begin(a, b).catch(() => {});
              await Promise.resolve();
              throw failed;
            });
            expect(await rejection(careless.join())).to.equal(failed);
            expect([a.balance, b.balance]).to.deep.equal([0, 0]);
          }),
        );
        // Of two that were begun one after the other, only the first had been.
        expect(lost.filter((error) => !(error instanceof AbandonedError))).to.deep.equal([]);
      });
    });
  }

  it('of a single operation that nobody awaits is not hushed up', async () => {
    const error = new Error('stop');
    const lost = await unheard(() =>
      simulate(async () => {
        const channel = new Channel<number>();
        let back = (): void => {};
        const careless = spawn(async () => {
          void channel.receive();
          await new Promise<void>((resolve) => (back = resolve));
        });
        await schedule();
        careless.throw(error);
        await schedule();
        back();
        await careless.join();
      }),
    );
    expect(lost).to.deep.equal([error]);
  });

  it('[INV-25] of one that is settled already waits for the next wait, and others in their order', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      const victim = spawn(async () => {
        log.push(`got ${await channel.receive()}`);
        for (let i = 0; i < 4; i++) {
          await schedule().then(
            () => log.push('fine'),
            (error: unknown) => log.push((error as Error).message),
          );
        }
      });
      await schedule();
      channel.trySend(1);
      victim.throw(new Error('one'));
      victim.throw(new Error('two'));
      victim.throw(new Error('three'));
      await victim.join();
    });
    expect(log).to.deep.equal(['got 1', 'one', 'two', 'three', 'fine']);
  });

  for (const [name, operate] of [
    ['send', (channel) => channel.send(1)],
    ['receive', (channel) => channel.receive()],
    ['next', (channel) => channel.next()],
    ['select', (channel) => select({ it: channel.receiving() })],
    ['select with a default', (channel) => select({ it: channel.receiving(), default: 1 })],
    ['schedule', () => schedule()],
    ['sleep', () => sleep(10)],
    ['wait', () => wait(() => 1)],
  ] as readonly (readonly [string, (channel: Channel<number>) => Promise<unknown>])[]) {
    it(`[INV-22] that is still to come is raised instead of ${name}, which has not happened`, async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const error = new Error('to come');
        channel.post(7);
        const victim = new Tasklet(async () => {
          victim.throw(error);
          expect(await rejection(operate(channel))).to.equal(error);
          expect(channel.balance).to.equal(1);
          expect(channel.tryReceive()).to.deep.equal({ value: 7 });
        }).start();
        await victim.join();
      });
    });
  }

  for (const carrier of ['tasklet', 'guest'] as const) {
    it(`of a ${carrier} that yields is raised there, in its place of the ring`, async () => {
      const log: string[] = [];
      await simulate(async () => {
        const silent = new Channel<never>();
        const victim = spawn(async () => {
          // As a guest it is the second operation in flight.
          if (carrier === 'guest') silent.receive().catch(() => {});
          try {
            await schedule();
          } catch (error) {
            log.push((error as Error).name);
          }
        });
        spawn(async () => {
          await schedule();
          log.push('behind it');
        });
        await schedule();
        victim.kill();
        log.push('killed');
        await schedule();
        expect(silent.balance).to.equal(0);
      });
      expect(log).to.have.members(['killed', 'TaskletExit', 'behind it']);
      if (carrier === 'tasklet') expect(log).to.deep.equal(['killed', 'TaskletExit', 'behind it']);
    });
  }

  it('of one that is paused where it yields is raised there', async () => {
    for (const alone of [true, false]) {
      const log: string[] = [];
      await simulate(async () => {
        const victim = spawn(async () => {
          current()!.pause();
          await schedule().catch((error: unknown) => log.push((error as Error).name));
          log.push('after');
        });
        // While everybody else sleeps it is alone in the ring.
        await (alone ? sleep(1) : schedule());
        expect(victim.state).to.equal('paused');
        victim.kill();
        await victim.join();
      });
      expect(log).to.deep.equal(['TaskletExit', 'after']);
    }
  });

  it('[INV-19] of one that has not begun keeps its function from running at all', async () => {
    let ran = false;
    await simulate(async () => {
      const victims = [spawn(() => (ran = true)), spawn(() => (ran = true))];
      victims[0]!.kill();
      victims[1]!.pause();
      victims[1]!.throw(new Error('stop'));
      for (const victim of victims) await rejection(victim.join());
    });
    const first = spawn(() => (ran = true));
    // Outside tasklets its turn has come at once, but its function has not begun.
    first.kill();
    await rejection(first.join());
    expect(ran).to.equal(false);
  });

  it('that is still to come gives all others a turn first', async () => {
    const log: string[] = [];
    await simulate(async () => {
      spawn(() => log.push('other'));
      current()!.throw(new Error('to come'));
      await rejection(new Channel().receive());
      log.push('main');
    });
    expect(log).to.deep.equal(['other', 'main']);
  });

  it('can be recalled until it is raised', async () => {
    await simulate(async () => {
      const { waiter } = current()!;
      const [one, two] = [new Error('one'), new Error('two')];
      interrupt(waiter, one);
      interrupt(waiter, two);
      recall(waiter, one);
      expect(await rejection(schedule())).to.equal(two);
      recall(waiter, two);
      await schedule();
    });
  });
});

describe('the extra', () => {
  it('is there only while there is something in it', async () => {
    await simulate(async () => {
      const me = current()!.waiter;
      const [a, b] = [new Channel<number>(), new Channel<number>()];
      expect(me.extra).to.equal(null);
      const both = Promise.all([a.receive(), b.receive()]);
      expect(me.extra?.guests.size).to.equal(1);
      a.post(1);
      b.post(2);
      await both;
      expect(me.extra).to.equal(null);
      current()!.pause();
      current()!.resume();
      expect(me.extra).to.equal(null);
      current()!.throw(new Error('to come'));
      await rejection(schedule());
      expect(me.extra).to.equal(null);
      extraOf(me);
      tidy(me);
      expect(me.extra).to.equal(null);
      expect(refusal(me)).to.equal(null);
      raisePending(me);
    });
  });

  it('is gone with its tasklet', async () => {
    await simulate(async () => {
      const victim = spawn(async () => {
        try {
          await schedule();
        } finally {
          await schedule();
        }
      });
      await schedule();
      victim.kill();
      await rejection(victim.join());
      expect(victim.waiter.extra).to.equal(null);
    });
  });
});

describe('a pause', () => {
  it('keeps its tasklet from having turns, wherever it is', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<string>();
      const all = {
        fresh: spawn(() => log.push('fresh')),
        yielding: spawn(async () => {
          await schedule();
          log.push('yielding');
        }),
        waiting: spawn(async () => {
          log.push(await channel.receive());
        }),
        sleeping: spawn(async () => {
          await sleep(5);
          log.push('sleeping');
        }),
      };
      all.fresh.pause();
      await schedule();
      for (const tasklet of Object.values(all)) tasklet.pause();
      await sleep(10);
      // It may be met, and its time may come; its place is kept there.
      await channel.send('waiting');
      await sleep(10);
      expect(log).to.deep.equal([]);
      expect(Object.values(all).map(({ state }) => state)).to.deep.equal(Array(4).fill('paused'));
      for (const tasklet of Object.values(all)) tasklet.resume();
      log.push('resumed');
    });
    expect(log).to.deep.equal(['resumed', 'fresh', 'yielding', 'waiting', 'sleeping']);
  });

  it('of who has the turn begins with its next wait, whatever that is', async () => {
    for (const operate of [
      schedule,
      () => new Channel<number>().receive({ timeout: 1 }).catch(() => {}),
      () => select({ default: 1 }),
      () => {
        const channel = new Channel<number>();
        channel.post(1);
        return channel.receive();
      },
    ]) {
      const log: string[] = [];
      await simulate(async () => {
        const self = spawn(async () => {
          current()!.pause();
          log.push('still here');
          await operate();
          log.push('resumed');
        });
        await sleep(10);
        expect(self.state).to.equal('paused');
        expect(log).to.deep.equal(['still here']);
        self.resume();
        await self.join();
      });
    }
  });

  it('of a partner hands nothing over: who came second goes on', async () => {
    for (const preference of ['receiver', 'sender'] as const) {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>({ preference });
        const partner = spawn(async () => {
          await (preference === 'receiver' ? channel.receive() : channel.send(1));
          log.push('partner');
        });
        await schedule();
        partner.pause();
        await (preference === 'receiver' ? channel.send(1) : channel.receive());
        log.push('main');
        await schedule();
        expect(partner.state).to.equal('paused');
        partner.resume();
      });
      expect(log).to.deep.equal(['main', 'partner']);
    }
  });

  it('of one who is met while it has the turn itself is no obstacle', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      const receiver = spawn(() => channel.receive());
      await schedule();
      const sender = spawn(async () => {
        current()!.pause();
        await channel.send(1);
      });
      expect(await receiver.join()).to.equal(1);
      expect(sender.state).to.equal('paused');
      sender.resume();
      await sender.join();
    });
  });

  it('is ended by a kill, and a commit that came before it counts', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      const victims = ['met', 'not met'].map((name) =>
        spawn(async () => {
          try {
            log.push(`${name}: ${await channel.receive()}`);
            await schedule();
          } catch (error) {
            log.push(`${name}: ${(error as Error).name}`);
            throw error;
          }
        }),
      );
      await schedule();
      for (const victim of victims) victim.pause();
      channel.trySend(1);
      for (const victim of victims) victim.kill();
      for (const victim of victims) await rejection(victim.join());
    });
    expect(log).to.deep.equal(['met: 1', 'not met: TaskletExit', 'met: TaskletExit']);
  });

  it('means once, however often it is asked for', async () => {
    await simulate(async () => {
      const tasklet = spawn(() => schedule());
      tasklet.pause();
      tasklet.pause();
      tasklet.resume();
      tasklet.resume();
      tasklet.pause();
      tasklet.resume();
      await tasklet.join();
      tasklet.pause();
      tasklet.resume();
      expect(tasklet.state).to.equal('done');
    });
  });

  it('of who awaits something foreign begins when that comes back', async () => {
    await simulate(async () => {
      let back = (): void => {};
      const log: string[] = [];
      const tasklet = spawn(async () => {
        await new Promise<void>((resolve) => (back = resolve));
        log.push('back');
        await schedule();
        log.push('resumed');
      });
      await schedule();
      tasklet.pause();
      back();
      await sleep(10);
      expect(log).to.deep.equal(['back']);
      tasklet.resume();
      await tasklet.join();
    });
  });
});
