import { EventEmitter, getEventListeners } from 'node:events';
import { expect } from 'chai';
import {
  after,
  Channel,
  ChannelClosedError,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  Tasklet,
  TaskGroup,
  TimeoutError,
} from '../../lib/index.js';
import { events, OverflowError, type Inbox } from '../../lib/io/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** How many listeners an emitter has, name by name. */
function listeners(emitter: EventEmitter): Record<string, number> {
  return Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
}

describe('events', () => {
  it('receives what was emitted, in order, with its name and its arguments', () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      using inbox = events(emitter, 'a', 'b');
      emitter.emit('a', 1, 'x');
      emitter.emit('b');
      emitter.emit('other');
      emitter.emit('a', 2);
      expect([await inbox.receive(), await inbox.receive(), await inbox.receive()]).to.deep.equal([
        { name: 'a', args: [1, 'x'] },
        { name: 'b', args: [] },
        { name: 'a', args: [2] },
      ]);
      expect(inbox.size).to.equal(0);
    }));

  it('knows the types that an emitter declares', () =>
    simulate(async () => {
      const emitter = new EventEmitter<{ job: [id: number, text: string]; end: [] }>();
      using inbox = events(emitter, 'job', 'end');
      emitter.emit('job', 7, 'seven');
      const event = await inbox.receive();
      if (event.name !== 'job') expect.fail('it was a job');
      const [id, text]: [number, string] = event.args;
      expect([id, text]).to.deep.equal([7, 'seven']);
    }));

  it('wakes a receiver that waits, from wherever it is emitted', () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      using inbox = events(emitter, 'a');
      setImmediate(() => emitter.emit('a', 'from outside'));
      expect((await inbox.receive()).args).to.deep.equal(['from outside']);
      spawn(() => emitter.emit('a', 'from a tasklet'));
      expect((await inbox.receive()).args).to.deep.equal(['from a tasklet']);
    }));

  it('receives symbols, and a name that is said twice once', () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const name = Symbol('secret');
      using inbox = events(emitter, name, name);
      emitter.emit(name);
      expect(await inbox.receive()).to.deep.equal({ name, args: [] });
      expect(inbox.size).to.equal(0);
    }));

  it('receives from an EventTarget', () =>
    simulate(async () => {
      const target = new EventTarget();
      {
        using inbox = events(target, 'ring', 'error');
        const ring = new Event('ring');
        target.dispatchEvent(ring);
        target.dispatchEvent(new Event('error'));
        expect(await inbox.receive()).to.deep.equal({ name: 'ring', args: [ring] });
        expect((await inbox.receive()).name).to.equal('error');
        expect(getEventListeners(target, 'ring')).to.have.length(1);
      }
      expect(getEventListeners(target, 'ring')).to.have.length(0);
      expect(getEventListeners(target, 'error')).to.have.length(0);
    }));

  describe('when more is emitted than received', () => {
    const emit = (emitter: EventEmitter, count: number): void => {
      for (let i = 1; i <= count; i++) emitter.emit('a', i);
    };

    it('ends with an OverflowError, and listens no more', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        const inbox = events(emitter, 'a', { limit: 2 });
        emit(emitter, 5);
        expect(listeners(emitter)).to.deep.equal({});
        expect([(await inbox.receive()).args, (await inbox.receive()).args]).to.deep.equal([[1], [2]]);
        const error = await rejection(inbox.receive());
        expect(error).to.be.instanceOf(OverflowError);
        expect((error as OverflowError).value).to.deep.equal({ name: 'a', args: [3] });
        expect((error as Error).message).to.include("event 'a'");
      }));

    it('drops and counts, if told to', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        using oldest = events(emitter, 'a', { limit: 1, overflow: 'drop-oldest' });
        using newest = events(emitter, 'a', { limit: 2, overflow: 'drop-newest' });
        emit(emitter, 5);
        expect([oldest.size, oldest.dropped, newest.size, newest.dropped]).to.deep.equal([1, 4, 2, 3]);
        expect((await oldest.receive()).args).to.deep.equal([5]);
        expect((await newest.receive()).args).to.deep.equal([1]);
      }));
  });

  describe('when the emitter has an error', () => {
    it('ends with that error after what was emitted before, and listens no more', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        const inbox = events(emitter, 'a');
        const wrong = new Error('wrong');
        emitter.emit('a', 1);
        emitter.emit('error', wrong);
        expect(listeners(emitter)).to.deep.equal({});
        expect((await inbox.receive()).args).to.deep.equal([1]);
        expect(await rejection(inbox.receive())).to.equal(wrong);
        expect(await rejection(inbox.next())).to.equal(wrong);
      }));

    it('ends with an error even if there was none', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        const inbox = events(emitter, 'a');
        emitter.emit('error');
        expect(await rejection(inbox.next())).to.be.instanceOf(Error);
      }));

    it('receives it as an event, if asked for by name', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        using inbox = events(emitter, 'error');
        emitter.emit('error', 'wrong');
        expect(await inbox.receive()).to.deep.equal({ name: 'error', args: ['wrong'] });
        expect(inbox.closing).to.equal(false);
      }));
  });

  describe('listens no more', () => {
    it('[INV-84] when it is closed, and again', () => {
      const emitter = new EventEmitter();
      const other = (): void => {};
      emitter.on('a', other);
      const inbox = events(emitter, 'a', 'b');
      expect(listeners(emitter)).to.deep.equal({ a: 2, b: 1, error: 1 });
      inbox.close();
      inbox.close();
      expect(emitter.listeners('a')).to.deep.equal([other]);
      expect(listeners(emitter)).to.deep.equal({ a: 1 });
    });

    const ends: Record<string, (maker: Tasklet, go: Channel<boolean>) => unknown> = {
      'has returned': (_, go) => go.send(true),
      'has failed': (_, go) => go.send(false),
      'was killed': (maker) => maker.kill(),
    };
    for (const [how, end] of Object.entries(ends)) {
      it(`[INV-68] when its tasklet ${how}, and wakes who waits for it`, () =>
        simulate(async () => {
          const emitter = new EventEmitter();
          const made = new Channel<Inbox<unknown>>();
          const go = new Channel<boolean>();
          const maker = spawn(async () => {
            await made.send(events(emitter, 'a'));
            if (!(await go.receive())) throw new Error('failed');
          });
          const inbox = await made.receive();
          const waiting = spawn(() => inbox.next());
          await schedule();
          expect(listeners(emitter)).to.deep.equal({ a: 1, error: 1 });
          await end(maker, go);
          await maker.join().catch(() => {});
          expect(await waiting.join()).to.deep.equal({ value: undefined, done: true });
          expect(listeners(emitter)).to.deep.equal({});
        }));
    }

    it('when its tasklet is done in a group', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        await TaskGroup.run((group) => {
          group.spawn(() => void events(emitter, 'a'));
          group.spawn(() => void events(emitter, 'b'));
        });
        await schedule();
        expect(listeners(emitter)).to.deep.equal({});
      }));

    it('when a run that has it is over', async () => {
      const emitter = new EventEmitter();
      const main = (): void => {
        const listening = async (): Promise<void> => {
          for await (const _ of events(emitter, 'a'));
        };
        new Tasklet(listening, { daemon: true }).start();
      };
      await run(main, { scheduler: new Scheduler() });
      expect(listeners(emitter)).to.deep.equal({});
    });

    it('but leaves nothing on a tasklet that lives longer', () =>
      simulate(async () => {
        const emitter = new EventEmitter();
        const closed: WeakRef<object>[] = [];
        for (let i = 0; i < 10; i++) {
          const inbox = events(emitter, 'a');
          closed.push(new WeakRef(inbox));
          inbox.close();
        }
        expect(listeners(emitter)).to.deep.equal({});
        await collectGarbage();
        expect(closed.slice(0, -1).filter((ref) => ref.deref() !== undefined)).to.have.length(0);
      }));

    it('when the emitter throws while it is listened to', () => {
      const emitter = new EventEmitter();
      const wrong = new Error('not that one');
      emitter.on('newListener', (name) => {
        if (name === 'c') throw wrong;
      });
      expect(() => events(emitter, 'a', 'b', 'c')).to.throw(wrong);
      expect(listeners(emitter)).to.deep.equal({ newListener: 1 });
      expect(() => events(process, 'SIGKILL')).to.throw();
      expect(process.listenerCount('SIGKILL')).to.equal(0);
    });
  });

  it('outside a tasklet listens until it is closed', async () => {
    const emitter = new EventEmitter();
    using inbox = events(emitter, 'a');
    await spawn(() => schedule()).join();
    emitter.emit('a', 1);
    expect((await inbox.receive()).args).to.deep.equal([1]);
  });

  it('takes WaitOptions, stands in a select, and is named in dump()', () =>
    simulate(async ({ scheduler }) => {
      const emitter = new EventEmitter();
      using inbox = events(emitter, 'open', 'close');
      expect(await rejection(inbox.receive({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
      const late = await select({ event: inbox.receiving(), late: after(5).receiving() });
      expect(late.case).to.equal('late');
      const waiting = spawn(() => inbox.receive());
      await schedule();
      expect(scheduler.dump()).to.include("event 'open' or 'close'");
      emitter.emit('open');
      expect((await waiting.join()).name).to.equal('open');
    }));

  it('ends an iteration when it is closed', () =>
    simulate(async () => {
      const emitter = new EventEmitter();
      const inbox = events(emitter, 'a');
      const seen: unknown[] = [];
      const reader = spawn(async () => {
        for await (const { args } of inbox) seen.push(...args);
      });
      await schedule();
      emitter.emit('a', 1);
      emitter.emit('a', 2);
      await sleep(1);
      inbox.close();
      await reader.join();
      expect(seen).to.deep.equal([1, 2]);
      expect(await rejection(inbox.receive())).to.be.instanceOf(ChannelClosedError);
    }));

  describe('misused', () => {
    const emitter = new EventEmitter();
    const wrong: [string, () => unknown, new () => Error][] = [
      ['no emitter', () => (events as (...args: unknown[]) => unknown)({}, 'a'), TypeError],
      ['null', () => events(null as unknown as EventEmitter, 'a'), TypeError],
      ['no name', () => (events as (...args: unknown[]) => unknown)(emitter), TypeError],
      ['options alone', () => (events as (...args: unknown[]) => unknown)(emitter, { limit: 1 }), TypeError],
      ['a name that is none', () => (events as (...args: unknown[]) => unknown)(emitter, 7, 'a'), TypeError],
      ['an unknown option', () => events(emitter, 'a', { size: 1 } as object), TypeError],
      ['a wrong limit', () => events(emitter, 'a', { limit: -1 }), RangeError],
      ['a wrong overflow', () => events(emitter, 'a', { overflow: 'block' as 'error' }), TypeError],
    ];
    for (const [what, make, error] of wrong) {
      it(`refuses ${what}`, () => {
        expect(make).to.throw(error);
        expect(listeners(emitter)).to.deep.equal({});
      });
    }
  });
});
