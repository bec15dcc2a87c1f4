// Every question there is, in the order in which they are asked.

import { questions as echo } from '../echo.js';
import { questions as executorMap } from '../executor-map.js';
import { questions as fanIn } from '../fan-in.js';
import { questions as generators } from '../generators.js';
import { questions as http } from '../http.js';
import { questions as kill } from '../kill.js';
import { questions as lateness } from '../lateness.js';
import { questions as lines } from '../lines.js';
import { questions as lock } from '../lock.js';
import { questions as parked } from '../parked.js';
import { questions as pingPong } from '../ping-pong.js';
import { questions as queue } from '../queue.js';
import { questions as rendezvous } from '../rendezvous.js';
import { questions as select } from '../select.js';
import { questions as sieve } from '../sieve.js';
import { questions as skynet } from '../skynet.js';
import { questions as spawn } from '../spawn.js';
import { questions as waiters } from '../waiters.js';
import { questions as yielding } from '../yield.js';
import type { Question } from './question.js';

export const questions: readonly Question[] = [
  ...rendezvous,
  ...pingPong,
  ...fanIn,
  ...select,
  ...yielding,
  ...spawn,
  ...sieve,
  ...skynet,
  ...executorMap,
  ...waiters,
  ...kill,
  ...lock,
  ...queue,
  ...lines,
  ...echo,
  ...parked,
  ...lateness,
  ...http,
  ...generators,
];

/**
 * The questions whose names begin with one of `names`; without names all but the long ones.
 *
 * @throws {RangeError} a name fits no question.
 */
export function chosen(names: readonly string[]): readonly Question[] {
  if (names.length === 0) return questions.filter((question) => question.onRequest !== true);
  const picked = new Set<Question>();
  for (const name of names) {
    const exact = questions.filter((question) => question.name === name);
    const fitting = questions.filter((question) => question.name.startsWith(name));
    if (fitting.length === 0) throw new RangeError(`no question is called '${name}'`);
    for (const question of exact.length > 0 ? exact : fitting) picked.add(question);
  }
  return questions.filter((question) => picked.has(question));
}
