import { expect } from 'chai';
import { Barrier, BrokenBarrierError, schedule, sleep, spawn, TimeoutError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Barrier', () => {
  it('refuses wrong options', () => {
    for (const parties of [0, -1, 1.5, NaN])
      expect(() => new Barrier(parties)).to.throw(RangeError, 'parties');
    expect(() => new Barrier('2' as never)).to.throw(TypeError, 'parties');
    expect(() => new Barrier(2, { action: 7 as never })).to.throw(TypeError, 'action');
    expect(() => new Barrier(2, { timeout: -1 })).to.throw(RangeError, 'timeout');
    expect(() => new Barrier(2, { after: 1 } as never)).to.throw(TypeError, "'after'");
  });

  it('[EV-18] ten tasklets and their runner pass', () =>
    simulate(async () => {
      const barrier = new Barrier(11, { timeout: 1000 });
      let passed = 0;
      for (let i = 0; i < 10; i++) {
        spawn(async () => {
          await barrier.wait();
          passed++;
        });
      }
      await schedule();
      expect([barrier.waiting, passed]).to.deep.equal([10, 0]);
      expect(await barrier.wait()).to.equal(10);
      await sleep(1);
      expect([barrier.waiting, passed]).to.deep.equal([0, 10]);
    }));

  it('[EV-19] says how many must come', () => {
    expect(new Barrier(11).parties).to.equal(11);
  });

  it('[T-7] the last one runs the action and goes on first, round after round', () =>
    simulate(async () => {
      const log: unknown[] = [];
      const barrier = new Barrier(3, { action: () => void log.push('action') });
      for (let i = 0; i < 3; i++) {
        spawn(async () => {
          for (let round = 0; round < 2; round++) log.push(await barrier.wait());
        });
      }
      await sleep(1);
      expect(log.join(' ')).to.equal('action 2 0 1 action 2 0 1');
    }));

  it('waits for an action that waits; who comes meanwhile waits for the next time', () =>
    simulate(async () => {
      const log: unknown[] = [];
      const barrier = new Barrier(2, { action: () => sleep(10) });
      for (const name of ['a', 'b', 'c', 'd']) {
        spawn(async () => log.push(`${name}${await barrier.wait()}`));
      }
      await sleep(9);
      expect(log).to.deep.equal([]);
      await sleep(2);
      expect(log).to.deep.equal(['b1', 'd1', 'a0', 'c0']);
    }));

  it('shows where those who wait stand', () =>
    simulate(async () => {
      const barrier = new Barrier(2, { name: 'start' });
      const waiter = spawn(() => barrier.wait());
      await schedule();
      expect(waiter.blockedOn).to.equal("barrier 'start'");
      await barrier.wait();
    }));

  describe('when one who waits gives up', () => {
    for (const way of ['timed out', 'killed', 'aborted']) {
      it(`${way}: all others get BrokenBarrierError, and whoever comes`, () =>
        simulate(async () => {
          const barrier = new Barrier(3, { name: 'start' });
          const controller = new AbortController();
          const { signal } = controller;
          const options = way === 'timed out' ? { timeout: 5 } : way === 'aborted' ? { signal } : {};
          const quitter = spawn(() => barrier.wait(options));
          const waiter = spawn(() => rejection(barrier.wait()));
          const end = rejection(quitter.join());
          await schedule();
          if (way === 'killed') quitter.kill();
          if (way === 'aborted') controller.abort(new Error('no more'));
          expect(await waiter.join()).to.be.instanceOf(BrokenBarrierError);
          expect(await end).to.not.be.instanceOf(BrokenBarrierError);
          expect(barrier.broken).to.equal(true);
          const error = await rejection(barrier.wait());
          expect(error).to.be.instanceOf(BrokenBarrierError);
          expect(error).to.include({ code: 'ERR_BROKEN_BARRIER', message: "barrier 'start': it was broken" });
        }));
    }

    it('is not counted as one who has come, even before it has had its turn', () =>
      simulate(async () => {
        const barrier = new Barrier(3);
        const quitter = spawn(() => barrier.wait());
        const waiter = spawn(() => rejection(barrier.wait()));
        await schedule();
        quitter.kill();
        // The kill is on its way; whoever comes now is the second of three.
        const third = rejection(barrier.wait());
        expect(barrier.waiting).to.equal(2);
        expect(await third).to.be.instanceOf(BrokenBarrierError);
        expect(await waiter.join()).to.be.instanceOf(BrokenBarrierError);
      }));

    it('after it was let pass, does not break the next round', () =>
      simulate(async () => {
        const barrier = new Barrier(2);
        const first = spawn(async () => {
          await barrier.wait();
          await schedule();
        });
        await schedule();
        await barrier.wait();
        first.kill();
        await sleep(1);
        expect(first.state).to.equal('killed');
        expect(barrier.broken).to.equal(false);
      }));

    it('each wait has the time of the barrier, unless it says its own', () =>
      simulate(async ({ clock }) => {
        const barrier = new Barrier(2, { timeout: 10 });
        expect(await rejection(barrier.wait())).to.be.instanceOf(TimeoutError);
        expect(clock.now()).to.equal(10);
        barrier.reset();
        expect(await rejection(barrier.wait({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
        barrier.reset();
        // As who passes on an option that may be left out has it.
        expect(await rejection(barrier.wait({ timeout: undefined }))).to.be.instanceOf(TimeoutError);
        expect(clock.now()).to.equal(25);
      }));
  });

  it('refuses wrong options without breaking, and without counting who asked', () =>
    simulate(async () => {
      const barrier = new Barrier(2);
      expect(await rejection(barrier.wait({ timeout: -1 }))).to.be.instanceOf(RangeError);
      expect([barrier.broken, barrier.waiting]).to.deep.equal([false, 0]);
      const waiter = spawn(() => barrier.wait());
      await schedule();
      expect(await rejection(barrier.wait({ timeout: -1 }))).to.be.instanceOf(RangeError);
      expect([barrier.broken, barrier.waiting]).to.deep.equal([false, 1]);
      await barrier.wait();
      await waiter.join();
    }));

  it('an action that throws is the error of the last one, and breaks it for the rest', () =>
    simulate(async () => {
      const error = new Error('action');
      const barrier = new Barrier(2, {
        action: () => {
          throw error;
        },
      });
      const waiter = spawn(() => rejection(barrier.wait()));
      await schedule();
      expect(await rejection(barrier.wait())).to.equal(error);
      expect(await waiter.join()).to.be.instanceOf(BrokenBarrierError);
      expect(barrier.broken).to.equal(true);
    }));

  it('abort breaks it, reset makes it as new', () =>
    simulate(async () => {
      const barrier = new Barrier(2);
      const aborted = spawn(() => rejection(barrier.wait()));
      await schedule();
      barrier.abort();
      barrier.abort();
      expect(await aborted.join()).to.be.instanceOf(BrokenBarrierError);
      barrier.reset();
      expect(barrier.broken).to.equal(false);
      const reset = spawn(() => rejection(barrier.wait()));
      await schedule();
      barrier.reset();
      expect(barrier.broken, 'reset while one waits').to.equal(false);
      expect(await reset.join()).to.be.instanceOf(BrokenBarrierError);
      const waiter = spawn(() => barrier.wait());
      await schedule();
      expect([await barrier.wait(), await waiter.join()]).to.deep.equal([1, 0]);
    }));

  it('of one can be broken, too', async () => {
    const barrier = new Barrier(1);
    expect([await barrier.wait(), await barrier.wait()]).to.deep.equal([0, 0]);
    barrier.abort();
    expect(await rejection(barrier.wait())).to.be.instanceOf(BrokenBarrierError);
  });

  it('of one does not starve the event loop', async () => {
    const barrier = new Barrier(1);
    let ticked = false;
    setImmediate(() => (ticked = true));
    await spawn(async () => {
      for (let i = 0; i < 1_000_000 && !ticked; i++) await barrier.wait();
    }).join();
    expect(ticked).to.equal(true);
  });
});
