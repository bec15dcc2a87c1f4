// What does one rendezvous cost? A producer hands value after value to a consumer.

import { evergreen } from './harness/evergreen.js';
import type { Preference } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { PromiseChannel, fresh, promises, settled } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { fold, foldUpTo, needing } from './harness/question.js';
import type { KitWith, Library, Program, Question } from './harness/question.js';

function rendezvous(kit: KitWith<'channel'>): Program {
  return (size) =>
    kit.run(async () => {
      const channel = kit.channel<number>();
      kit.spawn(async () => {
        for (let value = 0; value < size; value++) await channel.send(value);
      });
      let sum = 0;
      for (let count = 0; count < size; count++) sum = fold(sum, await channel.receive());
      return sum;
    });
}

/** The consumer iterates, and the producer closes when it has sent everything. */
function iteration(library: Library): Program {
  return (size) =>
    library.run(async () => {
      const channel = new library.Channel<number>();
      library.spawn(async () => {
        for (let value = 0; value < size; value++) await channel.send(value);
        channel.close();
      });
      let sum = 0;
      for await (const value of channel) sum = fold(sum, value);
      return sum;
    });
}

async function onlyWhenBlocked(size: number): Promise<number> {
  const channel = new PromiseChannel<number>();
  const produce = async (): Promise<void> => {
    for (let value = 0; value < size; value++) {
      const sent = channel.send(value);
      if (sent !== settled) await sent;
    }
  };
  void settled.then(produce);
  let sum = 0;
  for (let count = 0; count < size; count++) {
    const received = channel.receive();
    sum = fold(sum, typeof received === 'number' ? received : await received);
  }
  return sum;
}

function generators(size: number): number {
  const channel = new GeneratorChannel();
  let sum = 0;
  start(
    (function* (): Body {
      for (let count = 0; count < size; count++) sum = fold(sum, channel.receive() ?? (yield));
    })(),
  );
  start(
    (function* (): Body {
      for (let value = 0; value < size; value++) if (channel.send(value)) yield;
    })(),
  );
  trampoline();
  return sum;
}

function question(name: string, preference: Preference, asks: string): Question {
  return {
    name,
    asks,
    unit: 'message',
    metric: 'time',
    size: 1_000_000,
    tiny: 300,
    operations: (size) => size,
    answer: foldUpTo,
    floors: {
      awaits: rendezvous(promises),
      'awaits afresh': rendezvous(fresh),
      'awaits when blocked': onlyWhenBlocked,
      generators,
      ...(preference === 'receiver' && { 'ring by hand': rendezvous(ring) }),
    },
    evergreen: (library) => ({
      evergreen: rendezvous(evergreen(library, { preference })),
      ...(preference === 'receiver' && { 'evergreen, for await': iteration(library) }),
    }),
    ...(preference === 'receiver' && { peer: needing(['channel'], rendezvous) }),
  };
}

export const questions: readonly Question[] = [
  question('rendezvous', 'receiver', 'one producer, one consumer; the receiver runs first'),
  question('rendezvous-sender', 'sender', 'one producer, one consumer; the sender runs first'),
  question('rendezvous-neither', 'neither', 'one producer, one consumer; whoever runs goes on'),
];
