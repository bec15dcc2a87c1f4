import { expect } from 'chai';
import { sleep } from '../../lib/index.js';
import { map, pipeline, throttle } from '../../lib/pipeline/index.js';
import { simulate } from '../support/simulate.js';

describe('throttle', () => {
  it('lets no more values pass within a stretch of time, and drops none', async () => {
    await simulate(async ({ clock }) => {
      const at: number[] = [];
      await pipeline([1, 2, 3, 4, 5], throttle(2, { within: 100 }), () => at.push(clock.now()));
      expect(at).to.deep.equal([0, 0, 100, 100, 200]);
    });
  });

  it('holds up nobody who is slow enough', async () => {
    await simulate(async ({ clock }) => {
      const at: number[] = [];
      const slow = map(async (n: number) => {
        await sleep(60);
        return n;
      });
      await pipeline([1, 2, 3], slow, throttle(2, { within: 100 }), () => at.push(clock.now()));
      expect(at).to.deep.equal([60, 120, 180]);
    });
  });

  it('counts a value when it is taken, so that a slow sink gets no burst', async () => {
    await simulate(async ({ clock }) => {
      const at: number[] = [];
      await pipeline([1, 2, 3, 4], throttle(1, { within: 100 }), async (n) => {
        at.push(clock.now());
        if (n === 1) await sleep(250);
      });
      expect(at).to.deep.equal([0, 250, 350, 450]);
    });
  });

  it('refuses wrong options by name', () => {
    expect(() => throttle(0, { within: 1 })).to.throw(RangeError, 'count');
    expect(() => throttle(1, { within: 0 })).to.throw(RangeError, 'within');
    expect(() => throttle(1, undefined as never)).to.throw(TypeError, 'within');
    expect(() => throttle(1, { within: 1, burst: 2 } as never)).to.throw(TypeError, "'burst'");
  });
});
