// Does a message cost more when many wait? One producer sends to a channel on which 10 to
// 100,000 consumers wait; the one that has waited longest gets the value and waits again.

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { sumUpTo } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

/** After the last value every consumer gets one of these, and ends. */
const over = -1;

function waiting(consumers: number): (kit: KitWith<'channel'>) => Program {
  return (kit) => (size, meter) =>
    kit.run(async () => {
      const many = Math.min(consumers, size);
      const channel = kit.channel<number>();
      const done = kit.channel<number>();
      let sum = 0;
      for (let id = 0; id < many; id++) {
        kit.spawn(async () => {
          for (;;) {
            const value = await channel.receive();
            if (value === over) return;
            sum += value;
          }
        });
      }
      kit.spawn(async () => {
        // The last in the queue: when its turn comes, all the consumers are waiting.
        meter.start();
        for (let value = 0; value < size; value++) await channel.send(value);
        meter.stop();
        for (let id = 0; id < many; id++) await channel.send(over);
        await done.send(0);
      });
      await done.receive();
      return sum;
    });
}

function generators(consumers: number): Program {
  return (size, meter) => {
    const many = Math.min(consumers, size);
    const channel = new GeneratorChannel();
    let sum = 0;
    function* consume(): Body {
      for (;;) {
        const value = channel.receive() ?? (yield);
        if (value === over) return;
        sum += value;
      }
    }
    function* produce(): Body {
      meter.start();
      for (let value = 0; value < size; value++) if (channel.send(value)) yield;
      meter.stop();
      for (let id = 0; id < many; id++) if (channel.send(over)) yield;
    }
    for (let id = 0; id < many; id++) start(consume());
    start(produce());
    trampoline();
    return sum;
  };
}

export const questions: readonly Question[] = [10, 100, 1_000, 10_000, 100_000].map((consumers) => ({
  name: `waiters-${consumers}`,
  asks: `one producer, ${consumers.toLocaleString('en')} waiting consumers, one channel`,
  unit: 'message',
  metric: 'time',
  size: 1_000_000,
  tiny: 300,
  operations: (size) => size,
  answer: sumUpTo,
  floors: { awaits: waiting(consumers)(promises), generators: generators(consumers) },
  evergreen: (library) => ({ evergreen: waiting(consumers)(evergreen(library)) }),
}));
