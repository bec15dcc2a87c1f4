/**
 * Ways to decide.
 *
 * They are a portfolio: what one of them rarely does another one does often. All of them draw from a seed.
 */
/**
 * Decides: a number from 0 to `count` - 1, where 0 is what happens without exploration. `actors` are those among
 * whom it is decided; none when it is a number that is asked for.
 */
export type Decide = (at: number, count: number, actors: readonly object[]) => number;

/** Numbers from 0 up to, and without, 1, the same for the same seed (mulberry32). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** As `picks` say, and after their end as it is without exploration. */
export function replay(picks: readonly number[]): Decide {
  return (at, count) => Math.min(picks[at] ?? 0, count - 1);
}

/** Each time anything with equal chances. */
export function evenly(seed: number): Decide {
  const random = generator(seed);
  return (_, count) => Math.floor(random() * count);
}

/** Mostly the order of the ring, now and then something else. */
export function seldom(seed: number): Decide {
  const random = generator(seed);
  return (_, count) => (random() < 0.8 ? 0 : Math.floor(random() * count));
}

/**
 * Everybody has a rank, and of those who could be next the highest is; at a few steps, chosen beforehand among the
 * first `length`, whoever is next becomes the lowest. A bug that takes `depth` things in the right order is hit
 * with a known chance, however long the program is. Source: Burckhardt and others, PCT (2010).
 */
export function ranked(seed: number, length: number, depth = 3): Decide {
  const random = generator(seed);
  const ranks = new Map<object, number>();
  const changes = new Set<number>();
  for (let i = 1; i < depth; i++) changes.add(Math.floor(random() * Math.max(length, 1)));
  let lowest = 0;
  const rank = (actor: object): number => {
    let value = ranks.get(actor);
    if (value === undefined) ranks.set(actor, (value = random()));
    return value;
  };
  return (at, count, actors) => {
    if (actors.length === 0) return Math.floor(random() * count);
    let best = 0;
    for (let i = 1; i < count; i++) {
      if (rank(actors[i] as object) > rank(actors[best] as object)) best = i;
    }
    if (changes.has(at)) ranks.set(actors[best] as object, --lowest);
    return best;
  };
}
