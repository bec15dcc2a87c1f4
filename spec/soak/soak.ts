/**
 * The library for a long time: `npm run soak [-- minutes [--seed n] [--node 24]]`; ten minutes by default.
 *
 * Everything is done as often as it says; what is left of the time is traffic. A run of less than a minute does only
 * a part of everything. Says one line for each, and ends with 1 if anything has grown or is left. It runs the built
 * package, as workers do.
 */
import { parseArgs } from 'node:util';
import { abandoned } from './abandoned.js';
import { endure, kilobytes } from './endure.js';
import { lives } from './lives.js';
import { rendezvous } from './rendezvous.js';
import { traffic } from './traffic.js';

const faults: string[] = [];

function say(name: string, text: string, found: readonly string[]): void {
  console.log(`${name}: ${text}`);
  for (const fault of found) faults.push(`${name}: ${fault}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function number(text: string, what: string): number {
  const value = Number(text);
  if (value >= 0) return value;
  throw new TypeError(`${what} must be a number, not ${text}: npm run soak -- 10 --seed 1`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { seed: { type: 'string' } },
    allowPositionals: true,
  });
  const minutes = number(positionals[0] ?? '10', 'minutes');
  const seed = number(values.seed ?? String(Date.now() % 2 ** 31), 'seed');
  const end = performance.now() + 60_000 * minutes;
  console.log(`Node ${process.version}, ${minutes} minutes, seed ${seed}`);

  for (const work of [rendezvous, ...abandoned, lives]) {
    const figures = await endure(work, Math.min(minutes, 1));
    const { count, seconds, slope, peak } = figures;
    say(
      work.name,
      `${count.toLocaleString('en')} in ${seconds.toFixed(1)} s; ` +
        `the heap grows by ${kilobytes(slope)} a million, and is ${megabytes(peak)} at most`,
      figures.faults,
    );
  }

  const left = (end - performance.now()) / 1000;
  const figures = await traffic(Math.max(left, 15 * minutes, 2), seed);
  const { ended, killed, broken, slope, peak, resident, descriptors, seconds } = figures;
  const counts = Object.entries(ended).map(([kind, count]) => `${kind} ${count.toLocaleString('en')}`);
  say(
    'traffic',
    `${counts.join(', ')}, killed ${killed.toLocaleString('en')}, broken ${broken.toLocaleString('en')} ` +
      `in ${seconds.toFixed(1)} s; memory grows by ${kilobytes(slope)} a minute, and is ${megabytes(peak)} at most, ` +
      `${megabytes(resident)} resident; ${descriptors} descriptors`,
    figures.faults,
  );
}

process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') faults.push(`a warning: ${warning.message}`);
});

main()
  .catch((error: unknown) =>
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  )
  .finally(() => {
    for (const fault of faults) console.error(`NOT ENDURED: ${fault}`);
    console.log(faults.length === 0 ? 'endured' : `${faults.length} faults`);
    process.exitCode = faults.length === 0 ? 0 : 1;
  });
