import { readOptions, whole } from '../kernel/options.js';
import { replay } from './decide.js';
import type { Outcome, Program } from './program.js';
import { Explorer, recording, wayward } from './explorer.js';

export interface ExhaustOptions {
  /** The most runs, 100000 by default. */
  limit?: number;
  /** A run of more steps than this has failed: it would never end. 10000 by default. */
  steps?: number;
}

/** What all orders of a program came to. */
export interface Exhausted<R> {
  readonly runs: number;
  /** Whether these were all. */
  readonly complete: boolean;
  /** What the program returned, each value once. */
  readonly values: ReadonlySet<R>;
}

/**
 * Runs `program` in every order there is; for small programs, since they are many. Otherwise like `explore`.
 *
 * @returns all that the program returned; `complete` is false when the limit came first.
 * @throws as `explore`.
 * @example
 * const { values } = await exhaust(async () => {
 *   const log: string[] = [];
 *   spawn(() => log.push('a'));
 *   spawn(() => log.push('b'));
 *   await idle();
 *   return log.join('');
 * });
 * // 'ab', 'ba'
 */
export async function exhaust<R>(program: Program<R>, options?: ExhaustOptions): Promise<Exhausted<R>> {
  const given = readOptions(options, ['limit', 'steps'], 'exhaust');
  const limit = whole(given.limit ?? 100_000, 1, 'limit', 'exhaust');
  const explorer = new Explorer(program, given.steps, 'exhaust');
  const values = new Set<R>();
  const recorded = recording();
  if (recorded !== undefined) {
    const outcome = await explorer.once(replay(recorded));
    await explorer.explain(outcome, 'replayed');
    return { runs: 1, complete: false, values: values.add(outcome.value as R) };
  }
  return explorer.work(async () => {
    let runs = 0;
    for (let ahead: readonly number[] | undefined = []; ahead !== undefined;) {
      if (runs === limit) return { runs, complete: false, values };
      const outcome: Outcome<R> = await explorer.once(replay(ahead));
      runs++;
      if (ahead.some((pick, i) => outcome.picks[i] !== pick)) throw wayward();
      await explorer.explain(outcome, `run ${runs} of all`);
      values.add(outcome.value as R);
      ahead = successor(outcome.picks, outcome.counts);
    }
    return { runs, complete: true, values };
  });
}

/** The list of decisions that comes after this one, depth first; `undefined` after the last. */
export function successor(picks: readonly number[], counts: readonly number[]): number[] | undefined {
  for (let last = picks.length - 1; last >= 0; last--) {
    const pick = (picks[last] as number) + 1;
    if (pick < (counts[last] as number)) return [...picks.slice(0, last), pick];
  }
  return undefined;
}
