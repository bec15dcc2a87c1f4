/**
 * What Go's tests of channels and of select are about, told again with ours. Each title begins with the name of the test
 * that has the topic. A channel with room is a `Queue` here, `nil` is `never` or a case that is left out.
 *
 * Without a meaning here, and so not told:
 *
 * - `perm`: the direction of a channel is no part of its type.
 * - `select8`, `sendstmt`, and `select4` in part: `break` in a select, how a send is parsed, what a case assigns to. A
 *   select is a call, and its cases are values.
 * - `TestShrinkStackDuringBlockedSend`, `TestNoShrinkStackWhileParking`, `TestSelectStackAdjust`, `TestChanSendBarrier`:
 *   stacks that move, and a collector that is told of writes.
 * - `select {}` that waits for ever: a select of nothing is a `TypeError`.
 * - To close what is closed, and to close `nil`, panics there; here the one does nothing and the other is an error.
 * - What a closed channel gives for ever is the zero value there; here it raises, or says done.
 */
import { expect } from 'chai';
import {
  Channel,
  ChannelClosedError,
  idle,
  never,
  Queue,
  schedule,
  select,
  spawn,
  Tasklet,
  type Case,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** What Go calls a channel, with or without room. */
interface Pipe<T> {
  send(value: T, options?: WaitOptions): Promise<void>;
  receive(options?: WaitOptions): Promise<T>;
  trySend(value: T): boolean;
  tryReceive(): { value: T } | undefined;
  sending(value: T): Case<void>;
  receiving(): Case<T>;
  close(): void;
  [Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

function withRoom<T>(maxSize: number): Pipe<T> {
  const queue = new Queue<T>({ maxSize });
  return {
    send: (value, options) => queue.put(value, options),
    receive: (options) => queue.get(options),
    trySend: (value) => queue.tryPut(value),
    tryReceive: () => queue.tryGet(),
    sending: (value) => queue.putting(value),
    receiving: () => queue.getting(),
    close: () => {
      queue.close();
    },
    [Symbol.asyncIterator]: () => queue[Symbol.asyncIterator](),
  };
}

const PIPES: Record<string, <T>() => Pipe<T>> = {
  'without room': () => new Channel(),
  'with room for 1': () => withRoom(1),
  'with room for 10': () => withRoom(10),
};

/** The cases by their numbers. */
const listed = <T>(cases: readonly Case<T>[]): Record<string, Case<T>> => Object.fromEntries(cases.entries());

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

for (const [kind, make] of Object.entries(PIPES)) {
  describe(`Go, a channel ${kind}`, () => {
    it('fifo: values come in the order in which they were sent', () =>
      simulate(async () => {
        const pipe = make<number>();
        spawn(async () => {
          for (const value of numbers(100)) await pipe.send(value);
          pipe.close();
        });
        const got: number[] = [];
        for await (const value of pipe) got.push(value);
        expect(got).to.deep.equal(numbers(100));
      }));

    it('fifo: a chain, each of which waits for the one before, ends in order', () =>
      simulate(async () => {
        const pipe = make<number>();
        const order: number[] = [];
        let before = make<number>();
        const first = before;
        spawn(() => first.send(0));
        for (const number of numbers(20)) {
          const [mine, next] = [before, make<number>()];
          spawn(async () => {
            await mine.receive();
            order.push(await pipe.receive());
            expect(order.at(-1)).to.equal(number);
            await next.send(0);
          });
          before = next;
        }
        spawn(async () => {
          for (const value of numbers(20)) await pipe.send(value);
        });
        await before.receive();
        expect(order).to.deep.equal(numbers(20));
      }));

    it('goroutines: a value goes through a chain of 10,000', () =>
      simulate(async () => {
        const leftmost = make<number>();
        let left = leftmost;
        for (let i = 0; i < 10_000; i++) {
          const [to, from] = [left, make<number>()];
          spawn(async () => to.send(1 + (await from.receive())));
          left = from;
        }
        const rightmost = left;
        spawn(() => rightmost.send(0));
        expect(await leftmost.receive()).to.equal(10_000);
      })).timeout(30_000);

    for (const value of [0, false, 'text', undefined, { a: 1 }, [1], Symbol('s'), () => 1]) {
      it(`nonblock: what is tried says no until it can be done (${typeof value})`, () =>
        simulate(async () => {
          const pipe = make<unknown>();
          expect(pipe.tryReceive()).to.equal(undefined);
          expect((await select({ got: pipe.receiving(), default: 'no' })).case).to.equal('default');
          const sender = spawn(() => pipe.send(value));
          await schedule();
          expect(pipe.tryReceive()).to.deep.equal({ value });
          await sender.join();
          const receiver = spawn(() => pipe.receive());
          await schedule();
          expect(pipe.trySend(value)).to.equal(true);
          expect(await receiver.join()).to.equal(value);
          if (kind === 'without room') {
            expect(pipe.trySend(value)).to.equal(false);
            expect((await select({ put: pipe.sending(value), default: 'no' })).case).to.equal('default');
          }
        }));
    }

    it('zerosize: values that are nothing are counted', () =>
      simulate(async () => {
        const pipe = make<undefined>();
        spawn(async () => {
          for (let i = 0; i < 5; i++) await pipe.send(undefined);
          pipe.close();
        });
        let count = 0;
        for await (const nothing of pipe) {
          expect(nothing).to.equal(undefined);
          count++;
        }
        expect(count).to.equal(5);
      }));

    it('closedchan: what was sent is received, then it has ended; nothing can be sent', () =>
      simulate(async () => {
        const pipe = make<number>();
        const sender = spawn(() => pipe.send(1));
        await schedule();
        pipe.close();
        pipe.close();
        expect(await rejection(pipe.send(2)))
          .to.be.instanceOf(ChannelClosedError)
          .with.property('value', 2);
        expect(() => pipe.trySend(2)).to.throw(ChannelClosedError);
        expect(await rejection(select({ put: pipe.sending(2) }))).to.be.instanceOf(ChannelClosedError);
        expect(await pipe.receive()).to.equal(1);
        await sender.join();
        for (let i = 0; i < 2; i++) {
          expect(await rejection(pipe.receive())).to.be.instanceOf(ChannelClosedError);
          expect(() => pipe.tryReceive()).to.throw(ChannelClosedError);
          expect(await rejection(select({ got: pipe.receiving() }))).to.be.instanceOf(ChannelClosedError);
          expect(await pipe[Symbol.asyncIterator]().next()).to.deep.equal({ value: undefined, done: true });
        }
      }));

    it('TestChan: a close lets all go who wait to receive', () =>
      simulate(async () => {
        const pipe = make<number>();
        const waiting = numbers(10).map(() => spawn(() => rejection(pipe.receive())));
        await schedule();
        pipe.close();
        for (const each of waiting) expect(await each.join()).to.be.instanceOf(ChannelClosedError);
      }));

    it('TestNonblockRecvRace: what was sent before a close is there for one who only tries', () =>
      simulate(async () => {
        for (let i = 0; i < 100; i++) {
          const pipe = make<number>();
          spawn(() => pipe.send(1));
          await schedule();
          spawn(() => {
            pipe.close();
          });
          if (i % 2 === 0) await schedule();
          const hit = await select({ got: pipe.receiving(), default: 'nothing' });
          expect(hit.case).to.equal('got');
          await schedule();
        }
      }));

    it('TestMultiConsumer: many take from one and give to another, nothing is lost', () =>
      simulate(async () => {
        const [jobs, results] = [make<number>(), make<number>()];
        const workers = numbers(23).map((worker) =>
          spawn(async () => {
            for await (const job of jobs) {
              if (job % 7 === worker % 7) await schedule();
              await results.send(job);
            }
          }),
        );
        spawn(async () => {
          for (const job of numbers(1000)) await jobs.send(job + 1);
          jobs.close();
          for (const worker of workers) await worker.join();
          results.close();
        });
        let [sum, count] = [0, 0];
        for await (const result of results) {
          sum += result;
          count++;
        }
        expect([sum, count]).to.deep.equal([500_500, 1000]);
      }));

    it('TestSelectStress: senders and receivers, plain and selecting, meet as often as they said', () =>
      simulate(async () => {
        const pipes = numbers(4).map(() => make<number>());
        const counts = numbers(4).map(() => 0);
        const rounds = 250;
        for (const pipe of pipes) {
          spawn(async () => {
            for (let i = 0; i < rounds; i++) await pipe.send(0);
          });
        }
        for (const [i, pipe] of pipes.entries()) {
          spawn(async () => {
            for (let n = 0; n < rounds; n++) {
              await pipe.receive();
              counts[i]!++;
            }
          });
        }
        /** One case for each channel, until that has had its rounds: then it is `nil`. */
        const selecting = async (caseOf: (pipe: Pipe<number>) => Case<unknown>, hit: (i: number) => void) => {
          const left = pipes.map(() => rounds);
          while (left.some((count) => count > 0)) {
            const cases = pipes.map((pipe, i) => (left[i]! > 0 ? caseOf(pipe) : never.receiving()));
            const { case: name } = (await select(listed(cases))) as { case: string };
            left[Number(name)]!--;
            hit(Number(name));
          }
        };
        spawn(() =>
          selecting(
            (pipe) => pipe.sending(1),
            () => {},
          ),
        );
        spawn(() =>
          selecting(
            (pipe) => pipe.receiving(),
            (i) => counts[i]!++,
          ),
        );
        await idle();
        expect(counts).to.deep.equal(numbers(4).map(() => 2 * rounds));
      }));

    it('sieve1: a chain of filters leaves the primes', () =>
      simulate(async () => {
        const started: { kill(): void }[] = [];
        let numbersLeft = make<number>();
        const source = numbersLeft;
        started.push(
          spawn(async () => {
            for (let number = 2; ; number++) await source.send(number);
          }),
        );
        const primes: number[] = [];
        while (primes.length < 25) {
          const prime = await numbersLeft.receive();
          primes.push(prime);
          const [from, to] = [numbersLeft, make<number>()];
          started.push(
            spawn(async () => {
              for (;;) {
                const number = await from.receive();
                if (number % prime !== 0) await to.send(number);
              }
            }),
          );
          numbersLeft = to;
        }
        expect([primes.length, primes.at(-1)]).to.deep.equal([25, 97]);
        for (const each of started) each.kill();
      }));

    it('range: to break leaves the rest there', () =>
      simulate(async () => {
        const pipe = make<number>();
        spawn(async () => {
          for (const value of numbers(3)) await pipe.send(value);
          pipe.close();
        });
        for await (const value of pipe) {
          expect(value).to.equal(0);
          break;
        }
        const rest: number[] = [];
        for await (const value of pipe) rest.push(value);
        expect(rest).to.deep.equal([1, 2]);
      }));
  });
}

describe('Go, select', () => {
  it('doubleselect: of four cases one is done, and each value comes once', () =>
    simulate(async () => {
      const lanes = numbers(4).map(() => new Channel<number>());
      const merged = new Channel<number>();
      spawn(async () => {
        for (const value of numbers(2000)) await select(listed(lanes.map((lane) => lane.sending(value))));
        for (const lane of lanes) lane.close();
      });
      const movers = lanes.map((lane) =>
        spawn(async () => {
          for await (const value of lane) await merged.send(value);
        }),
      );
      spawn(async () => {
        for (const mover of movers) await mover.join();
        merged.close();
      });
      const seen: number[] = [];
      for await (const value of merged) seen.push(value);
      expect(seen.sort((a, b) => a - b)).to.deep.equal(numbers(2000));
    }));

  it('select: a case that is switched off is never done', () =>
    simulate(async () => {
      const [even, odd] = [new Channel<number>(), new Channel<number>()];
      spawn(async () => {
        for (const value of numbers(100)) {
          const off = never.receiving();
          const hit = await select({
            even: value % 2 === 0 ? even.sending(value) : off,
            odd: value % 2 === 1 ? odd.sending(value) : off,
          });
          expect(hit.case).to.equal(value % 2 === 0 ? 'even' : 'odd');
        }
        even.close();
        odd.close();
      });
      const take = async (from: Channel<number>): Promise<number[]> => {
        const got: number[] = [];
        for await (const value of from) got.push(value);
        return got;
      };
      const [evens, odds] = [spawn(() => take(even)), spawn(() => take(odd))];
      expect(await evens.join()).to.deep.equal(numbers(100).filter((value) => value % 2 === 0));
      expect(await odds.join()).to.deep.equal(numbers(100).filter((value) => value % 2 === 1));
    }));

  it('select2: what is never ready holds nobody, however often it stood in a select', () =>
    simulate(async () => {
      const [busy, quiet] = [new Channel<number>(), new Channel<number>()];
      spawn(async () => {
        for (const value of numbers(10_000)) await busy.send(value);
      });
      for (const value of numbers(10_000)) {
        const hit = await select({ busy: busy.receiving(), quiet: quiet.receiving() });
        expect(hit.value).to.equal(value);
      }
      expect([quiet.balance, quiet.receivers.first]).to.deep.equal([0, null]);
    }));

  describe('select3: what waits and what does not', () => {
    const closed = (): Channel<number> => {
      const channel = new Channel<number>();
      channel.close();
      return channel;
    };
    const table: Record<string, [waits: boolean, deed: () => Promise<unknown>]> = {
      'to receive from nil': [true, () => never.receive()],
      'to receive from nil in a select': [true, () => select({ a: never.receiving() })],
      'to receive from nil in a select with a default': [
        false,
        () => select({ a: never.receiving(), default: 0 }),
      ],
      'to receive from what nobody sends on': [true, () => new Channel().receive()],
      'to send to whom nobody receives': [true, () => new Channel<number>().send(1)],
      'either in a select': [
        true,
        () => select({ a: new Channel().receiving(), b: new Channel<number>().sending(1) }),
      ],
      'either in a select with a default': [
        false,
        () => select({ a: new Channel().receiving(), b: new Channel<number>().sending(1), default: 0 }),
      ],
      'to receive from what is closed': [false, () => rejection(closed().receive())],
      'to send on what is closed': [false, () => rejection(closed().send(1))],
      'a select with something closed': [
        false,
        () => rejection(select({ a: never.receiving(), b: closed().receiving() })),
      ],
      'to send into room': [false, () => new Queue<number>({ maxSize: 1 }).put(1)],
      'to send into what is full': [
        true,
        () => {
          const queue = new Queue<number>({ maxSize: 1 });
          queue.tryPut(1);
          return queue.put(2);
        },
      ],
    };
    for (const [what, [waits, deed]] of Object.entries(table)) {
      it(`${what} ${waits ? 'waits' : 'does not wait'}`, () =>
        simulate(async () => {
          const tasklet = spawn(deed);
          await idle();
          expect(tasklet.state).to.equal(waits ? 'blocked' : 'done');
          tasklet.kill();
        }));
    }
  });

  it('select4: with a value there, it goes on', () =>
    simulate(async () => {
      const queue = new Queue<number>({ maxSize: 1 });
      queue.tryPut(42);
      const hit = await select({ got: queue.getting(), default: 'nothing' });
      expect([hit.case, hit.value]).to.deep.equal(['got', 42]);
    }));

  it('select5: each case is looked up once, in the order in which they stand', () =>
    simulate(async () => {
      const asked: string[] = [];
      const channel = new Channel<number>();
      const sender = spawn(() => channel.send(1));
      await schedule();
      const hit = await select({
        get a() {
          asked.push('a');
          return never.receiving();
        },
        get b() {
          asked.push('b');
          return channel.receiving();
        },
        get c() {
          asked.push('c');
          return never.receiving();
        },
      });
      await sender.join();
      expect([hit.case, hit.value, asked]).to.deep.equal(['b', 1, ['a', 'b', 'c']]);
    }));

  it('select6: who leaves a queue from the middle takes nobody along', () =>
    simulate(async () => {
      const [busy, other] = [new Channel<number>(), new Channel<number>()];
      const log: string[] = [];
      const wait = (name: string) => spawn(async () => log.push(`${name} ${await busy.receive()}`));
      wait('first');
      spawn(async () => log.push((await select({ busy: busy.receiving(), other: other.receiving() })).case));
      wait('second');
      wait('third');
      await schedule();
      await other.send(0);
      for (const value of [1, 2, 3]) await busy.send(value);
      await schedule();
      expect(log).to.deep.equal(['other', 'first 1', 'second 2', 'third 3']);
    }));

  for (const early of [0, 1, 2]) {
    for (const selects of ['the sender', 'the receiver', 'both']) {
      it(`select7: they meet whoever comes first (${selects} selects, ${early} turns early)`, () =>
        simulate(async () => {
          const channel = new Channel<number>();
          const send = async (): Promise<void> => {
            if (selects === 'the receiver') await channel.send(7);
            else await select({ put: channel.sending(7), off: never.receiving() });
          };
          const receive = async (): Promise<number> => {
            if (selects === 'the sender') return channel.receive();
            return (await select({ got: channel.receiving(), off: never.receiving() })).value;
          };
          const receiver = spawn(receive);
          for (let i = 0; i < early; i++) await schedule();
          const sender = spawn(send);
          expect(await receiver.join()).to.equal(7);
          await sender.join();
          const again = spawn(send);
          for (let i = 0; i < early; i++) await schedule();
          expect(await spawn(receive).join()).to.equal(7);
          await again.join();
        }));
    }
  }

  it('TestSelfSelect: who selects to send and to receive on one channel never gets its own', () =>
    simulate(async () => {
      const channel = new Channel<number>();
      const got: number[][] = [[], []];
      for (const me of [0, 1]) {
        spawn(async () => {
          for (let i = 0; i < 500; i++) {
            if (i % 3 === me) await schedule();
            const hit = await select({ put: channel.sending(me), got: channel.receiving() });
            if (hit.case === 'got') got[me]!.push(hit.value);
          }
        });
      }
      await idle();
      expect([new Set(got[0]), new Set(got[1])]).to.deep.equal([new Set([1]), new Set([0])]);
      expect(got[0]!.length + got[1]!.length).to.equal(500);
    }));

  it('TestNonblockSelectRace: of two that are made ready one after the other, one is', () =>
    simulate(async () => {
      for (let i = 0; i < 1000; i++) {
        const [one, two] = [new Queue<number>({ maxSize: 1 }), new Queue<number>({ maxSize: 1 })];
        one.tryPut(1);
        const looker = spawn(() => select({ one: one.getting(), two: two.getting(), default: 'none' }));
        two.tryPut(1);
        if (i % 2 === 0) await schedule();
        one.tryGet();
        expect((await looker.join()).case).to.not.equal('default');
      }
    }));

  it('TestSelectFairness: of what is always ready nothing is left out for long', () =>
    simulate(async () => {
      const [one, two] = [new Channel<number>(), new Channel<number>()];
      const feeders = [one, two].map((channel) =>
        spawn(async () => {
          for (;;) await channel.send(0);
        }),
      );
      let ones = 0;
      for (let i = 0; i < 10_000; i++) {
        const hit = await select({
          off: never.receiving(),
          one: one.receiving(),
          quiet: new Channel<number>().receiving(),
          two: two.receiving(),
        });
        if (hit.case === 'one') ones++;
      }
      expect(ones / 10_000).to.be.within(0.4, 0.6);
      for (const feeder of feeders) feeder.kill();
    }));

  it('TestPseudoRandomSend: two cases that send different things on one channel both have their share', () =>
    simulate(async () => {
      const bits = new Channel<number>();
      const sender = spawn(async () => {
        for (let i = 0; i < 1000; i++) {
          // So that somebody waits for them: only what is ready is chosen from.
          await schedule();
          await select({ zero: bits.sending(0), one: bits.sending(1) });
        }
        bits.close();
      });
      let ones = 0;
      for await (const bit of bits) ones += bit;
      await sender.join();
      expect(ones).to.be.within(300, 700);
    }));

  it('TestSelectDuplicateChannel: a channel that stands twice in one is left by both', () =>
    simulate(async () => {
      const [twice, other] = [new Channel<number>(), new Channel<number>()];
      const selecting = spawn(() =>
        select({ a: twice.receiving(), b: other.receiving(), c: twice.receiving() }),
      );
      await schedule();
      const after = spawn(() => twice.receive());
      await schedule();
      await other.send(1);
      expect((await selecting.join()).case).to.equal('b');
      expect(twice.balance).to.equal(-1);
      await twice.send(2);
      expect(await after.join()).to.equal(2);
    }));

  it('TestChanSendInterface: values of any type go through one', () =>
    simulate(async () => {
      const channel = new Channel<unknown>();
      const values = [1, 'two', new Map([[3, 3]]), null, undefined, Number.NaN];
      for (const value of values) {
        const receiver = spawn(() => channel.receive());
        await schedule();
        expect((await select({ put: channel.sending(value), default: 'no' })).case).to.equal('put');
        expect(await receiver.join()).to.deep.equal(value);
      }
    }));
});

describe('Go, chancap', () => {
  it('tells how much is in it and how much there could be, and refuses what is no size', () => {
    const queue = new Queue<number>({ maxSize: 3 });
    queue.tryPut(1);
    expect([queue.size, queue.maxSize]).to.deep.equal([1, 3]);
    for (const maxSize of [-1, 0, 1.5, Number.NaN]) {
      expect(() => new Queue({ maxSize })).to.throw(RangeError);
    }
  });
});

describe('Go, powser', () => {
  /** A fraction in lowest terms. */
  type Fraction = readonly [bigint, bigint];
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
  const fraction = (over: bigint, under: bigint): Fraction => {
    const by = gcd(over, under) * (under < 0n ? -1n : 1n);
    return [over / by, under / by];
  };
  const plus = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * d + c * b, b * d);
  const times = ([a, b]: Fraction, [c, d]: Fraction): Fraction => fraction(a * c, b * d);

  /** A power series: its coefficients, one after another. */
  type Series = Pick<Channel<Fraction>, 'receive'>;
  type Give = (coefficient: () => Fraction | Promise<Fraction>) => Promise<void>;

  /** Nothing is made before somebody wants it: series that are made from each other would never come to an end. */
  function series(make: (give: Give) => Promise<void>): Series {
    const [wanted, made] = [new Channel<void>(), new Channel<Fraction>()];
    const give: Give = async (coefficient) => {
      await wanted.receive();
      await made.send(await coefficient());
    };
    // It goes on for ever, and nobody waits for that.
    new Tasklet(make, { daemon: true }).start(give);
    return {
      receive: async () => {
        await wanted.send();
        return made.receive();
      },
    };
  }

  /** Two that read the same series, each at its pace. */
  function split(from: Series): [Series, Series] {
    const stores = [new Queue<Fraction>(), new Queue<Fraction>()] as const;
    const readers = stores.map((store): Series => ({
      receive: async () => {
        while (store.empty) {
          const next = await from.receive();
          for (const each of stores) each.tryPut(next);
        }
        return store.get();
      },
    }));
    return [readers[0]!, readers[1]!];
  }

  const constant = (first: Fraction): Series =>
    series(async (give) => {
      await give(() => first);
      for (;;) await give(() => [0n, 1n]);
    });

  const sum = (one: Series, two: Series): Series =>
    series(async (give) => {
      for (;;) await give(async () => plus(await one.receive(), await two.receive()));
    });

  const scaled = (by: Fraction, of: Series): Series =>
    series(async (give) => {
      for (;;) await give(async () => times(by, await of.receive()));
    });

  const shifted = (of: Series): Series =>
    series(async (give) => {
      await give(() => [0n, 1n]);
      for (;;) await give(() => of.receive());
    });

  const product = (one: Series, two: Series): Series =>
    series(async (give) => {
      let [a, b]: Fraction[] = [];
      await give(async () => {
        [a, b] = [await one.receive(), await two.receive()];
        return times(a, b);
      });
      const [ones, onesToo] = split(one);
      const [twos, twosToo] = split(two);
      const rest = sum(sum(scaled(a!, twos), scaled(b!, ones)), shifted(product(onesToo, twosToo)));
      for (;;) await give(() => rest.receive());
    });

  const integral = (first: Fraction, of: Series): Series =>
    series(async (give) => {
      await give(() => first);
      for (let n = 1n; ; n++) await give(async () => times([1n, n], await of.receive()));
    });

  const take = async (count: number, from: Series): Promise<string[]> => {
    const got: string[] = [];
    while (got.length < count) {
      const [over, under] = await from.receive();
      got.push(under === 1n ? `${over}` : `${over}/${under}`);
    }
    return got;
  };

  /** A series that is made from itself: what it has given out so far is what it goes on from. */
  const knot = (make: (self: Series) => Series): Series => {
    const self = new Queue<Fraction>();
    const made = make({ receive: () => self.get() });
    return {
      receive: async () => {
        const next = await made.receive();
        self.tryPut(next);
        return next;
      },
    };
  };

  it('powser1: the exponential is the integral of itself', () =>
    simulate(async () => {
      const exponential = knot((self) => integral([1n, 1n], self));
      expect(await take(6, exponential)).to.deep.equal(['1', '1', '1/2', '1/6', '1/24', '1/120']);
    }));

  it('powser1: sums and products', () =>
    simulate(async () => {
      const ones = (): Series =>
        series(async (give) => {
          for (;;) await give(() => [1n, 1n]);
        });
      expect(await take(5, product(ones(), ones()))).to.deep.equal(['1', '2', '3', '4', '5']);
      expect(await take(3, sum(ones(), constant([1n, 2n])))).to.deep.equal(['3/2', '1', '1']);
    }));

  it('powser2: the tangent is the integral of one and its square', () =>
    simulate(async () => {
      const tangent = knot((self) => {
        const [one, two] = split(self);
        return integral([0n, 1n], sum(constant([1n, 1n]), product(one, two)));
      });
      expect(await take(8, tangent)).to.deep.equal(['0', '1', '0', '1/3', '0', '2/15', '0', '17/315']);
    }));
});
