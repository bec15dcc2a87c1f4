/**
 * Adds up one field of a log for each value of another one, on all processors, like
 * `awk '{ sum[$3] += $8 } END { for (key in sum) print sum[key], key }'`.
 *
 *   npm run build && node scripts/ts.cjs examples/sum-by-key.ts --key 3 --value 8 [--top <count>] <file>
 *
 * One thread reads, as many as there are processors decode and add up. The pipeline holds as many pieces of the file
 * as there are threads, however long it is; the first error anywhere, or Ctrl-C, ends all of them.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { run } from 'evergreen-tasklets';
import { chunks } from 'evergreen-tasklets/io';
import { map, pipeline, reduce, type Stage } from 'evergreen-tasklets/pipeline';
import { ThreadPoolExecutor } from 'evergreen-tasklets/workers';

type Sums = Map<string, number>;

const LF = 10;
const PIECE = 1024 * 1024;

/** Joins chunks to pieces of about a megabyte that end with a line. */
const wholeLines: Stage<Uint8Array, Uint8Array> = {
  name: 'whole lines',
  async run(input, output) {
    let parts: Uint8Array[] = [];
    let size = 0;
    for await (const bytes of input) {
      const end = size + bytes.length < PIECE ? 0 : bytes.lastIndexOf(LF) + 1;
      if (end > 0) {
        await output.send(Buffer.concat([...parts, bytes.subarray(0, end)]));
        [parts, size] = [[], 0];
      }
      parts.push(bytes.subarray(end));
      size += bytes.length - end;
    }
    if (size > 0) await output.send(Buffer.concat(parts));
  },
};

/** Runs in a thread: uses nothing from around it. */
function addUp(piece: Uint8Array, key: number, value: number): Sums {
  const sums: Sums = new Map();
  for (const line of new TextDecoder().decode(piece).split('\n')) {
    const fields = line.split(/\s+/);
    const name = fields[key - 1];
    const number = Number.parseFloat(fields[value - 1] ?? '');
    if (name !== undefined && !Number.isNaN(number)) sums.set(name, (sums.get(name) ?? 0) + number);
  }
  return sums;
}

function merge(all: Sums, some: Sums): Sums {
  for (const [key, sum] of some) all.set(key, (all.get(key) ?? 0) + sum);
  return all;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string', default: '1' },
      value: { type: 'string', default: '2' },
      top: { type: 'string', default: '10' },
    },
  });
  const [file] = positionals;
  if (file === undefined) throw new TypeError('which file?');
  const [key, value] = [Number(values.key), Number(values.value)];
  const threads = availableParallelism();
  await using pool = new ThreadPoolExecutor({ size: threads });
  const sums = await pipeline(
    chunks(file),
    wholeLines,
    map((piece) => pool.submit(addUp, piece, key, value).get(), { concurrency: threads, ordered: false }),
    reduce(merge, new Map<string, number>()),
  );
  const ranking = [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  for (const [name, sum] of ranking.slice(0, Number(values.top))) console.log(`${sum}  ${name}`);
}

run(main).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
