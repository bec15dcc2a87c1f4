// What does a tasklet cost that starts, runs and ends? A hundred at a time are started and
// waited for.

import { evergreen } from './harness/evergreen.js';
import { start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { needing, sumUpTo } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

/* eslint @typescript-eslint/require-await: off, require-yield: off -- the bodies do not wait, as
   the question says, but are written like those that do. */

const together = 100;

function spawning(kit: KitWith<'start'>): Program {
  return (size) =>
    kit.run(async () => {
      let sum = 0;
      const ends: (() => PromiseLike<unknown>)[] = [];
      for (let first = 0; first < size; first += together) {
        ends.length = 0;
        for (let id = first; id < first + together; id++) {
          ends.push(
            kit.start(async () => {
              sum += id;
            }),
          );
        }
        for (const end of ends) await end();
      }
      return sum;
    });
}

/** Nobody is waited for: what is left is the start and the end. */
function spawningOnly(kit: KitWith<'schedule'>): Program {
  return (size) =>
    kit.run(async () => {
      let sum = 0;
      for (let first = 0; first < size; first += together) {
        for (let id = first; id < first + together; id++) {
          kit.spawn(async () => {
            sum += id;
          });
        }
        await kit.schedule();
      }
      return sum;
    });
}

function generators(size: number): number {
  let sum = 0;
  function* body(id: number): Body {
    sum += id;
  }
  for (let first = 0; first < size; first += together) {
    for (let id = first; id < first + together; id++) start(body(id));
    trampoline();
  }
  return sum;
}

const common = {
  unit: 'tasklet',
  metric: 'time',
  size: 500_000,
  tiny: 1_000,
  operations: (size: number) => size,
  answer: sumUpTo,
} as const;

export const questions: readonly Question[] = [
  {
    ...common,
    name: 'spawn',
    asks: 'start a tasklet, let it run and end, nobody joins it',
    floors: { awaits: spawningOnly(promises), generators },
    evergreen: (library) => ({ evergreen: spawningOnly(evergreen(library)) }),
    peer: needing(['schedule'], spawningOnly),
  },
  {
    ...common,
    name: 'spawn-join',
    asks: 'start a tasklet, let it run and end, and join it',
    floors: { awaits: spawning(promises) },
    evergreen: (library) => ({ evergreen: spawning(evergreen(library)) }),
    peer: needing(['start'], spawning),
  },
];
