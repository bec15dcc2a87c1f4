import { expect } from 'chai';
import { after, Event, schedule, select, sleep, spawn, TimeoutError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Event', () => {
  it('is not set when it is made, and has the name it was given', () => {
    const event = new Event({ name: 'go' });
    expect(event.isSet).to.equal(false);
    expect([event.name, new Event().name]).to.deep.equal(['go', '']);
    expect(() => new Event({ name: 1 as never })).to.throw(TypeError, 'name');
    expect(() => new Event({ title: 'go' } as never)).to.throw(TypeError, "'title'");
  });

  describe('when it is set', () => {
    it('[EV-6] wakes one who waits', () =>
      simulate(async () => {
        const event = new Event();
        const log: string[] = [];
        const waiter = spawn(async () => {
          await event.wait();
          log.push('woken');
        });
        spawn(() => {
          log.push('set');
          event.set();
        });
        await waiter.join();
        expect(log).to.deep.equal(['set', 'woken']);
      }));

    it('[T-6] [INV-56] wakes all who wait, each once, in the order in which they came', () =>
      simulate(async () => {
        const event = new Event();
        const log: number[] = [];
        for (let i = 0; i < 10; i++) {
          spawn(async () => {
            await event.wait();
            log.push(i);
          });
        }
        await schedule();
        event.set();
        expect(log, 'nobody runs inside set').to.deep.equal([]);
        await sleep(1);
        expect(log).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      }));

    it('[INV-56] wakes each once although the woken ones come back, clear it, and kill others', () =>
      simulate(async () => {
        const event = new Event();
        const log: string[] = [];
        const last = spawn(async () => {
          await event.wait();
          log.push('c');
          await schedule();
          log.push('never');
        });
        // In front of `last`: they were spawned later, and it stands aside first.
        spawn(async () => {
          await event.wait();
          log.push('a');
          event.clear();
          await event.wait();
          log.push('a again');
        });
        spawn(async () => {
          await event.wait();
          log.push('b');
          last.kill();
          throw new TypeError('b');
        })
          .join()
          .catch(() => log.push('b failed'));
        await schedule();
        event.set();
        await sleep(1);
        expect(log).to.deep.equal(['c', 'a', 'b', 'b failed']);
        event.set();
        await sleep(1);
        expect(log.at(-1)).to.equal('a again');
      }));

    it('lets pass at once, without a turn for others', () =>
      simulate(async () => {
        const event = new Event();
        event.set();
        event.set();
        const log: string[] = [];
        spawn(() => log.push('other'));
        await event.wait();
        await event.wait({ timeout: 0 });
        log.push('passed');
        await schedule();
        expect(log).to.deep.equal(['passed', 'other']);
      }));

    it('wakes those who waited, even when it is cleared in the same step', () =>
      simulate(async () => {
        const event = new Event();
        const waiter = spawn(() => event.wait());
        await schedule();
        event.set();
        event.clear();
        await waiter.join();
        expect(event.isSet).to.equal(false);
        expect(await rejection(event.wait({ timeout: 1 }))).to.be.instanceOf(TimeoutError);
      }));

    it('[INV-47] wakes a hundred thousand', () =>
      simulate(async () => {
        const event = new Event();
        let woken = 0;
        for (let i = 0; i < 100_000; i++) {
          spawn(async () => {
            await event.wait();
            woken++;
          });
        }
        await schedule();
        event.set();
        await sleep(1);
        expect(woken).to.equal(100_000);
      })).timeout(10_000);
  });

  it('[EV-7] a wait that is up before it is set raises TimeoutError', () =>
    simulate(async () => {
      const event = new Event();
      spawn(async () => {
        await sleep(100);
        event.set();
      });
      expect(await rejection(event.wait({ timeout: 1 }))).to.be.instanceOf(TimeoutError);
      expect(event.isSet).to.equal(false);
      await event.wait();
    }));

  it('[EV-8] [EV-9] can be set after one who waited was killed, and is set then', () =>
    simulate(async () => {
      const event = new Event();
      const waiter = spawn(() => event.wait());
      await schedule();
      waiter.kill();
      event.set();
      await schedule();
      expect(waiter.state).to.equal('killed');
      expect(event.isSet).to.equal(true);
    }));

  it('[EV-10] can be cleared by one whom it woke', () =>
    simulate(async () => {
      const event = new Event();
      const waiter = spawn(async () => {
        await event.wait();
        event.clear();
      });
      await schedule();
      event.set();
      await waiter.join();
      expect(event.isSet).to.equal(false);
    }));

  it('[D-8] keeps nothing of those who gave up waiting', () =>
    simulate(async () => {
      const event = new Event();
      for (let i = 0; i < 100; i++) await rejection(event.wait({ timeout: 0 }));
      const { line } = event as unknown as { line: { balance: number } };
      expect(line.balance).to.equal(0);
    }));

  it('a case of it may be kept: it is ready when the event is set, and only then', () =>
    simulate(async () => {
      const event = new Event();
      const waiting = event.waiting();
      const which = async (): Promise<string> =>
        (await select({ waiting, late: after(5).receiving() }, { order: 'listed' })).case;
      const seen: string[] = [];
      seen.push(await which());
      event.set();
      seen.push(await which(), await which());
      event.clear();
      seen.push(await which());
      event.set();
      seen.push(await which());
      expect(seen).to.deep.equal(['late', 'waiting', 'waiting', 'late', 'waiting']);
    }));

  it('can be set and waited for outside tasklets', async () => {
    const event = new Event();
    const waits = Promise.all([event.wait(), event.wait()]);
    event.set();
    await waits;
    await event.wait();
  });
});
