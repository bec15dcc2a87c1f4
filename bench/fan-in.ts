// What does a message cost when many producers send to one consumer?

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { PromiseChannel, promises, settled } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { needing, sumUpTo } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

const producers = 100;

function fanIn(kit: KitWith<'channel'>): Program {
  return (size) =>
    kit.run(async () => {
      const channel = kit.channel<number>();
      for (let producer = 0; producer < producers; producer++) {
        kit.spawn(async () => {
          for (let value = producer; value < size; value += producers) await channel.send(value);
        });
      }
      let sum = 0;
      for (let count = 0; count < size; count++) sum += await channel.receive();
      return sum;
    });
}

async function onlyWhenBlocked(size: number): Promise<number> {
  const channel = new PromiseChannel<number>();
  for (let producer = 0; producer < producers; producer++) {
    void settled.then(async () => {
      for (let value = producer; value < size; value += producers) {
        const sent = channel.send(value);
        if (sent !== settled) await sent;
      }
    });
  }
  let sum = 0;
  for (let count = 0; count < size; count++) {
    const received = channel.receive();
    sum += typeof received === 'number' ? received : await received;
  }
  return sum;
}

function generators(size: number): number {
  const channel = new GeneratorChannel();
  let sum = 0;
  start(
    (function* (): Body {
      for (let count = 0; count < size; count++) sum += channel.receive() ?? (yield);
    })(),
  );
  for (let producer = 0; producer < producers; producer++) {
    start(
      (function* (): Body {
        for (let value = producer; value < size; value += producers) {
          if (channel.send(value)) yield;
        }
      })(),
    );
  }
  trampoline();
  return sum;
}

export const questions: readonly Question[] = [
  {
    name: 'fan-in',
    asks: `${producers} producers, one consumer, one channel`,
    unit: 'message',
    metric: 'time',
    size: 1_000_000,
    tiny: 300,
    operations: (size) => size,
    answer: sumUpTo,
    floors: {
      awaits: fanIn(promises),
      'awaits when blocked': onlyWhenBlocked,
      generators,
      'ring by hand': fanIn(ring),
    },
    evergreen: (library) => ({ evergreen: fanIn(evergreen(library)) }),
    peer: needing(['channel'], fanIn),
  },
];
