import { expect } from 'chai';
import {
  after,
  Channel,
  ChannelClosedError,
  never,
  schedule,
  select,
  sleep,
  spawn,
  type Hit,
  type Preference,
} from '../../lib/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** Channels with nobody at them. */
function channels<T>(count: number): Channel<T>[] {
  return Array.from({ length: count }, () => new Channel<T>());
}

const balances = (all: readonly Channel<never>[]): number[] => all.map(({ balance }) => balance);

describe('select', () => {
  describe('when a case is ready', () => {
    it('does it, and says which and what came of it', async () => {
      await simulate(async () => {
        const [jobs, acks] = [new Channel<string>(), new Channel<number>()];
        spawn(() => jobs.send('paint'));
        await schedule();
        expect(await select({ job: jobs.receiving(), ack: acks.sending(1) })).to.deep.equal({
          case: 'job',
          value: 'paint',
        });
        const ack = spawn(() => acks.receive());
        await schedule();
        expect(await select({ job: jobs.receiving(), ack: acks.sending(7) })).to.deep.equal({
          case: 'ack',
          value: undefined,
        });
        expect(await ack.join()).to.equal(7);
      });
    });

    it('leaves the other cases alone, though they are ready too', async () => {
      await simulate(async () => {
        const all = channels<number>(3);
        for (const channel of all) channel.post(1);
        const { case: hit } = await select({
          0: all[0]!.receiving(),
          1: all[1]!.receiving(),
          2: all[2]!.receiving(),
        });
        expect(balances(all as never)).to.deep.equal([0, 1, 2].map((i) => (String(i) === hit ? 0 : 1)));
      });
    });

    for (const [preference, onSend, onReceive] of [
      ['receiver', 'peer bystander me', 'me bystander peer'],
      ['sender', 'me bystander peer', 'peer bystander me'],
      ['neither', 'me bystander peer', 'me bystander peer'],
    ] as const) {
      it(`schedules like the plain operation, preferring ${preference}`, async () => {
        const order = async (sends: boolean, waits: boolean): Promise<string> => {
          const log: string[] = [];
          await simulate(async () => {
            const channel = new Channel<number>({ preference: preference satisfies Preference });
            const side = (sending: boolean): Promise<unknown> =>
              select({ it: sending ? channel.sending(1) : channel.receiving() });
            // One of the two is a select that waits, or a plain operation that does.
            spawn(async () => {
              if (waits) await side(!sends);
              else await (sends ? channel.receive() : channel.send(1));
              log.push('peer');
            });
            await schedule();
            spawn(() => log.push('bystander'));
            await side(sends);
            log.push('me');
          });
          return log.join(' ');
        };
        for (const waits of [false, true]) {
          expect(await order(true, waits)).to.equal(onSend);
          expect(await order(false, waits)).to.equal(onReceive);
        }
      });
    }

    it('[INV-15] is fair: each of three gets its share of 10,000', async () => {
      const counts = await simulate(async () => {
        const count = { a: 0, b: 0, c: 0 };
        const [a, b, c] = channels<number>(3) as [Channel<number>, Channel<number>, Channel<number>];
        for (let i = 0; i < 10_000; i++) {
          for (const channel of [a, b, c]) if (channel.balance === 0) channel.post(i);
          count[(await select({ a: a.receiving(), b: b.receiving(), c: c.receiving() })).case]++;
        }
        return count;
      });
      for (const count of Object.values(counts)) expect(count).to.be.above(10_000 / 6);
    });

    it('[INV-15] [INV-43] chooses the same on every scheduler that begins', async () => {
      const choices = (): Promise<string> =>
        simulate(async () => {
          const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
          let chosen = '';
          for (let i = 0; i < 100; i++) {
            for (const channel of [a, b]) if (channel.balance === 0) channel.post(i);
            chosen += (await select({ a: a.receiving(), b: b.receiving() })).case;
          }
          return chosen;
        });
      const first = await choices();
      expect(await choices()).to.equal(first);
      expect(first).to.include('a').and.to.include('b');
    });

    it('[INV-15] takes the first one listed when asked to', async () => {
      await simulate(async () => {
        const [a, b, c] = channels<number>(3) as [Channel<number>, Channel<number>, Channel<number>];
        for (let i = 0; i < 50; i++) {
          b.post(i);
          c.post(i);
          const hit = await select(
            { a: a.receiving(), b: b.receiving(), c: c.receiving() },
            { order: 'listed' },
          );
          expect(hit).to.deep.equal({ case: 'b', value: i });
        }
      });
    });
  });

  describe('when no case is ready', () => {
    it('[INV-11] waits for the first, and leaves the others without a trace', async () => {
      await simulate(async () => {
        const all = channels<number>(4) as [
          Channel<number>,
          Channel<number>,
          Channel<number>,
          Channel<number>,
        ];
        const [a, b, c, d] = all;
        const waiting = spawn(() =>
          select({ a: a.receiving(), b: b.sending(1), c: c.receiving(), d: d.sending(2) }),
        );
        await schedule();
        expect(balances(all as never)).to.deep.equal([-1, 1, -1, 1]);
        expect(d.tryReceive()).to.deep.equal({ value: 2 });
        expect(balances(all as never)).to.deep.equal([0, 0, 0, 0]);
        expect([a.trySend(1), b.tryReceive(), c.trySend(1)]).to.deep.equal([false, undefined, false]);
        expect(await waiting.join()).to.deep.equal({ case: 'd', value: undefined });
      });
    });

    it('[INV-11] [BM-6] commits one case of four, 2,000 times over', async () => {
      const taken = await simulate(async () => {
        const all = channels<number>(4) as [
          Channel<number>,
          Channel<number>,
          Channel<number>,
          Channel<number>,
        ];
        const [a, b, c, d] = all;
        const merged = new Channel<number>();
        const receivers = all.map((channel) =>
          spawn(async () => {
            for await (const value of channel) await merged.send(value);
          }),
        );
        spawn(async () => {
          for (let i = 0; i < 2000; i++) {
            await select({ a: a.sending(i), b: b.sending(i), c: c.sending(i), d: d.sending(i) });
          }
          for (const channel of all) channel.close();
          for (const receiver of receivers) await receiver.join();
          merged.close();
        });
        const values: number[] = [];
        for await (const value of merged) values.push(value);
        return values;
      });
      expect(taken.toSorted((x, y) => x - y)).to.deep.equal(Array.from({ length: 2000 }, (_, i) => i));
    });

    it('[INV-16] [INV-1] delivers no value of a case that lost', async () => {
      await simulate(async () => {
        const [a, b] = channels<string>(2) as [Channel<string>, Channel<string>];
        const sender = spawn(async () => {
          const hits: string[] = [];
          for (let i = 0; i < 200; i++) {
            const hit = await select({ a: a.sending(`a${i}`), b: b.sending(`b${i}`) });
            hits.push(`${hit.case}${i}`);
          }
          return hits;
        });
        const taken: string[] = [];
        for (let i = 0; i < 200; i++) taken.push(await (i % 3 === 0 ? a : b).receive());
        expect(taken).to.deep.equal(await sender.join());
        expect([a.balance, b.balance]).to.deep.equal([0, 0]);
      });
    });

    it('[INV-82] holds nothing of what it did not send or did not receive', async () => {
      await simulate(async () => {
        const [a, b] = channels<object>(2) as [Channel<object>, Channel<object>];
        const seen: WeakRef<object>[] = [];
        const keeper = spawn(async () => {
          const lost = (): Promise<unknown> => {
            const value = {};
            seen.push(new WeakRef(value));
            return select({ a: a.sending(value), b: b.receiving() }, { timeout: 5 });
          };
          await rejection(lost());
          seen.push(new WeakRef((await lost()) as object));
          await new Channel().receive();
        });
        await sleep(6);
        await b.send({});
        await collectGarbage();
        expect(seen.map((ref) => ref.deref())).to.deep.equal([undefined, undefined, undefined]);
        keeper.kill();
      });
    });

    it('[INV-6] stands in line with the others', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        spawn(async () => log.push(`plain ${await a.receive()}`));
        spawn(async () => log.push(`select ${(await select({ a: a.receiving(), b: b.receiving() })).value}`));
        spawn(async () => log.push(`last ${await a.receive()}`));
        await schedule();
        for (let i = 0; i < 3; i++) await a.send(i);
      });
      expect(log).to.deep.equal(['plain 0', 'select 1', 'last 2']);
    });

    for (const place of ['first', 'middle', 'last'] as const) {
      it(`[INV-14] [BM-5] leaves a queue whole when its arm was the ${place}`, async () => {
        const log: string[] = [];
        await simulate(async () => {
          const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
          for (const name of ['first', 'middle', 'last']) {
            spawn(async () => {
              if (name !== place) log.push(`${name} ${await a.receive()}`);
              // Twice in the same queue, and in another one.
              else await select({ one: a.receiving(), b: b.receiving(), two: a.receiving() });
            });
          }
          await schedule();
          expect(a.balance).to.equal(-4);
          await b.send(0);
          expect(a.balance).to.equal(-2);
          await a.send(1);
          await a.send(2);
        });
        const others = ['first', 'middle', 'last'].filter((name) => name !== place);
        expect(log).to.deep.equal(others.map((name, i) => `${name} ${i + 1}`));
      });
    }

    it('keeps its arms for the next time, whatever that asks for', async () => {
      const log: unknown[] = [];
      await simulate(async () => {
        const [a, b, c] = channels<number>(3) as [Channel<number>, Channel<number>, Channel<number>];
        spawn(async () => {
          log.push(await select({ a: a.receiving(), b: b.receiving(), c: c.sending(9) }));
          log.push(await select({ z: a.sending(5) }));
          log.push(await select({ b: b.sending(6), c: c.receiving() }));
        });
        await schedule();
        await b.send(1);
        expect([a.balance, b.balance, c.balance]).to.deep.equal([1, 0, 0]);
        log.push(await a.receive());
        await schedule();
        expect([a.balance, b.balance, c.balance]).to.deep.equal([0, 1, -1]);
        await c.send(3);
        expect([a.balance, b.balance, c.balance]).to.deep.equal([0, 0, 0]);
      });
      expect(log).to.deep.equal([
        { case: 'b', value: 1 },
        5,
        { case: 'z', value: undefined },
        { case: 'c', value: 3 },
      ]);
    });

    it('is carried for several at once by one tasklet', async () => {
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        const waiting = spawn(() =>
          Promise.all([
            select({ a: a.receiving(), b: b.receiving() }),
            select({ a: a.receiving(), b: b.receiving() }),
          ]),
        );
        await schedule();
        expect([a.balance, b.balance]).to.deep.equal([-2, -2]);
        a.post(1);
        expect([a.balance, b.balance]).to.deep.equal([-1, -1]);
        b.post(2);
        expect([a.balance, b.balance]).to.deep.equal([0, 0]);
        expect(await waiting.join()).to.deep.equal([
          { case: 'a', value: 1 },
          { case: 'b', value: 2 },
        ]);
      });
    });

    it('waits outside tasklets too', async () => {
      const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
      const waiting = select({ a: a.receiving(), b: b.receiving() });
      expect([a.balance, b.balance]).to.deep.equal([-1, -1]);
      await b.send(2);
      expect(await waiting).to.deep.equal({ case: 'b', value: 2 });
      expect([a.balance, b.balance]).to.deep.equal([0, 0]);
    });
  });

  describe('with a channel on both sides', () => {
    it('[INV-13] never meets itself', async () => {
      await simulate(async ({ clock }) => {
        const channel = new Channel<number>();
        const both = { out: channel.sending(1), in: channel.receiving() };
        expect(await rejection(select(both, { timeout: 10 }))).to.have.property('code', 'ERR_TIMEOUT');
        expect(clock.now()).to.equal(10);
        expect([channel.senders.first, channel.receivers.first]).to.deep.equal([null, null]);
      });
    });

    it('meets a sender, a receiver, or its like', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const both = (value: number): Promise<unknown> =>
          select({ out: channel.sending(value), in: channel.receiving() });
        const one = spawn(() => both(1));
        await schedule();
        expect(await channel.receive()).to.equal(1);
        expect(await one.join()).to.deep.equal({ case: 'out', value: undefined });
        const two = spawn(() => both(2));
        await schedule();
        await channel.send(7);
        expect(await two.join()).to.deep.equal({ case: 'in', value: 7 });
        const pair = [spawn(() => both(3)), spawn(() => both(4))];
        const hits = [await pair[0]!.join(), await pair[1]!.join()];
        expect([
          [
            { case: 'out', value: undefined },
            { case: 'in', value: 3 },
          ],
          [
            { case: 'in', value: 4 },
            { case: 'out', value: undefined },
          ],
        ]).to.deep.include(hits);
        expect(channel.balance).to.equal(0);
      });
    });
  });

  it('meets another select', async () => {
    await simulate(async () => {
      const [a, b, c] = channels<number>(3) as [Channel<number>, Channel<number>, Channel<number>];
      const one = spawn(() => select({ a: a.receiving(), b: b.sending(2) }));
      await schedule();
      const two = spawn(() => select({ b: b.receiving(), c: c.receiving() }));
      expect(await two.join()).to.deep.equal({ case: 'b', value: 2 });
      expect(await one.join()).to.deep.equal({ case: 'b', value: undefined });
      expect([a.balance, b.balance, c.balance]).to.deep.equal([0, 0, 0]);
    });
  });

  describe('with a default', () => {
    it('never waits: that is the hit when nothing is ready, with its value', async () => {
      const channel = new Channel<number>();
      expect(await select({ it: channel.receiving(), default: 'nothing' })).to.deep.equal({
        case: 'default',
        value: 'nothing',
      });
      expect(await select({ it: channel.receiving(), default: undefined })).to.deep.equal({
        case: 'default',
        value: undefined,
      });
      expect(await select({ default: 7 })).to.deep.equal({ case: 'default', value: 7 });
      expect(channel.balance).to.equal(0);
    });

    it('[INV-12] takes what is ready throughout, whatever flickers beside it', async () => {
      await simulate(async () => {
        const [steady, flicker] = channels<number>(2) as [Channel<number>, Channel<number>];
        for (let i = 0; i < 1000; i++) {
          if (steady.balance === 0) steady.post(i);
          if (i % 2 === 0) flicker.post(i);
          const cases = { steady: steady.receiving(), flicker: flicker.receiving() };
          const hit =
            i % 3 === 0 ? await select(cases, { timeout: 0 }) : await select({ ...cases, default: 0 });
          expect(hit.case).to.be.oneOf(['steady', 'flicker']);
          flicker.tryReceive();
        }
      });
    });

    it('gives it as it is, though it could be waited for', async () => {
      const [one, two] = channels<number>(2) as [Channel<number>, Channel<number>];
      two.post(1);
      const [receiving, promise] = [two.receiving(), Promise.resolve(1)];
      expect((await select({ it: one.receiving(), default: receiving })).value).to.equal(receiving);
      expect((await select({ it: one.receiving(), default: promise })).value).to.equal(promise);
      expect(two.tryReceive()).to.deep.equal({ value: 1 });
    });
  });

  describe('with what has ended', () => {
    it('[INV-17] raises, and does not hang, when all are closed', async () => {
      const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
      a.close();
      b.close();
      expect(await rejection(select({ a: a.receiving(), b: b.receiving() }))).to.be.instanceOf(
        ChannelClosedError,
      );
      const refused = await rejection(select({ a: a.sending(5) }));
      expect(refused).to.be.instanceOf(ChannelClosedError).with.property('value', 5);
    });

    it('makes the end a value for nexting', async () => {
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        spawn(() => a.send(1));
        await schedule();
        const cases = { a: a.nexting(), b: b.receiving() };
        expect(await select(cases)).to.deep.equal({ case: 'a', value: { value: 1, done: false } });
        const waiting = spawn(() => select(cases));
        await schedule();
        a.close();
        const end = { case: 'a', value: { value: undefined, done: true } };
        expect(await waiting.join()).to.deep.equal(end);
        expect(await select(cases)).to.deep.equal(end);
        expect(b.balance).to.equal(0);
      });
    });

    it('raises where it waits when one is closed', async () => {
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        const waiting = spawn(() => rejection(select({ a: a.receiving(), b: b.receiving() })));
        await schedule();
        b.close();
        expect(await waiting.join()).to.be.instanceOf(ChannelClosedError);
        expect(a.balance).to.equal(0);
      });
    });

    it('keeps an offer that waits when its channel is closed', async () => {
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        const waiting = spawn(() => select({ a: a.sending(1), b: b.receiving() }));
        await schedule();
        a.close();
        expect(a.closed).to.equal(false);
        await b.send(2);
        expect(await waiting.join()).to.deep.equal({ case: 'b', value: 2 });
        expect(a.closed).to.equal(true);
      });
    });
  });

  describe('of errors that were sent', () => {
    for (const ready of [true, false]) {
      it(`raises them, ${ready ? 'one that waits' : 'one that comes'}`, async () => {
        await simulate(async () => {
          const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
          const error = new Error('bad');
          const send = spawn(async () => {
            if (!ready) await schedule();
            await a.sendError(error);
          });
          await (ready ? schedule() : undefined);
          expect(await rejection(select({ a: a.nexting(), b: b.receiving() }))).to.equal(error);
          await send.join();
          expect(b.balance).to.equal(0);
        });
      });
    }
  });

  describe('of other things than channels', () => {
    it('takes timers, joins, promises and signals', async () => {
      await simulate(async () => {
        const controller = new AbortController();
        const job = spawn(() => sleep(50));
        const cases = {
          late: after(20).receiving(),
          joined: job.joining(),
          promise: new Promise<never>(() => {}),
          signal: controller.signal,
          off: never.receiving(),
        };
        expect(await select(cases)).to.deep.equal({ case: 'late', value: undefined });
        const { late: _, ...others } = cases;
        expect(await select(others)).to.deep.equal({ case: 'joined', value: undefined });
        controller.abort('stop');
        const { joined: __, ...rest } = others;
        expect(await select(rest)).to.deep.equal({ case: 'signal', value: 'stop' });
        expect(
          await select({ ...rest, signal: never.receiving(), promise: Promise.resolve('kept') }),
        ).to.deep.equal({
          case: 'promise',
          value: 'kept',
        });
        expect(await rejection(select({ bad: Promise.reject(new Error('broken')) }))).to.have.property(
          'message',
          'broken',
        );
      });
    });
  });

  describe('when asked for nonsense', () => {
    it('[INV-17] refuses to wait for nothing', async () => {
      expect(await rejection(select({}))).to.be.instanceOf(TypeError);
      expect(await rejection(select([]))).to.be.instanceOf(TypeError);
      expect(await rejection(select(null as never))).to.be.instanceOf(TypeError);
    });

    it('names the case that is none, and stands nowhere', async () => {
      const channel = new Channel<number>();
      for (const wrong of [channel, 7, 'text', undefined, null, () => {}, {}]) {
        const error = await rejection(select({ good: channel.receiving(), odd: wrong as never }));
        expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes("'odd'");
      }
      expect(channel.balance).to.equal(0);
    });

    it('refuses wrong options', async () => {
      const cases = { it: new Channel<number>().receiving() };
      expect(await rejection(select(cases, { order: 'random' as never }))).to.be.instanceOf(TypeError);
      expect(await rejection(select(cases, { fair: true } as never))).to.be.instanceOf(TypeError);
    });
  });

  describe('of cases', () => {
    it('uses one as often as one likes, in several selects at once', async () => {
      await simulate(async () => {
        const [a, b] = channels<number>(2) as [Channel<number>, Channel<number>];
        const cases = { a: a.receiving(), b: b.receiving() };
        const waiting = [spawn(() => select(cases)), spawn(() => select(cases))];
        await schedule();
        await a.send(1);
        await b.send(2);
        expect([(await waiting[0]!.join()).value, (await waiting[1]!.join()).value]).to.deep.equal([1, 2]);
      });
    });

    it('begins nothing by making them', () => {
      const channel = new Channel<number>();
      channel.receiving();
      channel.nexting();
      channel.sending(1);
      expect(channel.balance).to.equal(0);
    });
  });

  it('types what comes of a case by its name', async () => {
    await simulate(async () => {
      const [text, count] = [new Channel<string>(), new Channel<number>()];
      text.post('abc');
      const cases = {
        text: text.receiving(),
        count: count.sending(1),
        next: count.nexting(),
        default: 'none' as const,
      };
      const hit = await select(cases);
      if (hit.case === 'text') expect(hit.value.toUpperCase()).to.equal('ABC');
      // @ts-expect-error: only a hit that is known to be `text` is a string
      expect(hit.value.length).to.equal(3);
      const other: Hit<typeof cases> = hit;
      if (other.case === 'next' && other.value.done !== true) other.value.value satisfies number;
      if (other.case === 'default') other.value satisfies 'none';
      // @ts-expect-error: there is no such case
      expect(other.case === 'nobody').to.equal(false);
      // @ts-expect-error: a channel is no case
      expect(await rejection(select({ text }))).to.be.instanceOf(TypeError);
      // @ts-expect-error: what is sent is of the channel's type
      count.sending('one');
    });
  });
});
