// The process that one contender has to itself: `node child.js '<errand as JSON>'` prints
// one reading as JSON.
//
// A floor's process never loads the library: on some versions of Node merely having started
// it would make every `await` in the process dearer, and the floor would look slow.

import { libraryAt } from './library.js';
import { measure } from './measure.js';
import { programOf } from './question.js';
import type { Peer, Program } from './question.js';
import { questions } from './questions.js';

/** What a child process is sent to do. */
export interface Errand {
  readonly question: string;
  readonly contender: string;
  /** Where the program comes from. */
  readonly from: 'floor' | 'evergreen' | 'peer' | 'go';
  /** The build of the library, the peer's kit, or the program in Go. */
  readonly module?: string;
}

async function load(errand: Errand): Promise<Program | undefined> {
  const question = questions.find(({ name }) => name === errand.question);
  if (errand.from === 'floor') return question?.floors[errand.contender];
  if (errand.module === undefined) return undefined;
  if (errand.from === 'evergreen') {
    return question?.evergreen(await libraryAt(errand.module))[errand.contender];
  }
  const peer = (await import(errand.module)) as Peer;
  return question === undefined ? undefined : programOf(peer, question);
}

async function main(errand: Errand): Promise<void> {
  const program = await load(errand);
  const question = questions.find(({ name }) => name === errand.question);
  if (question === undefined || program === undefined) {
    throw new Error(`nothing to measure: ${JSON.stringify(errand)}`);
  }
  const reading = await measure(question, program);
  process.stdout.write(`${JSON.stringify(reading)}\n`);
}

await main(JSON.parse(process.argv[2] ?? '{}') as Errand);
