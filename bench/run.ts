// `npm run bench`: every question, each contender in its own process, beside its floors.

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { complain, wholeNumber } from './harness/arguments.js';
import { compile } from './harness/compile.js';
import { contest } from './harness/contest.js';
import type { Contender } from './harness/contest.js';
import { document } from './harness/document.js';
import { drawing } from './harness/drawing.js';
import { goProgram } from './harness/go.js';
import { libraryAt } from './harness/library.js';
import { inWords, machine } from './harness/machine.js';
import { installedPeers } from './harness/peers.js';
import type { InstalledPeer } from './harness/peers.js';
import { programOf } from './harness/question.js';
import type { Library, Question } from './harness/question.js';
import { chosen } from './harness/questions.js';
import { summary } from './harness/report.js';
import type { Report, Summary } from './harness/report.js';
import { table } from './harness/table.js';

const usage = `npm run bench [-- question… options]

  question            its name or how it begins, such as rendezvous or yield; all if none
  --json              print the results as JSON
  --chart             also draw docs/bench-light.svg and docs/bench-dark.svg; for this once
                      npm ci --prefix bench/chart
  --docs <place>      also write a table into docs/performance.md, where it has this place: 'Node 24'
  --from <file>       measure nothing: chart or docs of what --json once printed
  --node <path>       run the contenders on another Node
  --repetitions <n>   processes a contender (5)
  --threads           let V8 collect and compile in threads of its own; otherwise everybody has one, Go too
  --only <text,…>     only floors and contenders whose name contains one of these, and the first floor
  --help              print this
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      chart: { type: 'boolean', default: false },
      docs: { type: 'string' },
      from: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      repetitions: { type: 'string', default: '5' },
      threads: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const draw = values.chart ? await drawing() : undefined;
  const report =
    values.from === undefined
      ? await measured(positionals, values)
      : (JSON.parse(readFileSync(values.from, 'utf8')) as Report);
  draw?.(report);
  if (values.docs !== undefined) document(report, values.docs);
}

interface Wishes {
  readonly json: boolean;
  readonly node: string;
  readonly repetitions: string;
  readonly threads: boolean;
  readonly only: string;
}

/** Asks the questions, and prints what comes out as it comes. */
async function measured(names: readonly string[], wishes: Wishes): Promise<Report> {
  const { node, threads } = wishes;
  const repetitions = wholeNumber('repetitions', wishes.repetitions);
  const questions = chosen(names);
  const compiled = await compile();
  try {
    const library = await libraryAt(compiled.library);
    const peers = await installedPeers();
    const where = machine(node, threads);
    if (!wishes.json) process.stdout.write(`${inWords(where)}, ${repetitions} repetitions\n\n`);
    const report: Summary[] = [];
    for (const question of questions) {
      const contenders = line(question, library, compiled.library, peers).filter(
        ({ label }, index) => index === 0 || wishes.only.split(',').some((text) => label.includes(text)),
      );
      const results = await contest(question, contenders, { compiled, node, repetitions, threads });
      if (results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
      report.push(summary(question, results));
      if (!wishes.json) process.stdout.write(`${table(question, results)}\n`);
    }
    const all = { ...where, repetitions, report };
    if (wishes.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return all;
  } finally {
    compiled.dispose();
  }
}

/** Everybody who answers a question: the floors, ourselves, the peers that can, and Go. */
function line(
  question: Question,
  library: Library,
  built: string,
  peers: readonly InstalledPeer[],
): Contender[] {
  const { name } = question;
  const go = goProgram(question);
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
    ...(go === undefined
      ? []
      : [
          {
            label: 'Go',
            errand: { question: name, contender: 'Go', from: 'go', module: go },
          } satisfies Contender,
        ]),
  ];
}

main().catch(complain);
