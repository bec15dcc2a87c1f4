import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import {
  Channel,
  schedule,
  select,
  sleep,
  spawn,
  timeout,
  TimeoutError,
  wait,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** Everything that takes the limits of a wait, on `channel` where that says anything. */
const OPERATIONS: readonly (readonly [
  name: string,
  begin: (channel: Channel<number>, options: WaitOptions) => Promise<unknown>,
])[] = [
  ['receive', (channel, options) => channel.receive(options)],
  ['next', (channel, options) => channel.next(options)],
  ['send', (channel, options) => channel.send(1, options)],
  ['sendError', (channel, options) => channel.sendError(new Error('sent'), options)],
  ['select', (channel, options) => select({ it: channel.receiving() }, options)],
  ['wait for a promise', (_, options) => wait(new Promise(() => {}), options)],
  ['wait with a function', (_, options) => wait(() => new Promise(() => {}), options)],
];

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('the limits of a wait', () => {
  for (const [name, begin] of OPERATIONS) {
    describe(`of ${name}`, () => {
      it('[INV-28] are refused when they are none, before anything is changed', async () => {
        await simulate(async ({ clock }) => {
          const channel = new Channel<number>();
          for (const [bad, kind] of [
            [NaN, RangeError],
            [-1, RangeError],
            [-0.001, RangeError],
            [-Infinity, RangeError],
            ['10', TypeError],
            ['', TypeError],
            [null, TypeError],
            [true, TypeError],
            [10n, TypeError],
            [{}, TypeError],
            [[10], TypeError],
            [new Date(10), TypeError],
            [() => 10, TypeError],
            [Symbol('10'), TypeError],
            [Object(10), TypeError],
          ] as const) {
            const error = await rejection(begin(channel, { timeout: bad as never }));
            expect(error, String(bad))
              .to.be.instanceOf(kind)
              .with.property('message')
              .that.includes('timeout');
            expect([channel.balance, clock.next]).to.deep.equal([0, undefined]);
          }
          for (const bad of [null, {}, 'signal', new AbortController(), 1]) {
            const error = await rejection(begin(channel, { signal: bad as never }));
            expect(error).to.be.instanceOf(TypeError).with.property('message').that.includes('signal');
          }
          for (const bad of [null, 5, '5', () => {}]) {
            expect(await rejection(begin(channel, bad as never))).to.be.instanceOf(TypeError);
          }
          expect(await rejection(begin(channel, { timeOut: 5 } as never)))
            .to.be.instanceOf(TypeError)
            .with.property('message')
            .that.includes("'timeOut'");
        });
      });

      it('end it with a TimeoutError at their time, and not before', async () => {
        await simulate(async ({ clock }) => {
          for (const ms of [0.5, 1, 10, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 1e15]) {
            const channel = new Channel<number>({ name: 'silent' });
            const start = clock.now();
            const error = await rejection(begin(channel, { timeout: ms }));
            expect(error).to.be.instanceOf(TimeoutError).with.property('code', 'ERR_TIMEOUT');
            expect((error as Error).message).to.include(`${ms} ms`);
            // What a number can tell apart at this height.
            expect(clock.now() - start).to.be.closeTo(ms, ms * 1e-9);
            expect(channel.balance).to.equal(0);
          }
        });
      });

      it('[INV-31] end it with the reason of a signal, at once if that was aborted before', async () => {
        await simulate(async () => {
          const channel = new Channel<number>();
          for (const reason of [new Error('stop'), 'stop', 0, null]) {
            const controller = new AbortController();
            const waiting = spawn(async () => [
              await rejection(begin(channel, { signal: controller.signal })),
            ]);
            await schedule();
            expect(listeners(controller.signal)).to.equal(1);
            controller.abort(reason);
            expect(listeners(controller.signal)).to.equal(0);
            expect(channel.balance).to.equal(0);
            expect(await waiting.join()).to.deep.equal([reason]);
            expect(await rejection(begin(channel, { signal: controller.signal }))).to.equal(reason);
            expect(channel.balance).to.equal(0);
          }
        });
      });

      it('do nothing when they say nothing', async () => {
        await simulate(async ({ clock }) => {
          const channel = new Channel<number>();
          for (const options of [{}, { timeout: undefined, signal: undefined }, { timeout: Infinity }]) {
            const waiting = spawn(() => begin(channel, options));
            await schedule();
            expect(waiting.state).to.equal('blocked');
            expect(clock.next).to.equal(undefined);
            waiting.kill();
          }
        });
      });
    });
  }

  describe('a timeout of 0', () => {
    it('takes what is ready', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        channel.post(1);
        channel.post(2);
        expect(await channel.receive({ timeout: 0 })).to.equal(1);
        expect(await select({ it: channel.receiving() }, { timeout: 0 })).to.deep.equal({
          case: 'it',
          value: 2,
        });
        const receiver = spawn(() => channel.receive());
        await schedule();
        await channel.send(3, { timeout: 0 });
        expect(await receiver.join()).to.equal(3);
      });
    });

    it('lets everybody who can run have one turn', async () => {
      const log: string[] = [];
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(async () => {
          log.push('one');
          await schedule();
          log.push('too late');
        });
        spawn(() => log.push('two'));
        const error = await rejection(channel.receive({ timeout: 0 }));
        log.push((error as Error).name);
      });
      expect(log).to.deep.equal(['one', 'two', 'too late', 'TimeoutError']);
    });

    it('does not wait for the others to come to rest', async () => {
      let laps = 0;
      await simulate(async () => {
        let over = false;
        spawn(async () => {
          for (; !over; laps++) await schedule();
        });
        await rejection(new Channel<number>().receive({ timeout: 0 }));
        over = true;
      });
      expect(laps).to.be.at.most(2);
    });

    it('takes what comes in that turn', async () => {
      await simulate(async () => {
        const channel = new Channel<number>();
        spawn(() => channel.send(1));
        expect(await channel.receive({ timeout: 0 })).to.equal(1);
      });
    });

    it('gives up outside tasklets too', async () => {
      const channel = new Channel<number>();
      expect(await rejection(channel.receive({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
      expect(await rejection(channel.send(1, { timeout: -0 }))).to.be.instanceOf(TimeoutError);
      expect(channel.balance).to.equal(0);
    });
  });

  it('[INV-29] let the one who came first go first when the time is the same', async () => {
    const log: string[] = [];
    await simulate(() => {
      const channel = new Channel<number>();
      for (const name of ['a', 'b', 'c']) {
        spawn(async () => {
          await rejection(channel.receive({ timeout: 10 }));
          log.push(name);
        });
      }
    });
    expect(log).to.deep.equal(['a', 'b', 'c']);
  });

  it('of more than the platform can count are not up at once [INV-28]', async () => {
    const channel = new Channel<string>();
    const waits = [2 ** 31, 2 ** 53].map((timeout) => channel.receive({ timeout }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(channel.balance).to.equal(-2);
    channel.post('a');
    channel.post('b');
    expect(await Promise.all(waits)).to.deep.equal(['a', 'b']);
  });

  it('[INV-31] share one listener on a signal, however many wait with it', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      const { signal } = new AbortController();
      const waiting = Array.from({ length: 50 }, () => spawn(() => channel.receive({ signal })));
      await schedule();
      expect(listeners(signal)).to.equal(1);
      for (const tasklet of waiting.slice(0, 49)) tasklet.kill();
      expect(listeners(signal)).to.equal(1);
      await channel.send(1);
      expect(listeners(signal)).to.equal(0);
    });
  });

  it('[INV-31] wake all who wait with an aborted signal, in order', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      const controller = new AbortController();
      for (const name of ['a', 'b', 'c']) {
        spawn(async () => {
          await rejection(channel.receive({ signal: controller.signal }));
          log.push(name);
        });
      }
      await schedule();
      controller.abort();
      expect(channel.balance).to.equal(0);
    });
    expect(log).to.deep.equal(['a', 'b', 'c']);
  });

  it('an aborted signal comes before a partner who waits', async () => {
    const channel = new Channel<number>();
    channel.post(1);
    expect(await rejection(channel.receive({ signal: AbortSignal.abort('stop') }))).to.equal('stop');
    expect(channel.tryReceive()).to.deep.equal({ value: 1 });
  });

  it('[BM-15] are own properties, and nobody else is asked', async () => {
    await simulate(async ({ clock }) => {
      const channel = new Channel<number>();
      const inherited = Object.create({ timeout: -1, nonsense: true }) as WaitOptions;
      const waiting = spawn(() => channel.receive(inherited));
      await schedule();
      expect(clock.next).to.equal(undefined);
      waiting.kill();
      for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__']) {
        const options = JSON.parse(`{ "${name}": 1 }`) as WaitOptions;
        expect(await rejection(channel.receive(options))).to.be.instanceOf(TypeError);
      }
    });
  });

  it('are not put on a wait that was ended on the way to the next tasklet', async () => {
    // The scope's own time is up while its tasklet gives the turn away, before the inner wait is limited.
    const log: string[] = [];
    await simulate(async ({ clock }) => {
      const channel = new Channel<number>();
      const { signal } = new AbortController();
      const outer = await rejection(
        timeout(0, async () => {
          await rejection(channel.receive({ timeout: 50, signal }));
          expect(clock.next).to.equal(undefined);
          expect(listeners(signal)).to.equal(0);
          await sleep(100);
          log.push('slept');
          throw new Error('end');
        }),
      );
      log.push((outer as Error).message, `at ${clock.now()}`);
    });
    expect(log).to.deep.equal(['slept', 'end', 'at 100']);
  });

  it('[INV-80] leave nothing behind after 4,000 waits that were given up', async () => {
    await simulate(async ({ clock }) => {
      const channel = new Channel<number>();
      const { signal } = new AbortController();
      for (let i = 0; i < 2000; i++) {
        await rejection(channel.receive({ timeout: 1, signal }));
        await rejection(select({ a: channel.receiving(), b: channel.receiving() }, { timeout: 1, signal }));
      }
      expect([channel.receivers.first, channel.balance, clock.next]).to.deep.equal([null, 0, undefined]);
      expect(listeners(signal)).to.equal(0);
    });
  }).timeout(30_000);

  it('[INV-80] warn of nothing', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): number => warnings.push(warning);
    process.on('warning', hear);
    try {
      const channel = new Channel<number>();
      const { signal } = new AbortController();
      const waits = Array.from({ length: 20 }, () => channel.receive({ signal, timeout: 2 ** 40 }));
      channel.close();
      await Promise.allSettled(waits);
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('warning', hear);
    }
    expect(warnings).to.deep.equal([]);
  });
});
