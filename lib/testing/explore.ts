/**
 * Looking for the order of turns in which a program goes wrong.
 */
import { readOptions, whole } from '../kernel/options.js';
import { evenly, generator, ranked, replay, seldom, type Decide } from './decide.js';
import type { Program } from './program.js';
import { Explorer, recording } from './explorer.js';

export interface ExploreOptions {
  /** How many runs, 1000 by default. */
  runs?: number;
  /** Where chance begins, a whole number from 0; by default another one each time. A failure says which. */
  seed?: number;
  /** A run of more steps than this has failed: it would never end. 10000 by default. */
  steps?: number;
}

/** What was explored. */
export interface Explored {
  readonly runs: number;
  readonly seed: number;
  /** In how many different orders, as far as a hash of 32 bits tells. */
  readonly distinct: number;
}

/** Every so many runs one is run again, and must go the same way. */
const AGAIN = 100;

/**
 * Runs `program` in many orders: who of those who can run is next, when the next timer fires, when somebody who is
 * {@link World.killable} is killed, is decided by chance. Time is virtual. Each run is a `run()` on a scheduler
 * of its own, and fails when that rejects: an error that nobody joins, a deadlock, an assertion.
 *
 * All else must be the same each time: the program makes its channels and its state anew, and awaits nothing that
 * is not ours; the first `await` of something foreign is an {UncontrolledError}. Between two operations that do
 * not wait no other tasklet comes in, but a timer or a kill may.
 *
 * A failure is made smaller before it is told. It says its seed, its story, and how to see it again: with the
 * environment variable `EVERGREEN_REPLAY` set to its schedule, that one run is all there is.
 *
 * @throws {ExplorationError} a run failed; `cause` is its error. {TypeError | RangeError} a wrong or unknown option.
 * @example
 * await explore(async ({ killable }) => {
 *   const line = new Channel<number>();
 *   killable(spawn(() => line.send(1)));
 *   await line.receive({ timeout: 100 }).catch(() => {});
 * }, { runs: 1000 });
 */
export async function explore<R>(program: Program<R>, options?: ExploreOptions): Promise<Explored> {
  const given = readOptions(options, ['runs', 'seed', 'steps'], 'explore');
  const runs = whole(given.runs ?? 1000, 1, 'runs', 'explore');
  const seed = whole(given.seed ?? Math.floor(Math.random() * 2 ** 31), 0, 'seed', 'explore');
  const explorer = new Explorer(program, given.steps, 'explore');
  const recorded = recording();
  if (recorded !== undefined) {
    await explorer.explain(await explorer.once(replay(recorded)), 'replayed');
    return { runs: 1, seed, distinct: 1 };
  }
  const random = generator(seed);
  const seen = new Set<number>();
  let length = 0;
  return explorer.work(async () => {
    for (let i = 0; i < runs; i++) {
      const outcome = await explorer.once(decider(i, Math.floor(random() * 2 ** 32), length));
      if (outcome.failure !== undefined) {
        await explorer.explain(outcome, `run ${i + 1} of ${runs}, seed ${seed}`);
      }
      length = Math.max(length, outcome.picks.length);
      seen.add(hash(outcome.picks));
      if (i % AGAIN === 0) await explorer.confirm(outcome);
    }
    return { runs, seed, distinct: seen.size };
  });
}

/** The first run is what happens without exploration; then each way in its turn. */
function decider(i: number, seed: number, length: number): Decide {
  if (i === 0) return replay([]);
  switch (i % 3) {
    case 0:
      return seldom(seed);
    case 1:
      return evenly(seed);
    default:
      return ranked(seed, length);
  }
}

function hash(picks: readonly number[]): number {
  let sum = 0x811c9dc5;
  for (const pick of picks) sum = Math.imul(sum ^ pick, 0x01000193);
  return sum;
}
