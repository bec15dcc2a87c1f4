/** Whoever settles a wait first owns it. */
import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { Channel, schedule, select, sleep, spawn, TaskletExit, type WaitOptions } from '../../lib/index.js';
import { describe as inWords } from '../../lib/kernel/wait.js';
import { simulate } from '../support/simulate.js';

const ENDS = ['deliver', 'timeout', 'abort', 'kill', 'close'] as const;
type End = (typeof ENDS)[number];

/** All ordered choices of `count` of `ends`. */
function choices(ends: readonly End[], count: number): End[][] {
  if (count === 0) return [[]];
  return ends.flatMap((end) =>
    choices(
      ends.filter((other) => other !== end),
      count - 1,
    ).map((rest) => [end, ...rest]),
  );
}

/** An operation on a channel, and how the other side meets it. */
interface Kind {
  readonly name: string;
  readonly begin: (channel: Channel<string>, options: WaitOptions) => Promise<unknown>;
  /** Whether there was somebody to meet. */
  readonly deliver: (channel: Channel<string>) => boolean;
  /** A close does not end it: it stays on offer. */
  readonly outlivesClose?: true;
}

const give = (channel: Channel<string>): boolean => !channel.closing && channel.trySend('value');
const get = (channel: Channel<string>): boolean =>
  channel.balance > 0 && channel.tryReceive()?.value === 'value';

const KINDS: readonly Kind[] = [
  { name: 'receive', begin: (channel, options) => channel.receive(options), deliver: give },
  { name: 'next', begin: (channel, options) => channel.next(options), deliver: give },
  {
    name: 'send',
    begin: (channel, options) => channel.send('value', options),
    deliver: get,
    outlivesClose: true,
  },
  {
    name: 'select to receive',
    begin: (channel, options) => select({ it: channel.receiving() }, options),
    deliver: give,
  },
  {
    name: 'select to send',
    begin: (channel, options) => select({ it: channel.sending('value') }, options),
    deliver: get,
    outlivesClose: true,
  },
];

interface Race {
  /** What the operation came to. */
  outcome: End;
  /** What the wait after it came to. */
  after: 'fine' | 'kill';
  /** Whether the value went over. */
  delivered: boolean;
  balance: number;
  listeners: number;
  timer: number | undefined;
}

/** Lets `ends` come in their order, all before the victim goes on. */
async function race(kind: Kind, ends: readonly End[], carrier: 'tasklet' | 'guest'): Promise<Race> {
  return simulate(async ({ clock }) => {
    const channel = new Channel<string>();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('aborted');
    let outcome: End = 'deliver';
    let after: Race['after'] = 'fine';
    const settle = async (): Promise<void> => {
      try {
        const result = await kind.begin(channel, { timeout: 10, signal });
        if (kind.name === 'next' && (result as IteratorResult<string>).done === true) outcome = 'close';
      } catch (error) {
        if (error === reason) outcome = 'abort';
        else if (error instanceof TaskletExit) outcome = 'kill';
        else outcome = (error as Error).name === 'TimeoutError' ? 'timeout' : 'close';
      }
    };
    const silent = new Channel<never>();
    const victim = spawn(async () => {
      // As a guest it is the second operation in flight.
      const held = carrier === 'guest' ? silent.next() : undefined;
      await settle();
      silent.close();
      try {
        await held;
        await schedule();
      } catch (error) {
        if (error instanceof TaskletExit) after = 'kill';
      }
    });
    await schedule();
    let delivered = false;
    const deeds: Record<End, () => void> = {
      deliver: () => (delivered = kind.deliver(channel)),
      timeout: () => clock.advance(10),
      abort: () => controller.abort(reason),
      kill: () => victim.kill(),
      close: () => channel.close(),
    };
    for (const end of ends) deeds[end]();
    const { balance } = channel;
    const timer = clock.next;
    await victim.join().catch(() => {});
    return {
      outcome,
      after,
      delivered,
      balance,
      listeners: getEventListeners(signal, 'abort').length,
      timer,
    };
  });
}

describe('a wait', () => {
  for (const kind of KINDS) {
    for (const count of [1, 2, 3]) {
      it(`[INV-2] [INV-18] [INV-25] [INV-27] [INV-32] [BM-1] has the first outcome: ${kind.name}, any ${count} of five`, async () => {
        for (const ends of choices(ENDS, count)) {
          const effective = ends.filter((end) => end !== 'close' || kind.outlivesClose !== true);
          const [first] = effective;
          // Only a close of a sender: nothing ends it, so there is no race.
          if (first === undefined) continue;
          const story = `${kind.name}: ${ends.join(', ')}`;
          expect(await race(kind, ends, 'tasklet'), story).to.deep.equal({
            outcome: first,
            // A kill that came later waits for the next wait; one that came first was asked once.
            after: effective.slice(1).includes('kill') ? 'kill' : 'fine',
            delivered: first === 'deliver',
            balance: 0,
            listeners: 0,
            timer: undefined,
          } satisfies Race);
        }
      });
    }

    it(`[INV-27] has the first outcome when it is carried by a guest: ${kind.name}`, async () => {
      for (const ends of choices(ENDS, 2)) {
        const effective = ends.filter((end) => end !== 'close' || kind.outlivesClose !== true);
        const [first] = effective;
        if (first === undefined) continue;
        const { outcome, delivered, balance } = await race(kind, ends, 'guest');
        expect({ outcome, delivered, balance }, `${kind.name}: ${ends.join(', ')}`).to.deep.equal({
          outcome: first,
          delivered: first === 'deliver',
          balance: 0,
        });
      }
    });
  }

  it('[INV-2] [BM-1] leaves the value to the next receiver when it has timed out', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      const receive = (name: string, options?: WaitOptions) => async (): Promise<void> => {
        try {
          log.push(`${name} got ${await channel.receive(options)}`);
        } catch (error) {
          log.push(`${name} ${(error as Error).name}`);
        }
      };
      spawn(receive('a', { timeout: 10 }));
      spawn(receive('b'));
      await sleep(11);
      await channel.send(1);
    });
    expect(log).to.deep.equal(['a TimeoutError', 'b got 1']);
  });

  it('[INV-2] [BM-1] loses no value to a timeout at the same time as the delivery', async () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const taken = await simulate(async () => {
      const channel = new Channel<number>();
      const all: number[] = [];
      const receiver = spawn(async () => {
        while (all.length < values.length) {
          try {
            all.push(await channel.receive({ timeout: 5 }));
          } catch {
            // Again.
          }
        }
      });
      for (const value of values) {
        await sleep(5);
        await channel.send(value);
      }
      await receiver.join();
      return all;
    });
    expect(taken).to.deep.equal(values);
  });

  it('[BM-8] of a killed tasklet is never met', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      const dead = [spawn(() => channel.receive()), spawn(() => select({ it: channel.receiving() }))];
      await schedule();
      for (const tasklet of dead) tasklet.kill();
      expect(channel.trySend(1)).to.equal(false);
      const heir = spawn(() => channel.receive());
      await schedule();
      await channel.send(2);
      expect(await heir.join()).to.equal(2);
    });
  });

  describe('in words', () => {
    const words = (tasklet: { readonly blockedOn: string | undefined }): string | undefined =>
      tasklet.blockedOn;

    it('says the operation and the channel', async () => {
      await simulate(async () => {
        const [jobs, acks] = [new Channel<number>({ name: 'jobs' }), new Channel<number>({ name: 'acks' })];
        const waiting = [
          spawn(() => jobs.receive()),
          spawn(() => jobs.next()),
          spawn(() => acks.send(1)),
          spawn(() => select({ job: jobs.receiving(), ack: acks.sending(1) })),
          spawn(() => sleep(200)),
        ];
        await schedule();
        expect(waiting.map(words)).to.deep.equal([
          "receive on channel 'jobs'",
          "receive on channel 'jobs'",
          "send on channel 'acks'",
          "select: receive on channel 'jobs', or send on channel 'acks'",
          'sleep 200 ms',
        ]);
        for (const tasklet of waiting) tasklet.kill();
        expect(waiting.map(words)).to.deep.equal(waiting.map(() => undefined));
      });
    });

    it('says nothing of who waits for nothing', async () => {
      await simulate(async () => {
        const tasklet = spawn(() => schedule());
        expect(words(tasklet)).to.equal(undefined);
        await schedule();
        expect(inWords(tasklet.waiter)).to.equal(undefined);
      });
    });
  });
});
