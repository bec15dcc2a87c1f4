/**
 * The library against the model, in full: `npm run explore [-- runs [limit [seed]]]`.
 *
 * All programs of the small tiers and the catalogue over every order (a program with more than `limit` orders is cut
 * off and counted), then `runs` runs of random programs in random orders. Figures for a release are these.
 */
import { CATALOGUE } from './catalogue.js';
import { compareAll, compareRandom, compareTier, type Figures } from './compare.js';

const [runs = 20_000, limit = 20_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);

async function report(what: string, task: () => Promise<Figures>): Promise<void> {
  const start = performance.now();
  const figures = await task();
  const seconds = (performance.now() - start) / 1000;
  const rate = Math.round(figures.runs / seconds);
  console.log(
    `${what}: ${figures.programs} programs, ${figures.compared} of them with all their outcomes; ${figures.runs} runs, ` +
      `${figures.outcomes} outcomes, ${seconds.toFixed(1)} s, ${rate} runs a second with the model's`,
  );
}

async function main(): Promise<void> {
  await report('2 tasklets of 1 operation', () => compareTier(2, 1));
  await report('3 tasklets of 1 operation', () => compareTier(3, 1));
  await report('2 tasklets of 2 operations', () => compareTier(2, 2));
  await report(`the catalogue, up to ${limit} orders each`, async () => {
    const figures: Figures = { programs: 0, runs: 0, compared: 0, outcomes: 0 };
    for (const plan of CATALOGUE) await compareAll(plan, figures, limit);
    return figures;
  });
  await report(`random programs, seed ${seed}`, () => compareRandom(seed, Math.ceil(runs / 8), 8));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
