import { expect } from 'chai';
import {
  AbandonedError,
  Channel,
  ChannelClosedError,
  schedule,
  select,
  sleep,
  spawn,
  type Preference,
} from '../../lib/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const PREFERENCES: readonly Preference[] = ['receiver', 'sender', 'neither'];

describe('Channel', () => {
  describe('when made', () => {
    it('has the name it was given, else one of its own', () => {
      const names = [new Channel().name, new Channel({}).name, new Channel({ name: 'jobs' }).name];
      expect(names[2]).to.equal('jobs');
      expect(new Set(names)).to.have.property('size', 3);
    });

    it('is open, empty, and prefers the receiver', () => {
      const { balance, closing, closed, preference } = new Channel();
      expect({ balance, closing, closed, preference }).to.deep.equal({
        balance: 0,
        closing: false,
        closed: false,
        preference: 'receiver',
      });
    });

    it('refuses wrong and unknown options by name', () => {
      expect(() => new Channel({ name: 7 as never })).to.throw(TypeError, 'name');
      expect(() => new Channel({ preference: 'both' as never })).to.throw(TypeError, 'preference');
      expect(() => new Channel({ size: 3 } as never)).to.throw(TypeError, "'size'");
      expect(() => new Channel(null as never)).to.throw(TypeError, 'object');
      const channel = new Channel();
      expect(() => (channel.preference = -1 as never)).to.throw(TypeError, 'preference');
      expect(channel.preference).to.equal('receiver');
    });

    it('[BM-15] takes options from nobody but the object itself', () => {
      const inherited = Object.create({ preference: 'sender', nonsense: 1 }) as object;
      expect(new Channel(inherited).preference).to.equal('receiver');
      expect(() => new Channel({ constructor: 1 } as never)).to.throw(TypeError, "'constructor'");
      expect(() => new Channel(JSON.parse('{ "__proto__": 1 }') as never)).to.throw(TypeError, "'__proto__'");
      for (const name of ['toString', '__proto__', 'constructor']) {
        expect(() => new Channel({ preference: name as never })).to.throw(TypeError, 'preference');
      }
    });
  });

  describe('when two meet', () => {
    it('[INV-1] gives every value to one receiver, none twice', async () => {
      const taken: string[] = [];
      await simulate(() => {
        const channel = new Channel<string>();
        for (const name of ['a', 'b', 'c']) {
          spawn(async () => {
            for (let i = 0; i < 4; i++) await channel.send(`${name}${i}`);
          });
          spawn(async () => {
            for (let i = 0; i < 4; i++) taken.push(await channel.receive());
          });
        }
      });
      expect(taken.toSorted()).to.deep.equal(
        ['a', 'b', 'c'].flatMap((n) => [0, 1, 2, 3].map((i) => `${n}${i}`)),
      );
    });

    for (const preference of PREFERENCES) {
      it(`[INV-3] ends a send only when its value was taken, preferring ${preference}`, async () => {
        const log: string[] = [];
        await simulate(async () => {
          const channel = new Channel<number>({ preference });
          spawn(async () => {
            for (let i = 1; i <= 3; i++) {
              await channel.send(i);
              log.push(`sent ${i}`);
            }
          });
          await schedule();
          for (let i = 1; i <= 3; i++) {
            expect(log.filter((line) => line.startsWith('sent'))).to.have.length.below(i);
            await channel.receive();
            await schedule();
          }
        });
        expect(log).to.deep.equal(['sent 1', 'sent 2', 'sent 3']);
      });

      it(`[INV-7] keeps the order of one sender, preferring ${preference}`, async () => {
        const values = Array.from({ length: 200 }, (_, i) => i);
        const taken = await simulate(async () => {
          const [one, two] = [new Channel<number>({ preference }), new Channel<number>({ preference })];
          spawn(async () => {
            for (const value of values) await one.send(value);
            one.close();
          });
          spawn(async () => {
            for await (const value of one) await two.send(value);
            two.close();
          });
          const all: number[] = [];
          for await (const value of two) all.push(value);
          return all;
        });
        expect(taken).to.deep.equal(values);
      });
    }

    for (const position of [0, 4, 9]) {
      it(`[INV-6] serves ten receivers in order, the one at ${position} killed`, async () => {
        const log: string[] = [];
        await simulate(async () => {
          const channel = new Channel<number>();
          const waiting = Array.from({ length: 10 }, (_, i) =>
            spawn(async () => log.push(`${i} got ${await channel.receive()}`)),
          );
          await schedule();
          waiting[position]!.kill();
          for (let value = 0; value < 9; value++) await channel.send(value);
        });
        const left = Array.from({ length: 10 }, (_, i) => i).filter((i) => i !== position);
        expect(log).to.deep.equal(left.map((who, value) => `${who} got ${value}`));
      });

      it(`[INV-6] serves ten senders in order, the one at ${position} killed`, async () => {
        const taken = await simulate(async () => {
          const channel = new Channel<number>();
          const waiting = Array.from({ length: 10 }, (_, i) => spawn(() => channel.send(i)));
          await schedule();
          waiting[position]!.kill();
          const all: number[] = [];
          for (let i = 0; i < 9; i++) all.push(await channel.receive());
          return all;
        });
        expect(taken).to.deep.equal(Array.from({ length: 10 }, (_, i) => i).filter((i) => i !== position));
      });
    }

    it('[INV-6] puts who comes back behind those who wait', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        for (const name of ['a', 'b']) {
          spawn(async () => {
            for (let i = 0; i < 2; i++) log.push(`${name}${await channel.receive()}`);
          });
        }
        await schedule();
        for (let i = 0; i < 4; i++) await channel.send(i);
      });
      expect(log).to.deep.equal(['a0', 'b1', 'a2', 'b3']);
    });

    it('never lets two that could pair wait at once [INV-4] [INV-38]', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const look = (): void => {
          expect(Math.min(channel.senders.size, channel.receivers.size)).to.equal(0);
        };
        for (let i = 0; i < 5; i++) {
          spawn(async () => {
            for (let turn = 0; turn < 5; turn++) {
              look();
              await ((i + turn) % 2 === 0 ? channel.send(turn) : channel.receive());
            }
          });
        }
        for (let turn = 0; turn < 30; turn++) {
          look();
          await schedule();
        }
        channel.close();
        while (channel.balance > 0) await channel.receive();
      }).catch((error: unknown) => {
        // One of the five is left over and told that the channel was closed.
        expect(error).to.be.instanceOf(ChannelClosedError);
      });
    });
  });

  describe('who runs next', () => {
    /** The order in which a sender, a receiver and a bystander behind them go on. */
    async function order(preference: Preference, first: 'send' | 'receive'): Promise<string> {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>({ preference });
        const send = async (): Promise<void> => {
          await channel.send(1);
          log.push('sender');
        };
        const receive = async (): Promise<void> => {
          await channel.receive();
          log.push('receiver');
        };
        spawn(first === 'send' ? send : receive);
        await schedule();
        spawn(() => log.push('bystander'));
        await (first === 'send' ? receive() : send());
      });
      return log.join(' ');
    }

    for (const [preference, onSend, onReceive] of [
      ['receiver', 'receiver bystander sender', 'receiver bystander sender'],
      ['sender', 'sender bystander receiver', 'sender bystander receiver'],
      ['neither', 'sender bystander receiver', 'receiver bystander sender'],
    ] as const) {
      it(`is right for a send to a waiting receiver, preferring ${preference}`, async () => {
        expect(await order(preference, 'receive')).to.equal(onSend);
      });
      it(`is right for a receive from a waiting sender, preferring ${preference}`, async () => {
        expect(await order(preference, 'send')).to.equal(onReceive);
      });
    }

    it('is the successor of one who has to wait', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        for (const name of ['a', 'b']) spawn(() => log.push(name));
        spawn(() => channel.send(1));
        await channel.receive();
        log.push('main');
      });
      expect(log).to.deep.equal(['a', 'b', 'main']);
    });

    it('follows a preference that was changed on the way', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          for (let i = 0; i < 2; i++) log.push(`got ${await channel.receive()}`);
        });
        await schedule();
        await channel.send(1);
        log.push('sent 1');
        channel.preference = 'neither';
        await channel.send(2);
        log.push('sent 2');
      });
      expect(log).to.deep.equal(['got 1', 'sent 1', 'sent 2', 'got 2']);
    });

    it('is the same for an error as for a value', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          await rejection(channel.receive());
          log.push('receiver');
        });
        await schedule();
        await channel.sendError(new Error('bad'));
        log.push('sender');
      });
      expect(log).to.deep.equal(['receiver', 'sender']);
    });
  });

  describe('what it carries', () => {
    const touched: string[] = [];
    const proxy = new Proxy(
      {},
      {
        get: (_, key) => touched.push(String(key)),
        has: (_, key) => touched.push(String(key)) > 0,
        ownKeys: () => (touched.push('keys'), []),
      },
    );
    const values: readonly unknown[] = [
      undefined,
      null,
      NaN,
      -0,
      0,
      '',
      false,
      true,
      7n,
      Symbol('s'),
      () => 1,
      Date,
      [],
      Object.freeze({}),
      Object.create(null),
      new Error('a value like any other'),
      new Map(),
      new Date(0),
      new Channel(),
      { then: 'no function' },
      { then: undefined },
      { value: 1, done: true },
      proxy,
    ];

    it('[INV-8] arrives as it is, whichever way it goes', async () => {
      const ways: readonly ((channel: Channel<unknown>) => Promise<unknown>)[] = [
        (channel) => channel.receive(),
        async (channel) => (await channel.next()).value,
        async (channel) => (await select({ it: channel.receiving() })).value,
        async (channel) => {
          while (channel.balance === 0) await schedule();
          return channel.tryReceive()!.value;
        },
      ];
      await simulate(async () => {
        for (const receive of ways) {
          for (const value of values) {
            const channel = new Channel<unknown>();
            // Sent to one who waits, and to one who comes.
            const waiting = spawn(async () => [await receive(channel)]);
            await schedule();
            await channel.send(value);
            expect(Object.is((await waiting.join())[0], value)).to.equal(true);
            const sending = spawn(() => channel.send(value));
            const received = [await receive(channel)];
            expect(Object.is(received[0], value)).to.equal(true);
            await sending.join();
          }
        }
      });
    });

    it('[INV-8] is not looked into, but for one look at `then`', () => {
      touched.length = 0;
      const channel = new Channel<unknown>();
      channel.post(proxy);
      expect(channel.tryReceive()?.value).to.equal(proxy);
      expect(touched).to.deep.equal(['then']);
    });

    it('[INV-8] is no promise and no other thenable, however it is offered', async () => {
      const channel = new Channel<unknown>({ name: 'line' });
      const hostile = {
        get then(): never {
          throw new Error('do not look');
        },
      };
      const callable = Object.assign(() => {}, { then() {} });
      for (const thenable of [Promise.resolve(1), { then() {} }, callable, hostile]) {
        expect(await rejection(channel.send(thenable))).to.be.instanceOf(TypeError);
        expect(() => channel.trySend(thenable)).to.throw(TypeError, 'line');
        expect(() => channel.post(thenable)).to.throw(TypeError);
        expect(() => channel.sending(thenable)).to.throw(TypeError);
        expect(channel.balance).to.equal(0);
      }
    });

    it('is a tasklet as well, and nobody waits for that', async () => {
      await simulate(async () => {
        const channel = new Channel<unknown>();
        const sleeper = spawn(() => sleep(1000));
        spawn(() => channel.send(sleeper));
        expect(await channel.receive()).to.equal(sleeper);
        expect(sleeper.alive).to.equal(true);
        sleeper.kill();
      });
    });

    it('[INV-82] is not held once it was delivered', async () => {
      await simulate(async ({ clock }) => {
        const channel = new Channel<object>();
        const seen: WeakRef<object>[] = [];
        const keeper = spawn(async () => {
          for (let i = 0; i < 2; i++) seen.push(new WeakRef(await channel.receive()));
          await new Channel().receive();
        });
        await schedule();
        await channel.send({});
        spawn(() => channel.send({}));
        await sleep(1);
        await collectGarbage();
        expect(seen.map((ref) => ref.deref())).to.deep.equal([undefined, undefined]);
        expect(clock.now()).to.equal(1);
        keeper.kill();
      });
    });
  });

  describe('sendError', () => {
    it('[INV-9] is raised in one receiver, the very object, and the channel goes on', async () => {
      const error = Object.freeze(new RangeError('bad'));
      await simulate(async () => {
        const channel = new Channel<number>();
        const [one, two] = [spawn(() => rejection(channel.receive())), spawn(() => channel.receive())];
        await schedule();
        await channel.sendError(error);
        await channel.send(2);
        expect(await one.join()).to.equal(error);
        expect(await two.join()).to.equal(2);
      });
    });

    it('waits for a receiver, in line with the values', async () => {
      const error = new Error('second');
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(() => channel.send(1));
        spawn(() => channel.sendError(error));
        spawn(() => channel.send(3));
        await schedule();
        expect(channel.balance).to.equal(3);
        expect(await channel.receive()).to.equal(1);
        expect(await rejection(channel.next())).to.equal(error);
        expect(await channel.next()).to.deep.equal({ value: 3, done: false });
      });
    });

    it('takes nothing but an Error', async () => {
      const channel = new Channel();
      for (const wrong of ['text', undefined, { message: 'like an error' }]) {
        expect(await rejection(channel.sendError(wrong as never))).to.be.instanceOf(TypeError);
      }
    });
  });

  describe('balance [INV-5]', () => {
    it('counts who waits, and nobody else', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const log: number[] = [];
        const look = async (): Promise<void> => {
          await schedule();
          log.push(channel.balance);
        };
        const receivers = [spawn(() => channel.receive()), spawn(() => channel.next())];
        await look();
        receivers[0]!.kill();
        log.push(channel.balance);
        await channel.send(1);
        log.push(channel.balance);
        const sender = spawn(() => channel.send(2));
        spawn(() => rejection(channel.send(3, { timeout: 5 })));
        await look();
        channel.post(4);
        log.push(channel.balance);
        sender.kill();
        log.push(channel.balance);
        await sleep(5);
        log.push(channel.balance);
        log.push(channel.tryReceive()!.value, channel.balance);
        expect(log).to.deep.equal([-2, -1, 0, 2, 3, 2, 1, 4, 0]);
      });
    });

    it('counts the arms of a select while it waits', async () => {
      await simulate(async () => {
        const [one, two] = [new Channel<number>(), new Channel<number>()];
        const balances = (): number[] => [one.balance, two.balance];
        spawn(() => select({ a: one.receiving(), b: two.sending(1), c: one.receiving() }));
        await schedule();
        expect(balances()).to.deep.equal([-2, 1]);
        expect(one.trySend(5)).to.equal(true);
        expect(balances()).to.deep.equal([0, 0]);
      });
    });

    it('is zero after a close', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        for (let i = 0; i < 3; i++) spawn(() => rejection(channel.receive()));
        await schedule();
        channel.close();
        expect(channel.balance).to.equal(0);
      });
    });
  });

  describe('trySend and tryReceive [INV-10]', () => {
    it('do it now if somebody waits, and keep the turn', async () => {
      const log: unknown[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => log.push(await channel.receive()));
        await schedule();
        log.push(channel.trySend(1));
        await schedule();
        spawn(async () => {
          await channel.send(2);
          log.push('sent');
        });
        await schedule();
        log.push(channel.tryReceive());
      });
      expect(log).to.deep.equal([true, 1, { value: 2 }, 'sent']);
    });

    it('say no otherwise, and leave no trace', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        expect(channel.trySend(1)).to.equal(false);
        expect(channel.tryReceive()).to.equal(undefined);
        expect(channel.balance).to.equal(0);
        const sender = spawn(() => channel.send(2));
        await schedule();
        // Those who wait on the same side are no partners.
        expect(channel.trySend(1)).to.equal(false);
        expect(channel.balance).to.equal(1);
        sender.kill();
      });
    });

    it('serve the first of those who wait', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        for (const name of ['a', 'b']) spawn(async () => log.push(`${name}${await channel.receive()}`));
        await schedule();
        channel.trySend(1);
        channel.trySend(2);
        expect(channel.trySend(3)).to.equal(false);
      });
      expect(log).to.deep.equal(['a1', 'b2']);
    });

    it('tell an undefined that was received from nothing received', () => {
      const channel = new Channel<undefined>();
      channel.post(undefined);
      expect(channel.tryReceive()).to.deep.equal({ value: undefined });
      expect(channel.tryReceive()).to.equal(undefined);
    });

    it('raise what was sent as an error, and the sender goes on', async () => {
      await simulate(async () => {
        const channel = new Channel();
        const error = new Error('bad');
        const sender = spawn(() => channel.sendError(error));
        await schedule();
        expect(() => channel.tryReceive()).to.throw(error);
        await sender.join();
      });
    });

    it('raise when the channel has ended', () => {
      const channel = new Channel<number>();
      channel.post(1);
      channel.close();
      expect(() => channel.trySend(2))
        .to.throw(ChannelClosedError)
        .with.property('value', 2);
      expect(channel.tryReceive()).to.deep.equal({ value: 1 });
      expect(() => channel.tryReceive()).to.throw(ChannelClosedError);
    });
  });

  describe('post', () => {
    it('queues a value in line with the senders, and says when it was taken', async () => {
      const log: unknown[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(() => channel.send(1));
        await schedule();
        channel.post(2, () => log.push('taken 2'));
        spawn(() => channel.send(3));
        await schedule();
        for (let i = 0; i < 3; i++) {
          log.push(await channel.receive());
          await schedule();
        }
      });
      // In a microtask of its own, which comes before the receiver's.
      expect(log).to.deep.equal([1, 'taken 2', 2, 3]);
    });

    it('wakes a waiting receiver, and calls no code of the user on the way', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => log.push(`got ${await channel.receive()}`));
        await schedule();
        channel.post(1, () => log.push('taken'));
        log.push('posted');
        await schedule();
      });
      expect(log).to.deep.equal(['posted', 'taken', 'got 1']);
    });

    it('keeps its word with preference sender, where nobody is to run next', async () => {
      await simulate(async () => {
        const channel = new Channel<number>({ preference: 'sender' });
        let taken = 0;
        channel.post(1, () => taken++);
        expect(await channel.receive()).to.equal(1);
        await schedule();
        expect(taken).to.equal(1);
      });
    });

    it('posts an error as well', async () => {
      const channel = new Channel();
      const error = new Error('bad');
      channel.postError(error);
      expect(await rejection(channel.receive())).to.equal(error);
    });

    it('is refused when the channel is closing', () => {
      const channel = new Channel<number>();
      channel.close();
      expect(() => channel.post(1)).to.throw(ChannelClosedError);
      expect(() => channel.postError(new Error('bad'))).to.throw(ChannelClosedError);
    });

    it('may be called by a timer or any other code', async () => {
      const channel = new Channel<string>();
      const receiver = spawn(() => channel.receive());
      setTimeout(() => channel.post('tick'));
      expect(await receiver.join()).to.equal('tick');
    });
  });

  describe('close', () => {
    it('[INV-33] releases every waiting receiver, in order', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        for (const name of ['a', 'b', 'c']) {
          spawn(async () => {
            const error = await rejection(channel.receive());
            log.push(`${name} ${(error as Error).name}`);
          });
        }
        await schedule();
        channel.close();
        log.push('closed');
      });
      expect(log).to.deep.equal(['closed', ...['a', 'b', 'c'].map((n) => `${n} ChannelClosedError`)]);
    });

    it('[INV-33] [BM-3] releases all, whatever the first ones do when they run', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        const waiting = ['a', 'b', 'c', 'd'].map((name, i) =>
          spawn(async () => {
            const error = await rejection(channel.receive());
            log.push(`${name} ${(error as Error).name}`);
            if (i === 0) waiting[1]!.kill();
            if (i === 0) waiting[2]!.pause();
            channel.close();
            await rejection(channel.receive());
            waiting[2]!.resume();
          }),
        );
        await schedule();
        channel.close();
      });
      // The error was b's before the kill came.
      expect(log).to.deep.equal(['a', 'b', 'd', 'c'].map((n) => `${n} ChannelClosedError`));
    });

    it('[INV-34] refuses later sends at once, and they carry what was not sent', async () => {
      const channel = new Channel<string>({ name: 'line' });
      channel.close();
      const error = await rejection(channel.send('lost'));
      expect(error).to.be.instanceOf(ChannelClosedError);
      expect(error).to.include({ value: 'lost', code: 'ERR_CHANNEL_CLOSED' });
      expect((error as Error).message).to.include("'line'");
      const told = new Error('told');
      expect(await rejection(channel.sendError(told))).to.include({ value: told });
    });

    it('[INV-34] lets those who were sending be received, then says closed', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const flags = (): boolean[] => [channel.closing, channel.closed];
        for (let i = 1; i <= 2; i++) spawn(() => channel.send(i));
        await schedule();
        expect(flags()).to.deep.equal([false, false]);
        channel.close();
        expect(flags()).to.deep.equal([true, false]);
        expect(await channel.receive()).to.equal(1);
        expect(flags()).to.deep.equal([true, false]);
        expect(await channel.receive()).to.equal(2);
        expect(flags()).to.deep.equal([true, true]);
        expect(await rejection(channel.receive())).to.be.instanceOf(ChannelClosedError);
        expect(await channel.next()).to.deep.equal({ value: undefined, done: true });
      });
    });

    it('is closed when the last one who was sending was killed', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const sender = spawn(() => channel.send(1));
        await schedule();
        channel.close();
        sender.kill();
        expect(channel.closed).to.equal(true);
        expect(await channel.next()).to.deep.equal({ value: undefined, done: true });
      });
    });

    it('[INV-35] means once, however often and from wherever it is called', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        const first = new Error('first');
        for (const name of ['a', 'b']) {
          spawn(async () => {
            const error = await rejection(channel.receive());
            channel.close(new Error('second'));
            channel.close();
            log.push(`${name} ${(error as Error).message}`);
          });
        }
        await schedule();
        channel.close(first);
        channel.close();
        channel.close(new Error('third'));
        expect(await rejection(channel.receive())).to.equal(first);
      });
      expect(log).to.deep.equal(['a first', 'b first']);
    });

    it('[INV-37] with an error gives it to all who receive, now and later, and to iterations', async () => {
      const error = new Error('broken');
      await simulate(async () => {
        const channel = new Channel<number>();
        const waiting = [
          spawn(() => rejection(channel.receive())),
          spawn(() => rejection(channel.next())),
          spawn(() => rejection(select({ it: channel.receiving() }))),
          spawn(() => rejection(select({ it: channel.nexting() }))),
        ];
        await schedule();
        channel.close(error);
        for (const tasklet of waiting) expect(await tasklet.join()).to.equal(error);
        expect(await rejection(channel.receive())).to.equal(error);
        expect(await rejection(channel.next())).to.equal(error);
        expect(() => channel.tryReceive()).to.throw(error);
        expect(await rejection(channel.send(1))).to.be.instanceOf(ChannelClosedError);
      });
    });

    it('takes nothing but an Error, and a refused close changes nothing', () => {
      const channel = new Channel();
      for (const wrong of ['text', null, {}]) expect(() => channel.close(wrong as never)).to.throw(TypeError);
      expect(channel.closing).to.equal(false);
    });

    it('makes an error for each, with the stack of whoever meets it', async () => {
      const channel = new Channel();
      channel.close();
      const errors = [await rejection(channel.receive()), await rejection(channel.receive())];
      expect(errors[0]).not.to.equal(errors[1]);
    });
  });

  describe('iteration [INV-36]', () => {
    it('goes on until the channel has ended', async () => {
      const taken = await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          for (let i = 0; i < 3; i++) await channel.send(i);
          channel.close();
        });
        const all: number[] = [];
        for await (const value of channel) all.push(value);
        return all;
      });
      expect(taken).to.deep.equal([0, 1, 2]);
    });

    it('leaves the channel open on break and on a throw, with nothing lost and nothing taken', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const sender = spawn(async () => {
          for (let i = 0; i < 4; i++) await channel.send(i);
        });
        for await (const value of channel) if (value === 1) break;
        const failed = await rejection(
          (async () => {
            for await (const value of channel) throw new Error(`at ${value}`);
          })(),
        );
        expect((failed as Error).message).to.equal('at 2');
        expect(channel.closing).to.equal(false);
        expect(await channel.receive()).to.equal(3);
        await sender.join();
        expect(channel.balance).to.equal(0);
      });
    });

    it('serves several calls of next that are in flight in order', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const iterator = channel[Symbol.asyncIterator]();
        spawn(async () => {
          for (let i = 0; i < 2; i++) await channel.send(i);
          channel.close();
        });
        const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
        expect(results).to.deep.equal([
          { value: 0, done: false },
          { value: 1, done: false },
          { value: undefined, done: true },
        ]);
      });
    });

    it('shares the values among several iterations, each to one', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        for (const name of ['a', 'b']) {
          spawn(async () => {
            for await (const value of channel) log.push(`${name}${value}`);
            log.push(`${name} done`);
          });
        }
        await schedule();
        for (let i = 0; i < 4; i++) await channel.send(i);
        channel.close();
      });
      expect(log).to.deep.equal(['a0', 'b1', 'a2', 'b3', 'a done', 'b done']);
    });

    it('raises an error that was sent, and can go on after it', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          await channel.sendError(new Error('bad'));
          await channel.send(2);
        });
        const iterator = channel[Symbol.asyncIterator]();
        expect(await rejection(iterator.next())).to.have.property('message', 'bad');
        expect(await iterator.next()).to.deep.equal({ value: 2, done: false });
      });
    });

    it('passes on what was sent as it is, though it looks like a result', async () => {
      await simulate(async () => {
        const channel = new Channel<object>();
        const end = { value: undefined, done: true };
        spawn(() => channel.send(end));
        expect(await channel.next()).to.deep.equal({ value: end, done: false });
      });
    });
  });

  describe('from outside tasklets', () => {
    it('meets like anybody', async () => {
      const channel = new Channel<number>();
      const sent = channel.send(1);
      expect(channel.balance).to.equal(1);
      expect(await channel.receive()).to.equal(1);
      await sent;
      const both = Promise.all([channel.receive(), channel.receive()]);
      await channel.send(2);
      await channel.send(3);
      expect(await both).to.deep.equal([2, 3]);
    });

    it('meets tasklets', async () => {
      const [ping, pong] = [new Channel<number>(), new Channel<number>()];
      const echo = spawn(async () => {
        for await (const value of ping) await pong.send(value + 1);
      });
      for (let i = 0; i < 3; i++) {
        await ping.send(i);
        expect(await pong.receive()).to.equal(i + 1);
      }
      ping.close();
      await echo.join();
    });

    it('lets a close say so', async () => {
      const channel = new Channel<number>();
      const waiting = rejection(channel.receive());
      channel.close();
      expect(await waiting).to.be.instanceOf(ChannelClosedError);
    });
  });

  describe('when an operation was not awaited', () => {
    it('takes it back at the end of its tasklet, and tells whoever holds its promise', async () => {
      await simulate(async () => {
        const channel = new Channel<number>({ name: 'line' });
        let forgotten: Promise<unknown> | undefined;
        const careless = spawn(function careless() {
          forgotten = rejection(channel.send(1));
        });
        await careless.join();
        expect(channel.balance).to.equal(0);
        const error = await forgotten;
        expect(error).to.be.instanceOf(AbandonedError);
        expect((error as Error).message)
          .to.include("'careless'")
          .and.to.include("'line'");
      });
    });
  });

  describe('with very many', () => {
    it('[INV-47] wakes 100,000 receivers', async () => {
      const woken = await simulate(async () => {
        const channel = new Channel<number>();
        let count = 0;
        for (let i = 0; i < 100_000; i++) {
          spawn(async () => {
            if ((await channel.next()).done === true) count++;
          });
        }
        await schedule();
        expect(channel.balance).to.equal(-100_000);
        channel.close();
        await schedule();
        return count;
      });
      expect(woken).to.equal(100_000);
    }).timeout(30_000);

    it('[INV-80] [INV-81] lets 100,000 leave in any order and keeps none', async () => {
      const { stackTraceLimit } = Error;
      Error.stackTraceLimit = 0;
      await simulate(async ({ clock }) => {
        const channel = new Channel<number>();
        // The steps of 61 go through all places once, in an order that is neither theirs nor its reverse.
        const waits = Array.from({ length: 100_000 }, (_, i) =>
          rejection(channel.send(i, { timeout: 1 + ((i * 61) % 100_000) })),
        );
        expect(channel.balance).to.equal(100_000);
        clock.advance(99_999);
        expect(channel.balance).to.equal(1);
        clock.advance(1);
        expect([channel.balance, channel.senders.first]).to.deep.equal([0, null]);
        await Promise.all(waits);
      }).finally(() => (Error.stackTraceLimit = stackTraceLimit));
    }).timeout(30_000);

    it('[INV-85] grows with none of a million messages', async () => {
      const used = async (): Promise<number> => {
        await collectGarbage();
        return process.memoryUsage().heapUsed;
      };
      const grown = await simulate(async () => {
        const channel = new Channel<{ number: number }>();
        const endless = spawn(async () => {
          for (let number = 0; ; number++) await channel.send({ number });
        });
        const receive = async (count: number): Promise<number> => {
          for (let i = 0; i < count; i++) await channel.receive();
          return used();
        };
        const before = await receive(100_000);
        const after = await receive(1_000_000);
        endless.kill();
        return after - before;
      });
      expect(grown).to.be.below(500_000);
    }).timeout(60_000);

    it('[INV-47] chains 1,000,000 hand-overs', async () => {
      const total = await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          for (let i = 0; i < 500_000; i++) await channel.send(1);
          channel.close();
        });
        let sum = 0;
        for await (const value of channel) sum += value;
        return sum;
      });
      expect(total).to.equal(500_000);
    }).timeout(30_000);
  });
});
