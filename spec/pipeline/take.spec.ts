import { expect } from 'chai';
import { collect, map, pipeline, skip, take } from '../../lib/pipeline/index.js';
import { simulate } from '../support/simulate.js';

describe('take', () => {
  it('passes on the first values, or all if there are fewer', async () => {
    expect(await simulate(() => pipeline([1, 2, 3], take(2), collect()))).to.deep.equal([1, 2]);
    expect(await simulate(() => pipeline([1, 2, 3], take(5), collect()))).to.deep.equal([1, 2, 3]);
  });

  it('asks for nothing when nothing is wanted', async () => {
    let asked = false;
    const source = {
      [Symbol.iterator]: () => {
        asked = true;
        return [1][Symbol.iterator]();
      },
    };
    expect(await simulate(() => pipeline(source, take(0), collect()))).to.deep.equal([]);
    expect(asked).to.equal(false);
  });

  it('can be used in several lines', async () => {
    const two = take<number>(2);
    for (let round = 0; round < 2; round++) {
      expect(await simulate(() => pipeline([1, 2, 3], two, collect()))).to.deep.equal([1, 2]);
    }
  });

  it('can stand twice in a line', async () => {
    const line = simulate(() => pipeline([1, 2, 3, 4], take(3), map(String), take(1), collect()));
    expect(await line).to.deep.equal(['1']);
  });

  it('refuses what is no number of values', () => {
    for (const count of [-1, 0.5, Infinity, NaN]) expect(() => take(count)).to.throw(RangeError, 'count');
    expect(() => take('2' as never)).to.throw(TypeError, 'count');
  });
});

describe('skip', () => {
  it('leaves out the first values', async () => {
    expect(await simulate(() => pipeline([1, 2, 3], skip(2), collect()))).to.deep.equal([3]);
    expect(await simulate(() => pipeline([1, 2, 3], skip(5), collect()))).to.deep.equal([]);
    expect(await simulate(() => pipeline([1, 2, 3], skip(0), collect()))).to.deep.equal([1, 2, 3]);
  });

  it('refuses what is no number of values', () => {
    expect(() => skip(-1)).to.throw(RangeError, 'count');
  });
});
