import { expect } from 'chai';
import {
  after,
  Channel,
  ChannelClosedError,
  schedule,
  select,
  sleep,
  spawn,
  TaskletKilledError,
  TimeoutError,
} from '../../lib/index.js';
import { Inbox, OverflowError, type InboxSource } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** A source that writes down what it is told. */
function told(log: string[]): InboxSource {
  return {
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
    stop: () => log.push('stop'),
  };
}

describe('Inbox', () => {
  describe('put', () => {
    it('hands values on in order, from any callback', () =>
      simulate(async () => {
        const inbox = new Inbox<number>();
        setImmediate(() => {
          inbox.put(1);
          inbox.put(2);
          setImmediate(() => inbox.put(3));
        });
        expect([await inbox.receive(), await inbox.receive(), await inbox.receive()]).to.deep.equal([
          1, 2, 3,
        ]);
      }));

    it('[INV-8] hands any value on as it is, and refuses only what an await would change', () =>
      simulate(async () => {
        const values = [
          undefined,
          null,
          NaN,
          -0,
          false,
          '',
          Symbol('s'),
          () => {},
          Object.freeze({}),
          new Error('x'),
        ];
        const inbox = new Inbox<unknown>();
        for (const value of values) expect(inbox.put(value)).to.equal(true);
        for (const value of values) expect(Object.is(await inbox.receive(), value)).to.equal(true);
        expect(() => inbox.put(Promise.resolve(1))).to.throw(TypeError);
        expect(inbox.size).to.equal(0);
      }));

    it('never waits, and says how many stand there', () => {
      const inbox = new Inbox<number>();
      for (let i = 0; i < 3; i++) expect(inbox.put(i)).to.equal(true);
      expect(inbox.size).to.equal(3);
      expect(inbox.tryReceive()).to.deep.equal({ value: 0 });
      expect(inbox.size).to.equal(2);
    });

    it('wakes a waiting receiver last in the ring, and runs nothing of it', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<string>();
        const receiver = spawn(async () => log.push(await inbox.receive()));
        await schedule();
        const other = spawn(() => log.push('other'));
        inbox.put('value');
        log.push('put');
        await receiver.join();
        await other.join();
        expect(log).to.deep.equal(['put', 'other', 'value']);
      }));
  });

  describe('of a source that can be paused', () => {
    it('[INV-61] pauses it while a value has not been taken, and lets it go on when it was', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>(told(log));
        inbox.put(1);
        expect(log).to.deep.equal(['pause']);
        await sleep(1000);
        expect(log).to.deep.equal(['pause']);
        expect(await inbox.receive()).to.equal(1);
        await schedule();
        expect(log).to.deep.equal(['pause', 'resume']);
      }));

    it('does not pause it for a receiver that waits already', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>(told(log));
        const receiver = spawn(() => inbox.receive());
        await schedule();
        inbox.put(1);
        expect(await receiver.join()).to.equal(1);
        expect(log).to.deep.equal([]);
      }));

    it('says each word only when it is news', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>(told(log), { limit: 3 });
        for (let i = 0; i < 5; i++) {
          inbox.put(i);
          log.push(`put ${i}`);
        }
        for (let i = 0; i < 5; i++) {
          log.push(`took ${await inbox.receive()}`);
          await schedule();
        }
        expect(log).to.deep.equal([
          'put 0',
          'put 1',
          'pause',
          'put 2',
          'put 3',
          'put 4',
          'took 0',
          'took 1',
          'resume',
          'took 2',
          'took 3',
          'took 4',
        ]);
      }));

    it('keeps what comes although it was paused', () =>
      simulate(async () => {
        const inbox = new Inbox<number>(told([]));
        for (let i = 0; i < 100; i++) expect(inbox.put(i)).to.equal(true);
        expect([inbox.size, inbox.dropped]).to.deep.equal([100, 0]);
        inbox.end();
        let sum = 0;
        for await (const value of inbox) sum += value;
        expect(sum).to.equal(4950);
      }));

    it('lets it go on in a microtask of its own, so that it may put more at once', () =>
      simulate(async () => {
        let next = 0;
        const source = {
          pause() {},
          resume() {
            if (++next > 3) inbox.end();
            else inbox.put(next);
          },
        };
        const inbox = new Inbox<number>(source);
        inbox.put(0);
        const values: number[] = [];
        for await (const value of inbox) values.push(value);
        expect(values).to.deep.equal([0, 1, 2, 3]);
      }));

    for (const word of ['pause', 'resume'] as const) {
      it(`[INV-46] ends with the error of its ${word}, and loses nothing`, () =>
        simulate(async () => {
          const wrong = new Error(word);
          const fail = (): never => {
            throw wrong;
          };
          const inbox = new Inbox<number>({ pause() {}, [word]: fail });
          inbox.put(1);
          expect(await inbox.receive()).to.equal(1);
          expect(await rejection(inbox.receive())).to.equal(wrong);
        }));
    }

    it('has the values of a killed receiver for the next one [INV-18]', () =>
      simulate(async () => {
        const inbox = new Inbox<number>(told([]));
        const victim = spawn(() => inbox.receive());
        await schedule();
        victim.kill();
        inbox.put(7);
        expect(await inbox.receive()).to.equal(7);
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
      }));
  });

  describe('of a source that cannot be paused', () => {
    it('ends with an OverflowError at the limit: what stands there first, then the error with the value', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>({ stop: () => log.push('stop') }, { limit: 2, name: 'ticks' });
        expect([inbox.put(1), inbox.put(2), inbox.put(3), inbox.put(4)]).to.deep.equal([
          true,
          true,
          false,
          false,
        ]);
        expect(log).to.deep.equal(['stop']);
        expect([await inbox.receive(), await inbox.receive()]).to.deep.equal([1, 2]);
        const error = await rejection(inbox.receive());
        expect(error).to.be.instanceOf(OverflowError).and.include({ code: 'ERR_OVERFLOW', value: 3 });
        expect(inbox.dropped).to.equal(1);
      }));

    it('drops the oldest, if told to, and counts', () => {
      const inbox = new Inbox<number>({}, { limit: 2, overflow: 'drop-oldest' });
      for (let i = 1; i <= 5; i++) expect(inbox.put(i)).to.equal(true);
      expect([inbox.size, inbox.dropped]).to.deep.equal([2, 3]);
      expect([inbox.tryReceive(), inbox.tryReceive()]).to.deep.equal([{ value: 4 }, { value: 5 }]);
    });

    it('drops the newest, if told to, and counts', () => {
      const inbox = new Inbox<number>({}, { limit: 2, overflow: 'drop-newest' });
      expect([1, 2, 3, 4, 5].map((i) => inbox.put(i))).to.deep.equal([true, true, false, false, false]);
      expect([inbox.size, inbox.dropped]).to.deep.equal([2, 3]);
      expect([inbox.tryReceive(), inbox.tryReceive()]).to.deep.equal([{ value: 1 }, { value: 2 }]);
    });

    it('drops nothing while receivers wait', () =>
      simulate(async () => {
        const inbox = new Inbox<number>({}, { limit: 1 });
        const receivers = [1, 2, 3].map(() => spawn(() => inbox.receive()));
        await schedule();
        for (const value of [1, 2, 3, 4]) expect(inbox.put(value)).to.equal(true);
        expect(await Promise.all(receivers.map((receiver) => receiver.join()))).to.deep.equal([1, 2, 3]);
        expect(await inbox.receive()).to.equal(4);
      }));

    it('has room for 1024 by default', () => {
      const inbox = new Inbox<number>();
      for (let i = 0; i < 1024; i++) expect(inbox.put(i)).to.equal(true);
      expect(inbox.put(1024)).to.equal(false);
    });
  });

  describe('end', () => {
    it('lets all that stands there be received, then ends receives, iterations and puts', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>(told(log), { limit: 9 });
        inbox.put(1);
        inbox.put(2);
        inbox.end();
        inbox.end(new Error('too late'));
        expect([inbox.closing, inbox.closed, inbox.put(3)]).to.deep.equal([true, false, false]);
        expect([await inbox.receive(), await inbox.receive()]).to.deep.equal([1, 2]);
        expect(inbox.closed).to.equal(true);
        expect(await rejection(inbox.receive())).to.be.instanceOf(ChannelClosedError);
        expect(await inbox.next()).to.deep.equal({ value: undefined, done: true });
        expect(log).to.deep.equal(['stop']);
      }));

    it('with an error gives every receiver that one, whatever it is', () =>
      simulate(async () => {
        for (const wrong of [new Error('broken'), 'broken', null]) {
          const inbox = new Inbox<number>();
          const waiting = [spawn(() => rejection(inbox.receive())), spawn(() => rejection(inbox.next()))];
          await schedule();
          inbox.end(wrong);
          for (const receiver of waiting) expect(await receiver.join()).to.equal(wrong);
          expect(await rejection(inbox.receive())).to.equal(wrong);
        }
      }));

    it('does not let a paused source go on', () =>
      simulate(async () => {
        const log: string[] = [];
        const inbox = new Inbox<number>(told(log));
        inbox.put(1);
        inbox.end();
        await inbox.receive();
        await schedule();
        expect(log).to.deep.equal(['pause', 'stop']);
      }));
  });

  describe('close', () => {
    it('[INV-84] drops what stands there, tells the source once, and may be called again', () =>
      simulate(async () => {
        const log: string[] = [];
        {
          using inbox = new Inbox<number>(told(log), { limit: 2 });
          inbox.put(1);
          inbox.put(2);
          inbox.put(3);
          inbox.close();
          expect([inbox.size, inbox.closed]).to.deep.equal([0, true]);
          inbox.close();
          expect(await rejection(inbox.receive())).to.be.instanceOf(ChannelClosedError);
        }
        await schedule();
        expect(log).to.deep.equal(['pause', 'stop']);
      }));

    it('wakes whoever waits', () =>
      simulate(async () => {
        const inbox = new Inbox<number>();
        const waiting = spawn(() => inbox.next());
        await schedule();
        inbox.close();
        expect(await waiting.join()).to.deep.equal({ value: undefined, done: true });
      }));
  });

  describe('as something to wait for', () => {
    it('takes WaitOptions, and says in the error and in dump() what it is', () =>
      simulate(async ({ scheduler }) => {
        const inbox = new Inbox<number>({}, { name: 'jobs' });
        const error = await rejection(inbox.receive({ timeout: 5 }));
        expect(error).to.be.instanceOf(TimeoutError);
        expect((error as Error).message).to.include("inbox 'jobs'");
        const controller = new AbortController();
        controller.abort('enough');
        expect(await rejection(inbox.next({ signal: controller.signal }))).to.equal('enough');
        const waiting = spawn(() => inbox.next());
        await schedule();
        expect(scheduler.dump()).to.match(/blocked +inbox 'jobs'/);
        inbox.end();
        await waiting.join();
      }));

    it('stands in a select, on both sides of its end', () =>
      simulate(async () => {
        const inbox = new Inbox<number>();
        const cases = () => ({ value: inbox.receiving(), late: after(10).receiving() });
        expect(await select(cases())).to.deep.equal({ case: 'late', value: undefined });
        inbox.put(1);
        expect(await select(cases())).to.deep.equal({ case: 'value', value: 1 });
        inbox.end();
        const hit = await select({ value: inbox.nexting() });
        expect(hit.value).to.deep.equal({ value: undefined, done: true });
      }));

    it('[INV-36] stays open after a break, and loses no value by it', () =>
      simulate(async () => {
        const inbox = new Inbox<number>();
        for (const value of [1, 2, 3]) inbox.put(value);
        for await (const value of inbox) if (value === 2) break;
        expect(await inbox.receive()).to.equal(3);
        expect(inbox.closing).to.equal(false);
      }));

    it('is served to several receivers in the order in which they came', () =>
      simulate(async () => {
        const inbox = new Inbox<string>();
        const log = new Channel<string>();
        for (const name of ['a', 'b', 'c']) spawn(async () => log.send(name + (await inbox.receive())));
        await schedule();
        for (const value of ['1', '2', '3']) inbox.put(value);
        expect([await log.receive(), await log.receive(), await log.receive()]).to.deep.equal([
          'a1',
          'b2',
          'c3',
        ]);
      }));
  });

  describe('misused', () => {
    const wrong: [string, () => unknown, new () => Error][] = [
      ['an unknown option', () => new Inbox({}, { size: 1 } as object), TypeError],
      ['a limit of 0', () => new Inbox({}, { limit: 0 }), RangeError],
      ['a limit of NaN', () => new Inbox({}, { limit: NaN }), RangeError],
      ['a limit of 1.5', () => new Inbox({}, { limit: 1.5 }), RangeError],
      ['a limit that is no number', () => new Inbox({}, { limit: '1' as unknown as number }), TypeError],
      ['an overflow that does not exist', () => new Inbox({}, { overflow: 'block' as 'error' }), TypeError],
      ['a name that is no string', () => new Inbox({}, { name: 7 as unknown as string }), TypeError],
      ['a source that is no object', () => new Inbox('socket' as unknown as InboxSource), TypeError],
      ['a source that is null', () => new Inbox(null as unknown as InboxSource), TypeError],
    ];
    for (const [what, make, error] of wrong) {
      it(`refuses ${what}`, () => {
        expect(make).to.throw(error, /^Inbox: /);
      });
    }
  });
});
