import { expect } from 'chai';
import { collect, filter, pipeline } from '../../lib/pipeline/index.js';
import { simulate } from '../support/simulate.js';

describe('filter', () => {
  it('passes on the values of which it says yes, also later', async () => {
    const odd = async (n: number): Promise<boolean> => n % 2 === 1;
    const big = (n: number): boolean => n > 1;
    expect(await simulate(() => pipeline([1, 2, 3], filter(odd), filter(big), collect()))).to.deep.equal([3]);
  });

  it('narrows the type', async () => {
    const isText = (value: string | number): value is string => typeof value === 'string';
    const texts: string[] = await simulate(() => pipeline([1, 'a'], filter(isText), collect()));
    expect(texts).to.deep.equal(['a']);
  });

  it('refuses what is no function', () => {
    expect(() => filter(5 as never)).to.throw(TypeError, 'fn');
  });
});
