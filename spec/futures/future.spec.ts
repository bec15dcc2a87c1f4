import { expect } from 'chai';
import {
  CancelledError,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  TimeoutError,
} from '../../lib/index.js';
import { Future } from '../../lib/futures/index.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Future', () => {
  it('gives its value to all who ask, before and after, in the order in which they asked', async () => {
    await simulate(async () => {
      const future = new Future<string>({ name: 'word' });
      const log: string[] = [];
      for (const name of ['a', 'b']) spawn(async () => log.push(`${name} ${await future.get()}`));
      await schedule();
      expect(future.state).to.equal('pending');
      expect(future.resolve('yes')).to.equal(true);
      log.push('resolved');
      expect([future.state, future.settled, await future.get()]).to.deep.equal(['done', true, 'yes']);
      await schedule();
      expect(log).to.deep.equal(['resolved', 'a yes', 'b yes']);
    });
  });

  it('raises its error at all who ask', async () => {
    await simulate(async () => {
      const future = new Future<string>();
      const trouble = new RangeError('no');
      const asked = rejection(future.get());
      future.reject(trouble);
      expect([await asked, await rejection(future.get())]).to.deep.equal([trouble, trouble]);
      expect(future.state).to.equal('failed');
    });
  });

  it('[INV-57] [D-15] is settled once: what comes later changes nothing', async () => {
    const future = new Future<number>();
    expect([future.resolve(1), future.resolve(2), future.reject(new Error()), future.cancel()]).to.deep.equal(
      [true, false, false, false],
    );
    expect([future.state, await future.get()]).to.deep.equal(['done', 1]);
    const failed = new Future<number>();
    const trouble = new RangeError();
    expect([failed.reject(trouble), failed.resolve(2), failed.cancel()]).to.deep.equal([true, false, false]);
    expect(await rejection(failed.get())).to.equal(trouble);
  });

  it('[INV-57] runs nobody inside the one who settles it', async () => {
    await simulate(async () => {
      const future = new Future<number>();
      let ran = false;
      const waiting = spawn(async () => {
        await future.get();
        ran = true;
      });
      await schedule();
      future.resolve(1);
      expect(ran).to.equal(false);
      await waiting.join();
    });
  });

  it('takes every value but a promise', async () => {
    for (const value of [undefined, null, NaN, false, new Error('a value')]) {
      const future = new Future<unknown>();
      future.resolve(value);
      expect(await future.get()).to.deep.equal(value);
    }
    expect(() => new Future().resolve(Promise.resolve(1))).to.throw(TypeError, 'promise');
  });

  it('is a case of select, and takes WaitOptions', async () => {
    await simulate(async () => {
      const future = new Future<number>({ name: 'answer' });
      const late = await rejection(future.get({ timeout: 10 }));
      expect(late).to.be.instanceOf(TimeoutError).with.property('message').include("future 'answer'");
      expect(future.state).to.equal('pending');
      spawn(async () => {
        await sleep(10);
        future.resolve(42);
      });
      expect(await select({ answer: future.getting() })).to.deep.equal({ case: 'answer', value: 42 });
    });
  });

  it('is shown in dump() as what somebody waits for', async () => {
    await simulate(async ({ scheduler }) => {
      const future = new Future<number>({ name: 'answer' });
      const asking = spawn(() => future.get());
      await schedule();
      expect(asking.blockedOn).to.equal("future 'answer'");
      expect(scheduler.dump()).to.include("future 'answer'");
      asking.kill();
      future.resolve(1);
    });
  });

  describe('when cancelled', () => {
    it('[D-13] tells those who wait now', async () => {
      await simulate(async () => {
        const future = new Future<number>({ name: 'job' });
        const asked = rejection(future.get());
        expect([future.cancel('why'), future.cancel(), future.state]).to.deep.equal([
          true,
          true,
          'cancelled',
        ]);
        const error = await asked;
        expect(error).to.be.instanceOf(CancelledError).with.property('cause', 'why');
        expect(error).to.have.property('message', "future 'job' was cancelled");
        expect(await rejection(future.get())).to.equal(error);
        expect(future.resolve(1)).to.equal(false);
      });
    });

    it('is no failure that somebody must ask for', async () => {
      await simulate(async () => {
        new Future().cancel();
        await sleep(10);
      });
    });
  });

  describe('when it fails and nobody asks', () => {
    it('[D-16] makes the program fail', async () => {
      const scheduler = new Scheduler({ clock: new VirtualClock() });
      const trouble = new RangeError('unheard');
      const program = run(
        async () => {
          const future = new Future<number>();
          spawn(() => future.reject(trouble));
          await sleep(100);
        },
        { scheduler },
      );
      expect(await rejection(program)).to.equal(trouble);
    });

    it('[D-16] does not when somebody asks in time', async () => {
      await simulate(async () => {
        const future = new Future<number>();
        spawn(() => future.reject(new RangeError()));
        await schedule();
        expect(await rejection(future.get())).to.be.instanceOf(RangeError);
        await sleep(10);
      });
    });
  });

  it('refuses wrong options by name', () => {
    expect(() => new Future({ name: 5 as never })).to.throw(TypeError, 'name');
    expect(() => new Future({ size: 5 } as never)).to.throw(TypeError, "'size'");
  });
});
