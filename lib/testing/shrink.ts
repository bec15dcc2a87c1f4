/**
 * Makes a list of decisions that fails smaller, while it still fails.
 *
 * A decision of 0 is what happens without exploration: the fewer others there are, the easier is the story.
 */

/** How many runs a failure is worth. */
const TRIES = 400;

/** @param fails runs it; the decisions that were made if it fails like before. */
export async function shrink(
  picks: readonly number[],
  fails: (picks: readonly number[]) => Promise<readonly number[] | undefined>,
): Promise<readonly number[]> {
  let best = trim(picks);
  let tries = TRIES;
  const better = async (candidate: readonly number[]): Promise<boolean> => {
    if (tries-- <= 0) return false;
    const made = await fails(candidate);
    if (made === undefined) return false;
    const shorter = trim(made);
    if (weight(shorter) >= weight(best)) return false;
    best = shorter;
    return true;
  };
  // Large pieces first; whatever came off, all of it again, until nothing does.
  for (let size = best.length; size >= 1;) {
    let changed = false;
    for (let from = 0; from < best.length && tries > 0; from += size) {
      if (best.slice(from, from + size).every((pick) => pick === 0)) continue;
      const zeroed = best.map((pick, i) => (i >= from && i < from + size ? 0 : pick));
      const without = [...best.slice(0, from), ...best.slice(from + size)];
      if ((await better(zeroed)) || (await better(without))) changed = true;
    }
    if (tries <= 0) break;
    if (!changed) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}

function trim(picks: readonly number[]): readonly number[] {
  let { length } = picks;
  while (length > 0 && picks[length - 1] === 0) length--;
  return picks.slice(0, length);
}

/** What counts: first how many decisions are not 0, then how many there are, then how large they are. */
function weight(picks: readonly number[]): number {
  let sum = 0;
  for (const pick of picks) sum += (pick === 0 ? 0 : 1e6) + 1e3 + pick;
  return sum;
}
