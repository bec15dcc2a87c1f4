// What does a tree of short-lived tasklets cost? Every node starts ten children and adds up
// what they send; the leaves send their number.

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { needing, sumUpTo } from './harness/question.js';
import type { KitChannel, KitWith, Program, Question } from './harness/question.js';

function skynet(kit: KitWith<'channel'>): Program {
  const node = async (up: KitChannel<number>, first: number, leaves: number): Promise<void> => {
    if (leaves === 1) {
      await up.send(first);
      return;
    }
    const channel = kit.channel<number>();
    const part = leaves / 10;
    for (let child = 0; child < 10; child++) {
      kit.spawn(() => node(channel, first + child * part, part));
    }
    let sum = 0;
    for (let child = 0; child < 10; child++) sum += await channel.receive();
    await up.send(sum);
  };
  return (size) =>
    kit.run(async () => {
      const root = kit.channel<number>();
      kit.spawn(() => node(root, 0, size));
      return root.receive();
    });
}

function generators(size: number): number {
  let sum = 0;
  function* node(up: GeneratorChannel, first: number, leaves: number): Body {
    let total = first;
    if (leaves > 1) {
      const channel = new GeneratorChannel();
      const part = leaves / 10;
      for (let child = 0; child < 10; child++) start(node(channel, first + child * part, part));
      total = 0;
      for (let child = 0; child < 10; child++) total += channel.receive() ?? (yield);
    }
    if (up.send(total)) yield;
  }
  function* root(): Body {
    const channel = new GeneratorChannel();
    start(node(channel, 0, size));
    sum = channel.receive() ?? (yield);
  }
  start(root());
  trampoline();
  return sum;
}

function question(name: string, size: number, onRequest: boolean): Question {
  return {
    name,
    asks: `a tree of tasklets with ${size.toLocaleString('en')} leaves`,
    unit: 'leaf',
    metric: 'time',
    size,
    tiny: 100,
    warm: 10_000,
    operations: (leaves) => leaves,
    answer: sumUpTo,
    floors: { awaits: skynet(promises), generators, 'ring by hand': skynet(ring) },
    evergreen: (library) => ({ evergreen: skynet(evergreen(library)) }),
    peer: needing(['channel'], skynet),
    onRequest,
  };
}

export const questions: readonly Question[] = [
  question('skynet', 100_000, false),
  question('skynet-million', 1_000_000, true),
];
