import { expect } from 'chai';
import { Channel, sleep, spawn, TaskletKilledError } from '../../lib/index.js';
import { collect, merge, pipeline, take } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

async function* each(ms: number, texts: string, log: string[] = []): AsyncGenerator<string> {
  try {
    for (const text of texts) {
      await sleep(ms);
      yield text;
    }
  } finally {
    log.push(`${texts} left`);
  }
}

describe('merge', () => {
  it('passes on the values of all, each as it comes, and ends when all have', async () => {
    const line = simulate(() => pipeline(each(20, 'abc'), merge(each(15, 'xyz')), collect()));
    expect((await line).join('')).to.equal('xaybzc');
  });

  it('takes sources of other types, and channels', async () => {
    await simulate(async () => {
      const channel = new Channel<number>();
      spawn(async () => {
        await channel.send(1);
        channel.close();
      });
      const all: (string | number)[] = await pipeline(['a'], merge(channel), collect());
      expect(all).to.have.members(['a', 1]);
    });
  });

  it('leaves all when no more is wanted, and takes nothing from a channel that is not passed on', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const channel = new Channel<string>();
      const line = pipeline(each(10, 'abc', log), merge(channel, each(10, 'xyz', log)), take(3), collect());
      expect(await line).to.have.length(3);
      expect(log).to.have.members(['abc left', 'xyz left']);
      expect(channel.balance).to.equal(0);
    });
  });

  it('leaves all when one fails', async () => {
    const log: string[] = [];
    const failing = {
      [Symbol.asyncIterator]: () => ({
        async next(): Promise<IteratorResult<string>> {
          await sleep(15);
          throw new RangeError('broken');
        },
      }),
    };
    const line = simulate(() => pipeline(each(10, 'abc', log), merge(failing), collect()));
    expect(await rejection(line)).to.be.instanceOf(RangeError);
    expect(log).to.deep.equal(['abc left']);
  });

  it('is no regular end when who takes from one of them was killed', async () => {
    await simulate(async ({ scheduler }) => {
      const [source, other] = [new Channel<number>(), new Channel<number>()];
      const line = spawn(() => pipeline(source, merge(other), collect<number>()));
      await sleep(10);
      scheduler
        .tasklets()
        .find(({ parent }) => parent?.name === 'merge')
        ?.kill();
      expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
    });
  });

  it('refuses what is no source', () => {
    expect(() => merge(5 as never)).to.throw(TypeError, 'source');
  });
});
