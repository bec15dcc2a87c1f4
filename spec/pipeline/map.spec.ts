import { expect } from 'chai';
import { Channel, current, sleep, spawn, TaskletKilledError } from '../../lib/index.js';
import { collect, map, pipeline, take } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const delays = [50, 10, 30, 20, 40, 10];

/** Works for as long as the value says, and notes how many work at a time. */
function worker(): { work(ms: number): Promise<number>; most: number } {
  let busy = 0;
  const watched = {
    most: 0,
    async work(ms: number): Promise<number> {
      watched.most = Math.max(watched.most, ++busy);
      try {
        await sleep(ms);
      } finally {
        busy--;
      }
      return ms;
    },
  };
  return watched;
}

describe('map', () => {
  it('gives the value and its number', async () => {
    const result = await simulate(() =>
      pipeline(
        ['a', 'b'],
        map((text, index) => `${index}${text}`),
        collect(),
      ),
    );
    expect(result).to.deep.equal(['0a', '1b']);
  });

  for (const concurrency of [1, 2, 3, 6, 10]) {
    it(`keeps the order, ${concurrency} at a time, and works on no more`, async () => {
      const watched = worker();
      const result = await simulate(() => pipeline(delays, map(watched.work, { concurrency }), collect()));
      expect(result).to.deep.equal(delays);
      expect(watched.most).to.equal(Math.min(concurrency, delays.length));
    });
  }

  it('passes results on as they are ready when order does not matter', async () => {
    const watched = worker();
    const result = await simulate(() =>
      pipeline(delays, map(watched.work, { concurrency: 3, ordered: false }), collect()),
    );
    expect(result).to.deep.equal([10, 30, 20, 10, 50, 40]);
    expect(watched.most).to.equal(3);
  });

  it('holds no more values than that while the first one is slow', async () => {
    await simulate(async () => {
      let taken = 0;
      const line = spawn(() =>
        pipeline(
          naturals(),
          map(
            async (n) => {
              taken++;
              if (n === 0) await sleep(1000);
              return n;
            },
            { concurrency: 4 },
          ),
          take(10),
          collect(),
        ),
      );
      await sleep(500);
      expect(taken).to.equal(4);
      expect(await line.join()).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });
  });

  it('is no regular end when all its tasklets were killed, although none had a value', async () => {
    await simulate(async ({ scheduler }) => {
      const source = new Channel<number>({ name: 'source' });
      const line = spawn(() =>
        pipeline(
          source,
          map((n: number) => n, { concurrency: 2 }),
          collect<number>(),
        ),
      );
      await source.send(1);
      await sleep(10);
      const hands = scheduler
        .tasklets()
        .filter(({ blockedOn }) => blockedOn === "receive on channel 'source'");
      expect(hands.length).to.equal(2);
      for (const hand of hands) hand.kill();
      expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
    });
  });

  it('makes no more tasklets than there is work for', async () => {
    await simulate(async ({ scheduler }) => {
      const line = spawn(() =>
        pipeline(
          [1, 2],
          map(() => sleep(100), { concurrency: 1000 }),
          collect(),
        ),
      );
      await sleep(50);
      expect(scheduler.tasklets().length).to.be.lessThan(10);
      await line.join();
    });
  });

  for (const ordered of [true, false]) {
    const how = ordered ? 'in order' : 'in any order';
    it(`ends its other work at the first error (${how})`, async () => {
      await simulate(async () => {
        const log: string[] = [];
        const trouble = new RangeError('two');
        const work = async (n: number): Promise<void> => {
          try {
            await sleep(n * 10);
            if (n === 2) throw trouble;
          } finally {
            log.push(`${n} ended`);
          }
        };
        const line = pipeline([1, 2, 3, 4], map(work, { concurrency: 3, ordered }), collect());
        expect(await rejection(line)).to.equal(trouble);
        expect(log.slice(0, 2)).to.deep.equal(['1 ended', '2 ended']);
        expect(log.toSorted()).to.deep.equal(['1 ended', '2 ended', '3 ended', '4 ended']);
      });
    });

    it(`fails when one of its tasklets is killed, which has a value in its hands (${how})`, async () => {
      await simulate(async () => {
        const work = async (n: number): Promise<number> => {
          if (n === 1) current()?.kill();
          await sleep(10);
          return n;
        };
        const line = pipeline([0, 1, 2, 3], map(work, { concurrency: 2, ordered }), collect());
        expect(await rejection(line)).to.be.instanceOf(TaskletKilledError);
      });
    });

    it(`ends its work when no more is wanted (${how})`, async () => {
      await simulate(async ({ scheduler }) => {
        const watched = worker();
        const stage = map((n: number) => watched.work(n * 10), { concurrency: 3, ordered });
        expect(await pipeline(naturals(), stage, take(2), collect())).to.deep.equal([0, 10]);
        expect(scheduler.tasklets()).to.have.length(1);
      });
    });
  }

  it('refuses wrong options by name', () => {
    expect(() => map(String, { concurrency: 0 })).to.throw(RangeError, 'concurrency');
    expect(() => map(String, { concurrency: 1.5 })).to.throw(RangeError, 'concurrency');
    expect(() => map(String, { ordered: 1 as never })).to.throw(TypeError, 'ordered');
    expect(() => map(String, { size: 1 } as never)).to.throw(TypeError, "'size'");
    expect(() => map(5 as never)).to.throw(TypeError, 'fn');
  });
});

function* naturals(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}
