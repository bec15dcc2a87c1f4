import { expect } from 'chai';
import { Channel, sleep, spawn } from '../../lib/index.js';
import { batch, collect, pipeline } from '../../lib/pipeline/index.js';
import { simulate } from '../support/simulate.js';

describe('batch', () => {
  it('passes on arrays of so many values; the last one may be shorter', async () => {
    expect(await simulate(() => pipeline([1, 2, 3, 4, 5], batch(2), collect()))).to.deep.equal([
      [1, 2],
      [3, 4],
      [5],
    ]);
    expect(await simulate(() => pipeline([1, 2], batch(2), collect()))).to.deep.equal([[1, 2]]);
    expect(await simulate(() => pipeline([], batch(2), collect()))).to.deep.equal([]);
  });

  it('waits no longer than so many milliseconds after the first value of a batch', async () => {
    await simulate(async ({ clock }) => {
      const input = new Channel<string>();
      spawn(async () => {
        for (const [pause, text] of [
          [0, 'a'],
          [40, 'b'],
          [40, 'c'],
          [500, 'd'],
        ] as const) {
          await sleep(pause);
          await input.send(text);
        }
        input.close();
      });
      const got: [number, string[]][] = [];
      await pipeline(input, batch(10, { within: 50 }), (values) => got.push([clock.now(), values]));
      expect(got).to.deep.equal([
        [50, ['a', 'b']],
        [130, ['c']],
        [580, ['d']],
      ]);
    });
  });

  it('passes on a full batch at once', async () => {
    await simulate(async ({ clock }) => {
      await pipeline([1, 2], batch(2, { within: 1000 }), () => undefined);
      expect(clock.now()).to.equal(0);
    });
  });

  it('refuses wrong options by name', () => {
    expect(() => batch(0)).to.throw(RangeError, 'count');
    expect(() => batch(2, { within: -1 })).to.throw(RangeError, 'within');
    expect(() => batch(2, { size: 1 } as never)).to.throw(TypeError, "'size'");
  });
});
