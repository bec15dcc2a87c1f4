// `npm run bench`: every question, each contender in its own process, beside its floors.

import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { complain, wholeNumber } from './harness/arguments.js';
import { compile } from './harness/compile.js';
import { contest } from './harness/contest.js';
import type { Contender, Result } from './harness/contest.js';
import { drawing } from './harness/drawing.js';
import { libraryAt } from './harness/library.js';
import { inWords, machine } from './harness/machine.js';
import { installedPeers } from './harness/peers.js';
import type { InstalledPeer } from './harness/peers.js';
import { programOf } from './harness/question.js';
import type { Library, Question } from './harness/question.js';
import { chosen } from './harness/questions.js';
import { ratios, spread } from './harness/statistics.js';
import { table } from './harness/table.js';

const usage = `npm run bench [-- question… options]

  question            its name or how it begins, such as rendezvous or yield; all if none
  --json              print the results as JSON
  --chart             also draw docs/bench-light.svg and docs/bench-dark.svg; for this once
                      npm ci --prefix bench/chart
  --node <path>       run the contenders on another Node
  --repetitions <n>   processes a contender (5)
  --only <text>       only floors and contenders whose name contains it, and the first floor
  --help              print this
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      chart: { type: 'boolean', default: false },
      node: { type: 'string', default: process.execPath },
      repetitions: { type: 'string', default: '5' },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const repetitions = wholeNumber('repetitions', values.repetitions);
  const questions = chosen(positionals);
  const compiled = await compile();
  try {
    const library = await libraryAt(compiled.library);
    const peers = await installedPeers();
    const where = machine(values.node);
    if (!values.json) process.stdout.write(`${inWords(where)}, ${repetitions} repetitions\n\n`);
    const draw = values.chart ? await drawing() : undefined;
    const report: object[] = [];
    for (const question of questions) {
      const contenders = line(question, library, compiled.library, peers).filter(
        ({ label }, index) => index === 0 || label.includes(values.only),
      );
      const results = await contest(question, contenders, {
        compiled,
        node: values.node,
        repetitions,
      });
      if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
      report.push(summary(question, results));
      if (!values.json) process.stdout.write(`${table(question, results)}\n`);
    }
    const all = { ...where, repetitions, report };
    if (values.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    draw?.(all);
  } finally {
    compiled.dispose();
  }
}

/** Everybody who answers a question: the floors, ourselves, and the peers that can. */
function line(
  question: Question,
  library: Library,
  built: string,
  peers: readonly InstalledPeer[],
): Contender[] {
  const { name } = question;
  return [
    ...Object.keys(question.floors).map((label): Contender => ({
      label,
      errand: { question: name, contender: label, from: 'floor' },
    })),
    ...Object.keys(question.evergreen(library)).map((label): Contender => ({
      label,
      errand: { question: name, contender: label, from: 'evergreen', module: pathToFileURL(built).href },
    })),
    ...peers
      .filter(({ peer }) => programOf(peer, question) !== undefined)
      .map(({ module, peer: { kit } }): Contender => ({
        label: kit.name,
        errand: { question: name, contender: kit.name, from: 'peer', module: pathToFileURL(module).href },
      })),
  ];
}

/** One question as data. */
function summary({ name, asks, unit, metric }: Question, results: readonly Result[]): object {
  const floor = results[0]?.values ?? [];
  return {
    name,
    asks,
    unit,
    metric,
    contenders: results.map(({ label, from, values, wall, failure }) => ({
      label,
      from,
      ...(failure !== undefined || values.length === 0
        ? { failure: failure ?? 'nothing measured' }
        : { value: spread(values), wall: spread(wall), ratio: ratios(values, floor) }),
    })),
  };
}

main().catch(complain);
