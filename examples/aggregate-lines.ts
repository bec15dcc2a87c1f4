/**
 * Counts the words of a text, from a file or from standard input, and prints the most frequent ones.
 *
 *   npm run build && node scripts/ts.cjs examples/aggregate-lines.ts [--top <count>] [file]
 *
 * The text is read as it is needed, however long it is: lines come out of the stream one by one, and only the
 * counts are kept.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { run } from 'evergreen-tasklets';
import { filter, flatMap, map, pipeline, reduce } from 'evergreen-tasklets/pipeline';

function count(counts: Map<string, number>, word: string): Map<string, number> {
  return counts.set(word, (counts.get(word) ?? 0) + 1);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { top: { type: 'string', default: '10' } },
  });
  const [file] = positionals;
  const input = file === undefined ? process.stdin : createReadStream(file);
  const counts = await pipeline(
    createInterface({ input, crlfDelay: Infinity }),
    flatMap((line) => line.split(/[^\p{L}\p{N}']+/u)),
    filter((word) => word !== ''),
    map((word) => word.toLowerCase()),
    reduce(count, new Map<string, number>()),
  );
  const ranking = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  for (const [word, times] of ranking.slice(0, Number(values.top))) {
    console.log(`${String(times).padStart(6)}  ${word}`);
  }
}

run(main).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
