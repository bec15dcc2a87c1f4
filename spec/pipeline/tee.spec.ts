import { expect } from 'chai';
import { Channel, sleep, spawn, TaskletKilledError } from '../../lib/index.js';
import { collect, map, pipeline, take, tee } from '../../lib/pipeline/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('tee', () => {
  it('gives every value to a branch as well', async () => {
    const branch: string[] = [];
    const line = simulate(() =>
      pipeline(
        [1, 2],
        tee(map(String), (text) => branch.push(text)),
        collect(),
      ),
    );
    expect(await line).to.deep.equal([1, 2]);
    expect(branch).to.deep.equal(['1', '2']);
  });

  it('is as fast as the slower of the two, and over when both are', async () => {
    await simulate(async ({ clock }) => {
      await pipeline(
        [1, 2],
        tee(() => sleep(100)),
        () => sleep(10),
      );
      expect(clock.now()).to.equal(200);
    });
  });

  it('goes on without a branch that wants no more', async () => {
    const branch: number[] = [];
    const line = simulate(() =>
      pipeline(
        [1, 2, 3],
        tee(take(1), (n) => branch.push(n)),
        collect(),
      ),
    );
    expect(await line).to.deep.equal([1, 2, 3]);
    expect(branch).to.deep.equal([1]);
  });

  it('fails with its branch', async () => {
    const line = simulate(() =>
      pipeline(
        [1, 2, 3],
        tee((n) => {
          if (n === 2) throw new RangeError('branch');
        }),
        collect(),
      ),
    );
    expect(await rejection(line)).to.be.instanceOf(RangeError);
  });

  it('brings the branch to its regular end when the line wants no more', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const branch = new Channel<number>();
      spawn(async () => {
        for await (const n of branch) {
          await sleep(10);
          log.push(`got ${n}`);
        }
        log.push('end');
      });
      expect(await pipeline([1, 2, 3], tee(branch), take(1), collect())).to.deep.equal([1]);
      await sleep(50);
      expect(log.at(-1)).to.equal('end');
      expect(log).to.include('got 1');
    });
  });

  it('lets the branch fail with the line', async () => {
    await simulate(async () => {
      const branch = new Channel<number>();
      const reader = spawn(async () => {
        for await (const _ of branch);
      });
      const heard = rejection(reader.join());
      const line = pipeline([1, 2], tee(branch), (n) => {
        if (n === 2) throw new RangeError('line');
      });
      expect(await rejection(line)).to.be.instanceOf(RangeError);
      expect(await heard).to.be.instanceOf(RangeError);
    });
  });

  it('ends the branch when its caller gives up', async () => {
    await simulate(async () => {
      const branch = new Channel<number>();
      const line = spawn(() => pipeline([1], tee(branch), collect()));
      await sleep(10);
      line.kill();
      await sleep(10);
      expect(await rejection(branch.receive())).to.be.instanceOf(TaskletKilledError);
      await rejection(line.join());
    });
  });

  it('refuses what is no stage at once', () => {
    for (const wrong of [5, null, {}])
      expect(() => tee(wrong as never, collect())).to.throw(TypeError, 'tee: a stage');
  });
});
