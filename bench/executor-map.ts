// What does it cost to have many values worked on, ten at a time? The work itself is one await.

import { foldUpTo, fold, needing } from './harness/question.js';
import type { KitWith, Library, Program, Question } from './harness/question.js';

const concurrency = 10;

const settled = Promise.resolve();

async function work(value: number): Promise<number> {
  await settled;
  return value;
}

function* upTo(size: number): Generator<number> {
  for (let value = 0; value < size; value++) yield value;
}

/** Ten loops over one iterator, and an array for all results: nothing is bounded but the work. */
async function loops(size: number): Promise<number> {
  const values = upTo(size);
  const results: number[] = [];
  const loop = async (): Promise<void> => {
    for (const value of values) results[value] = await work(value);
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return results.reduce(fold, 0);
}

function mapped(library: Library, ordered: boolean): Program {
  const { run } = library;
  return (size) =>
    run(async () => {
      const { TaskletPoolExecutor } = await library.futures();
      const pool = new TaskletPoolExecutor({ size: concurrency });
      let sum = 0;
      for await (const value of pool.map(upTo(size), work, { ordered })) sum = fold(sum, value);
      return sum;
    });
}

/** Another library gives the results one after the other, or all at the end. */
function mappedBy({ run, map }: KitWith<'map'>): Program {
  return (size) =>
    run(async () => {
      const results = map(upTo(size), work, concurrency);
      if (!(Symbol.asyncIterator in results)) return (await results).reduce(fold, 0);
      let sum = 0;
      for await (const value of results) sum = fold(sum, value);
      return sum;
    });
}

export const questions: readonly Question[] = [
  {
    name: 'executor-map',
    asks: `many values, ${concurrency} at a time, results in order`,
    unit: 'value',
    metric: 'time',
    size: 100_000,
    tiny: 300,
    operations: (size) => size,
    answer: foldUpTo,
    floors: { 'ten loops': loops },
    evergreen: (library) => ({
      'in order': mapped(library, true),
      'as they are ready': mapped(library, false),
    }),
    peer: needing(['map'], mappedBy),
  },
];
