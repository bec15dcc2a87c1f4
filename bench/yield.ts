// What does one switch cost? A hundred tasklets do nothing but let the others run.

import { evergreen } from './harness/evergreen.js';
import { reschedule, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { fold, needing } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

/** `live` tasklets yield in turns; the checksum tells their order. */
function yielding(live: number): (kit: KitWith<'schedule' | 'start'>) => Program {
  return (kit) => (size, meter) =>
    kit.run(async () => {
      let sum = 0;
      const ends: (() => PromiseLike<unknown>)[] = [];
      for (let id = 0; id < Math.min(live, size); id++) {
        const end = kit.start(async () => {
          for (let count = id; count < size; count += live) {
            sum = fold(sum, id);
            await kit.schedule();
          }
        });
        ends.push(end);
      }
      meter.start();
      for (const end of ends) await end();
      meter.stop();
      return sum;
    });
}

function generators(live: number): Program {
  return (size, meter) => {
    let sum = 0;
    function* body(id: number): Body {
      for (let count = id; count < size; count += live) {
        sum = fold(sum, id);
        reschedule();
        yield;
      }
    }
    for (let id = 0; id < Math.min(live, size); id++) start(body(id));
    meter.start();
    trampoline();
    meter.stop();
    return sum;
  };
}

function answer(live: number): (size: number) => number {
  return (size) => {
    let sum = 0;
    for (let count = 0; count < size; count++) sum = fold(sum, count % live);
    return sum;
  };
}

function question(name: string, live: number): Question {
  return {
    name,
    asks: `${live.toLocaleString('en')} tasklets that only yield`,
    unit: 'switch',
    metric: 'time',
    size: 2_000_000,
    tiny: 1_000,
    operations: (size) => size,
    answer: answer(live),
    floors: {
      awaits: yielding(live)(promises),
      generators: generators(live),
      'ring by hand': yielding(live)(ring),
    },
    evergreen: (library) => ({ evergreen: yielding(live)(evergreen(library)) }),
    ...(live === 100 && { peer: needing(['schedule', 'start'], yielding(live)) }),
  };
}

// The first is the question; the others are its curve.
export const questions: readonly Question[] = [
  question('yield', 100),
  question('yield-of-10', 10),
  question('yield-of-1000', 1_000),
  question('yield-of-10000', 10_000),
  question('yield-of-100000', 100_000),
];
