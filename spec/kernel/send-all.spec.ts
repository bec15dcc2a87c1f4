import { expect } from 'chai';
import { Channel, ChannelClosedError, schedule, sleep, spawn } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** A source of 0, 1, 2 … that logs what is asked of it. */
function* counting(log: string[]): Generator<number> {
  try {
    for (let i = 0; ; i++) {
      log.push(`asked for ${i}`);
      yield i;
    }
  } finally {
    log.push('cleaned up');
  }
}

async function* countingLater(log: string[]): AsyncGenerator<number> {
  try {
    for (let i = 0; ; i++) {
      log.push(`asked for ${i}`);
      yield i;
      await sleep(1);
    }
  } finally {
    log.push('cleaned up');
  }
}

describe('Channel · sendAll', () => {
  for (const [name, source] of [
    ['an array', () => [1, 2, 3]],
    ['a set', () => new Set([1, 2, 3])],
    ['a typed array', () => new Uint8Array([1, 2, 3])],
    [
      'a generator',
      function* () {
        yield* [1, 2, 3];
      },
    ],
    [
      'an async generator',
      async function* () {
        yield 1;
        await sleep(5);
        yield* [2, 3];
      },
    ],
    [
      'another channel',
      () => {
        const other = new Channel<number>();
        spawn(async () => {
          for (const value of [1, 2, 3]) await other.send(value);
          other.close();
        });
        return other;
      },
    ],
    [
      'an iterator with nothing but next',
      () => {
        let i = 0;
        return {
          [Symbol.asyncIterator]: (): AsyncIterator<number, undefined> => ({
            next: async () => (++i > 3 ? { done: true, value: undefined } : { done: false, value: i }),
          }),
        };
      },
    ],
  ] as readonly (readonly [string, () => Iterable<number> | AsyncIterable<number>])[]) {
    it(`sends all of ${name}, and says how many`, async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        const sender = spawn(() => channel.sendAll(source()));
        const taken = [await channel.receive(), await channel.receive(), await channel.receive()];
        expect(taken).to.deep.equal([1, 2, 3]);
        expect(await sender.join()).to.equal(3);
      });
    });
  }

  it('sends none of nothing', async () => {
    expect(await new Channel().sendAll([])).to.equal(0);
  });

  for (const [name, make] of [
    ['a generator', counting],
    ['an async generator', countingLater],
  ] as const) {
    describe(`of ${name}`, () => {
      it('asks for the next value when the last one was taken', async () => {
        const log: string[] = [];
        await simulate(async () => {
          const channel = new Channel<number>();
          const sender = spawn(() => channel.sendAll(make(log)));
          await sleep(10);
          for (let i = 0; i < 2; i++) {
            log.push(`got ${await channel.receive()}`);
            await sleep(10);
          }
          sender.kill();
          await rejection(sender.join());
        });
        const story = ['asked for 0', 'got 0', 'asked for 1', 'got 1', 'asked for 2', 'cleaned up'];
        expect(log).to.deep.equal(story);
      });

      it('ends early when the channel is closed, with what could not be sent', async () => {
        const log: string[] = [];
        await simulate(async () => {
          const channel = new Channel<number>();
          const sender = spawn(() => rejection(channel.sendAll(make(log))));
          expect(await channel.receive()).to.equal(0);
          channel.close();
          const error = await sender.join();
          expect(error).to.be.instanceOf(ChannelClosedError).with.property('value', 1);
          await sleep(10);
        });
        expect(log).to.deep.equal(['asked for 0', 'asked for 1', 'cleaned up']);
      });
    });
  }

  it('raises what the source raises', async () => {
    await simulate(async () => {
      const error = new Error('bad source');
      const sources: (Iterable<number> | AsyncIterable<number>)[] = [
        (function* () {
          yield 1;
          throw error;
        })(),
        (async function* () {
          yield 1;
          throw error;
        })(),
        {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              throw error;
            },
          }),
        },
        {
          [Symbol.iterator]: () => {
            throw error;
          },
        },
      ];
      for (const source of sources) {
        const channel = new Channel<number>();
        const sender = spawn(() => rejection(channel.sendAll(source)));
        await channel.receive({ timeout: 10 }).catch(() => {});
        expect(await sender.join()).to.equal(error);
      }
    });
  });

  it('[INV-18] can be killed while the source is silent', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      let told = 0;
      const silent: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: () => {
            told++;
            return new Promise(() => {});
          },
        }),
      };
      const sender = spawn(() => channel.sendAll(silent));
      await schedule();
      expect(sender.blockedOn).to.equal('next value of an iterable');
      sender.kill();
      await rejection(sender.join());
      expect(told).to.equal(1);
    });
  });

  it('[INV-51] raises the error that ended it, whatever the clean-up of the source raises', async () => {
    for (const fail of [
      () => {
        throw new Error('bad clean-up');
      },
      () => Promise.reject(new Error('bad clean-up')),
    ]) {
      const channel = new Channel<number>();
      channel.close();
      const source: AsyncIterable<number> = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: 1 }),
          return: fail,
        }),
      };
      expect(await rejection(channel.sendAll(source))).to.be.instanceOf(ChannelClosedError);
    }
  });

  it('does not clean up a source that has ended or failed by itself', async () => {
    for (const last of [async () => ({ done: true }), () => Promise.reject(new Error('bad'))]) {
      let told = 0;
      const source = {
        [Symbol.asyncIterator]: () => ({ next: last, return: async () => (told++, { done: true }) }),
      } as unknown as AsyncIterable<number>;
      await new Channel<number>().sendAll(source).catch(() => {});
      expect(told).to.equal(0);
    }
  });

  it('refuses what is not iterable, and values that are thenables', async () => {
    const channel = new Channel<unknown>();
    for (const wrong of [7, undefined, null, {}, () => {}, { [Symbol.iterator]: 1 }]) {
      expect(await rejection(channel.sendAll(wrong as never))).to.be.instanceOf(TypeError);
    }
    expect(await rejection(channel.sendAll([Promise.resolve(1)]))).to.be.instanceOf(TypeError);
    expect(channel.balance).to.equal(0);
  });
});
