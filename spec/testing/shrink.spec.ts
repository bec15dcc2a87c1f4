import { expect } from 'chai';
import { shrink } from '../../lib/testing/shrink.js';

/** Shrinks `picks` as long as `fails` says so. */
function smallest(
  picks: readonly number[],
  fails: (picks: readonly number[]) => boolean,
): Promise<readonly number[]> {
  return shrink(picks, async (candidate) => (fails(candidate) ? candidate : undefined));
}

describe('shrink', () => {
  const long = Array.from({ length: 60 }, (_, i) => (i * 7) % 4);

  it('leaves only what is needed', async () => {
    const needed = await smallest(long, (picks) => picks.includes(3) && picks.includes(2));
    expect([...needed].filter((pick) => pick > 0).sort()).to.deep.equal([2, 3]);
  });

  it('comes down to nothing when everything fails', async () => {
    expect(await smallest(long, () => true)).to.deep.equal([]);
  });

  it('keeps what it cannot make smaller', async () => {
    const all = [1, 2, 3];
    expect(await smallest(all, (picks) => String(picks) === String(all))).to.deep.equal(all);
  });

  it('gives up after some time', async () => {
    let tries = 0;
    const hard = Array.from({ length: 1000 }, () => 1);
    await smallest(hard, (picks) => ++tries < 0 || picks.length === 1000);
    expect(tries).to.be.below(500);
  });
});
