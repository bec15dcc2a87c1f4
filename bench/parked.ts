// What does a waiting tasklet weigh? 100,000 of them wait on one channel; afterwards each
// gets a value, in the order in which they came.

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { fold, foldUpTo, needing } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

function parked(kit: KitWith<'channel'>): Program {
  return (size, meter) =>
    kit.run(async () => {
      const channel = kit.channel<number>();
      let sum = 0;
      for (let id = 0; id < size; id++) {
        kit.spawn(async () => {
          const value = await channel.receive();
          sum = fold(sum, value);
        });
      }
      const done = kit.channel<number>();
      kit.spawn(async () => {
        // The last in the queue: when its turn comes, all the others are waiting.
        meter.weigh();
        for (let value = 0; value < size; value++) await channel.send(value);
        await done.send(0);
      });
      await done.receive();
      return sum;
    });
}

function generators(size: number, meter: { weigh(): void }): number {
  const channel = new GeneratorChannel();
  let sum = 0;
  function* wait(): Body {
    const value = channel.receive() ?? (yield);
    sum = fold(sum, value);
  }
  function* release(): Body {
    for (let value = 0; value < size; value++) if (channel.send(value)) yield;
  }
  for (let id = 0; id < size; id++) start(wait());
  trampoline();
  meter.weigh();
  start(release());
  trampoline();
  return sum;
}

export const questions: readonly Question[] = [
  {
    name: 'parked',
    asks: 'the memory of a tasklet that waits on a channel, of 100,000',
    unit: 'tasklet',
    metric: 'bytes',
    size: 100_000,
    tiny: 100,
    operations: (size) => size,
    answer: foldUpTo,
    floors: { awaits: parked(promises), generators },
    evergreen: (library) => ({ evergreen: parked(evergreen(library)) }),
    peer: needing(['channel'], parked),
  },
];
