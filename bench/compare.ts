// `npm run bench:compare <revision>`: today's build against an older commit's, in one run.
//
// The older commit is built in a worktree of its own, with today's tools; today's programs
// are run on both builds, in turns. A question that the older build cannot answer is said to
// be new.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { complain, wholeNumber } from './harness/arguments.js';
import { compile } from './harness/compile.js';
import { contest } from './harness/contest.js';
import type { Contender, Result } from './harness/contest.js';
import { libraryAt } from './harness/library.js';
import { inWords, machine } from './harness/machine.js';
import { chosen } from './harness/questions.js';
import { ratios, spread } from './harness/statistics.js';
import { aligned, shown } from './harness/table.js';

const usage = `npm run bench:compare -- revision [question…] [options]

  revision            the commit to compare with, such as HEAD~5 or v1.0.0
  question            its name or how it begins; all if none
  --node <path>       run the contenders on another Node
  --repetitions <n>   processes a contender (9)
  --slack <ratio>     how much slower is slower (0.05)
  --help              print this

Ends with 1 when something got slower: its ratio's lower quartile is above 1 + slack.
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      node: { type: 'string', default: process.execPath },
      repetitions: { type: 'string', default: '9' },
      slack: { type: 'string', default: '0.05' },
      help: { type: 'boolean', default: false },
    },
  });
  const [revision, ...names] = positionals;
  if (values.help || revision === undefined) {
    process.stdout.write(usage);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const repetitions = wholeNumber('repetitions', values.repetitions);
  const slack = Number(values.slack);
  if (!(slack >= 0)) throw new RangeError(`--slack must be 0 or more, not ${values.slack}`);
  const questions = chosen(names);
  const older = buildOf(revision);
  try {
    const compiled = await compile();
    try {
      const library = await libraryAt(compiled.library);
      process.stdout.write(`${inWords(machine(values.node, false))}, ${repetitions} repetitions\n\n`);
      const rows = [['', 'then', 'now', 'now / then', '']];
      for (const question of questions) {
        const contenders = Object.keys(question.evergreen(library)).flatMap((contender) =>
          [older.module, compiled.library].map((build): Contender => {
            const module = pathToFileURL(build).href;
            const errand = { question: question.name, contender, from: 'evergreen', module } as const;
            return { label: contender, errand };
          }),
        );
        const results = await contest(question, contenders, {
          compiled,
          node: values.node,
          repetitions,
          threads: false,
        });
        for (let pair = 0; pair < results.length; pair += 2) {
          const [then, today] = results.slice(pair, pair + 2);
          if (then !== undefined && today !== undefined) {
            rows.push([`${question.name}: ${then.label}`, ...verdict(then, today, slack)]);
          }
        }
      }
      if (rows.some((row) => row.at(-1) === 'slower' || row.at(-1) === 'broken')) {
        process.exitCode = 1;
      }
      process.stdout.write(`${aligned(rows)}\n`);
    } finally {
      compiled.dispose();
    }
  } finally {
    older.dispose();
  }
}

/** What the two builds needed, how many times as much now, and what that means. */
function verdict(then: Result, now: Result, slack: number): string[] {
  if (now.failure !== undefined) return ['', now.failure, '', 'broken'];
  if (then.failure !== undefined) return ['', shown(spread(now.values)), '', 'new'];
  const ratio = ratios(now.values, then.values);
  const slower = ratio.low > 1 + slack;
  const faster = ratio.high < 1 / (1 + slack);
  return [
    shown(spread(then.values)),
    shown(spread(now.values)),
    shown(ratio, 2),
    slower ? 'slower' : faster ? 'faster' : '',
  ];
}

/** Builds an older commit beside the work tree, which stays as it is. */
function buildOf(revision: string): { readonly module: string; dispose(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'evergreen-then-'));
  const tree = join(folder, 'tree');
  const dispose = (): void => {
    execFileSync('git', ['worktree', 'remove', '--force', tree], { stdio: 'ignore' });
    rmSync(folder, { recursive: true, force: true });
  };
  execFileSync('git', ['worktree', 'add', '--quiet', '--detach', tree, revision]);
  try {
    symlinkSync(resolve('node_modules'), join(tree, 'node_modules'), 'junction');
    const compiler = resolve('node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
      cwd: tree,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    execFileSync(process.execPath, [resolve('scripts/bundle.mjs'), join(tree, 'dist')]);
  } catch (error) {
    dispose();
    throw error;
  }
  return { module: join(tree, 'dist/index.js'), dispose };
}

main().catch(complain);
