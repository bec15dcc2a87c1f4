import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { Channel, Local, run, schedule, Scheduler, spawn, Tasklet } from '../../lib/index.js';
import { simulate } from '../support/simulate.js';

describe('Local', () => {
  it('is what it was made with where nobody has set it', () =>
    simulate(async () => {
      const user = new Local('nobody');
      expect(user.get()).to.equal('nobody');
      expect(await spawn(() => user.get()).join()).to.equal('nobody');
    }));

  it('is a tasklet’s own, over all kinds of waits', () =>
    simulate(async () => {
      const user = new Local('nobody');
      const line = new Channel<void>();
      const tasklets = ['ada', 'bob', 'eve'].map((name) =>
        spawn(async () => {
          user.set(name);
          await schedule();
          const seen = [user.get()];
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(user.get());
          await line.receive();
          seen.push(await (async () => user.get())());
          expect(seen).to.deep.equal([name, name, name]);
        }),
      );
      for (let i = 0; i < 3; i++) await line.send();
      for (const tasklet of tasklets) await tasklet.join();
      expect(user.get()).to.equal('nobody');
    }));

  it('is inherited at spawn, and what is set later is not', () =>
    simulate(async () => {
      const user = new Local('nobody');
      user.set('ada');
      const child = spawn(async () => {
        const before = user.get();
        await schedule();
        return [before, user.get(), await spawn(() => user.get()).join()];
      });
      user.set('bob');
      await schedule();
      expect(await child.join()).to.deep.equal(['ada', 'ada', 'ada']);
      expect(user.get()).to.equal('bob');
    }));

  it('set in a child is not seen by its parent or its siblings', () =>
    simulate(async () => {
      const user = new Local('nobody');
      user.set('parent');
      const children = ['a', 'b'].map((name) =>
        spawn(async () => {
          user.set(name);
          await schedule();
          return user.get();
        }),
      );
      expect(await Promise.all(children.map((child) => child.join()))).to.deep.equal(['a', 'b']);
      expect(user.get()).to.equal('parent');
    }));

  it('is inherited when the tasklet is made, not when it is started', () =>
    simulate(async () => {
      const user = new Local('nobody');
      user.set('maker');
      const made = new Tasklet(() => user.get());
      user.set('starter');
      expect(await made.start().join()).to.equal('maker');
    }));

  it('does not mix with another one', () =>
    simulate(async () => {
      const [a, b] = [new Local(1), new Local(2)];
      a.set(10);
      expect([a.get(), b.get()]).to.deep.equal([10, 2]);
    }));

  it('holds any value, `undefined` too', () =>
    simulate(async () => {
      const local = new Local<unknown>('initial');
      for (const value of [undefined, null, NaN, 0, {}, () => {}]) {
        local.set(value);
        expect(local.get()).to.satisfy((got: unknown) => Object.is(got, value));
      }
    }));

  it('is that of the one that emits, in a listener', () =>
    simulate(async () => {
      const user = new Local('nobody');
      const emitter = new EventEmitter();
      const log: string[] = [];
      emitter.on('ping', () => log.push(user.get()));
      for (const name of ['ada', 'bob']) {
        await spawn(() => {
          user.set(name);
          emitter.emit('ping');
        }).join();
      }
      expect(log).to.deep.equal(['ada', 'bob']);
    }));

  it('outside tasklets is one for all, and inherited there too', async () => {
    const user = new Local('nobody');
    user.set('outside');
    expect(await spawn(() => user.get()).join()).to.equal('outside');
    await spawn(() => user.set('inside')).join();
    expect(user.get()).to.equal('outside');
    expect(await run(() => user.get(), { scheduler: new Scheduler() })).to.equal('outside');
  });
});
