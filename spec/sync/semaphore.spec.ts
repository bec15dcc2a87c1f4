import { expect } from 'chai';
import { after, schedule, select, Semaphore, sleep, spawn, type Lease } from '../../lib/index.js';
import { simulate } from '../support/simulate.js';

describe('Semaphore', () => {
  it('[EV-13] has one permit unless it is told otherwise', () => {
    const semaphore = new Semaphore();
    expect(semaphore.tryAcquire()).to.not.equal(undefined);
    expect(semaphore.tryAcquire()).to.equal(undefined);
  });

  it('refuses what is no number of permits', () => {
    for (const permits of [-1, 0.5, NaN, Infinity]) {
      expect(() => new Semaphore(permits), String(permits)).to.throw(RangeError, 'permits');
    }
    expect(() => new Semaphore('2' as never)).to.throw(TypeError, 'permits');
    expect(() => new Semaphore(1, { bounded: true } as never)).to.throw(TypeError, "'bounded'");
    const semaphore = new Semaphore(1);
    for (const count of [0, -1, 0.5]) expect(() => semaphore.release(count)).to.throw(RangeError, 'count');
    expect(semaphore.available).to.equal(1);
  });

  it('counts what is free', async () => {
    const semaphore = new Semaphore(3);
    const leases = [semaphore.tryAcquire(), await semaphore.acquire()];
    expect([semaphore.available, semaphore.locked]).to.deep.equal([1, false]);
    leases.push(semaphore.tryAcquire());
    expect([semaphore.available, semaphore.locked]).to.deep.equal([0, true]);
    for (const lease of leases) lease?.release();
    expect(semaphore.available).to.equal(3);
  });

  it('lets in as many as it has permits', () =>
    simulate(async () => {
      const semaphore = new Semaphore(3);
      let inside = 0;
      const seen: number[] = [];
      for (let i = 0; i < 9; i++) {
        spawn(() =>
          semaphore.with(async () => {
            seen.push(++inside);
            await sleep(1);
            inside--;
          }),
        );
      }
      await sleep(10);
      expect(seen).to.deep.equal([1, 2, 3, 1, 2, 3, 1, 2, 3]);
      expect(semaphore.available).to.equal(3);
    }));

  it('[D-6] [INV-54] releases several at once to those who have waited longest', () =>
    simulate(async () => {
      const semaphore = new Semaphore(0);
      const log: number[] = [];
      for (let i = 0; i < 4; i++) {
        spawn(async () => {
          await semaphore.acquire();
          log.push(i);
        });
      }
      await schedule();
      semaphore.release(3);
      expect(semaphore.available, 'handed over, never free').to.equal(0);
      await sleep(1);
      expect(log).to.deep.equal([0, 1, 2]);
      semaphore.release(3);
      await sleep(1);
      expect(log).to.deep.equal([0, 1, 2, 3]);
      expect(semaphore.available).to.equal(2);
    }));

  it('may be given more permits than it had', () => {
    const semaphore = new Semaphore(0);
    semaphore.release(2);
    semaphore.release();
    expect(semaphore.available).to.equal(3);
    for (let i = 0; i < 3; i++) expect(semaphore.tryAcquire()).to.not.equal(undefined);
    expect(semaphore.tryAcquire()).to.equal(undefined);
  });

  it('[INV-52] conserves permits whatever is cancelled at whatever point', () =>
    simulate(async () => {
      let seed = 1;
      const draw = (count: number): number => (seed = (seed * 48271) % 2147483647) % count;
      const permits = 3;
      const semaphore = new Semaphore(permits);
      let inside = 0;
      const worker = async (): Promise<void> => {
        for (let round = 0; round < 4; round++) {
          const way = draw(3);
          let lease: Lease | undefined;
          if (way === 0) lease = semaphore.tryAcquire();
          else if (way === 1) lease = await semaphore.acquire();
          else {
            const hit = await select({ permit: semaphore.acquiring(), late: after(draw(4)).receiving() });
            if (hit.case === 'permit') lease = hit.value;
          }
          if (lease === undefined) continue;
          using _ = lease;
          inside++;
          expect(inside).to.be.at.most(permits);
          try {
            await sleep(draw(3));
          } finally {
            inside--;
          }
        }
      };
      for (let round = 0; round < 200; round++) {
        const workers = Array.from({ length: 8 }, () => spawn(worker));
        for (const each of workers) {
          if (draw(2) === 0) await schedule();
          else if (draw(4) === 0) await sleep(draw(3));
          if (draw(2) === 0) each.kill();
        }
        await sleep(100);
        expect(semaphore.available, `after round ${round}`).to.equal(permits);
      }
    })).timeout(10_000);
});
