// What does a value cost on its way through a queue: of one place, of 128, without limit?

import { Buffer } from './floors/permits.js';
import { promises } from './floors/promises.js';
import { fold, foldUpTo, needing } from './harness/question.js';
import type { KitQueue, Library, Program, Question } from './harness/question.js';

/** What the program needs, from the library or by hand. */
interface Words {
  readonly run: (main: () => Promise<number>) => PromiseLike<number>;
  readonly spawn: (body: () => Promise<void>) => void;
  readonly queue: (room: number) => KitQueue;
}

/** One puts, one gets. */
function through(room: number): (words: Words) => Program {
  return ({ run, spawn, queue }) =>
    (size) =>
      run(async () => {
        const values = queue(room);
        spawn(async () => {
          for (let value = 0; value < size; value++) await values.put(value);
        });
        let sum = 0;
        for (let count = 0; count < size; count++) sum = fold(sum, await values.get());
        return sum;
      });
}

const byHand: Words = { ...promises, queue: (room) => new Buffer(room) };

function words({ Queue, run, spawn }: Library): Words {
  return {
    run: (main) => run(main),
    spawn: (body) => void spawn(body),
    queue: (maxSize) => new Queue<number>({ maxSize }),
  };
}

export const questions: readonly Question[] = [1, 128, Infinity].map((room) => ({
  name: room === Infinity ? 'queue-unbounded' : `queue-${room}`,
  asks: `one puts, one gets; room for ${room === Infinity ? 'everything' : room}`,
  unit: 'value',
  metric: 'time',
  size: 1_000_000,
  tiny: 300,
  operations: (size) => size,
  answer: foldUpTo,
  floors: { awaits: through(room)(byHand) },
  evergreen: (library) => ({ evergreen: through(room)(words(library)) }),
  peer: needing(['queue'], through(room)),
}));
