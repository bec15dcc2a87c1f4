/** Compares what the library does with what the model says, and tells of the first difference. */
import { evenly, generator, ranked, replay } from '../../lib/testing/decide.js';
import { outcomesOf, Play } from './library.js';
import { outcomes, type Plan } from './model.js';
import { inWords, numbered, random, size } from './plans.js';

export interface Figures {
  programs: number;
  /** Runs of the library. */
  runs: number;
  /** Programs of which all outcomes were compared. */
  compared: number;
  /** Different outcomes seen. */
  outcomes: number;
}

const none = (): Figures => ({ programs: 0, runs: 0, compared: 0, outcomes: 0 });

function differ(plan: Plan, real: ReadonlySet<string>, model: ReadonlySet<string>): void {
  const extra = [...real].filter((each) => !model.has(each));
  const missing = [...model].filter((each) => !real.has(each));
  if (extra.length + missing.length === 0) return;
  throw new Error(
    `${inWords(plan)}\n  only the library: ${extra.join('\n    ')}\n  only the model: ${missing.join('\n    ')}`,
  );
}

/** All outcomes of `plan` over all orders, unless those are more than `limit`. */
export async function compareAll(plan: Plan, figures: Figures, limit?: number): Promise<void> {
  const real = await outcomesOf(plan, limit);
  figures.programs++;
  if (real === undefined) return;
  differ(plan, real.found, outcomes(plan)!);
  figures.compared++;
  figures.runs += real.runs;
  figures.outcomes += real.found.size;
}

/** Every `step`th program of `tasklets` with `length` operations each. */
export async function compareTier(tasklets: number, length: number, step = 1): Promise<Figures> {
  const figures = none();
  for (let index = 0; index < size(tasklets, length); index += step) {
    await compareAll(numbered(tasklets, length, index), figures);
  }
  return figures;
}

/** More orders than this of one program are too many to compare them all. */
const MANY = 2000;

/** Random programs, each in some random orders; the first is the one without exploration. */
export async function compareRandom(seed: number, programs: number, each: number): Promise<Figures> {
  const figures = none();
  const draw = generator(seed);
  for (let i = 0; i < programs; i++) {
    const plan = random(Math.floor(draw() * 2 ** 32));
    const model = outcomes(plan, MANY);
    const seen = new Set<string>();
    figures.programs++;
    if (model !== undefined) figures.compared++;
    for (let run = 0; run < each; run++) {
      const chance = Math.floor(draw() * 2 ** 32);
      const decide = run === 0 ? replay([]) : run % 2 === 0 ? evenly(chance) : ranked(chance, 30);
      const played = new Play(plan);
      const { picks } = await played.run(decide);
      figures.runs++;
      seen.add(played.story);
      const wrong =
        unbalanced(played.story) ?? (model?.has(played.story) === false ? 'not in the model' : undefined);
      if (wrong !== undefined) {
        throw new Error(`${wrong}: ${played.story}\n  ${inWords(plan)}\n  ${picks.join('')}`);
      }
    }
    figures.outcomes += seen.size;
  }
  return figures;
}

/** [INV-1] [INV-3] What was sent was got, each value once, and nothing else. */
export function unbalanced(story: string): string | undefined {
  const got = [...story.matchAll(/got (\d+\.\d+)/g)].map(([, value]) => value);
  const sent = [...story.matchAll(/\bsent\b/g)];
  if (new Set(got).size < got.length) return 'one value was got twice';
  return got.length === sent.length ? undefined : 'more or fewer were sent than were got';
}
