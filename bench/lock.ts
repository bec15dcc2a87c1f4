// What does a lock cost, when it is free and when ten want it; and a semaphore of four?

import { Permits } from './floors/permits.js';
import { promises } from './floors/promises.js';
import { needing, sumUpTo } from './harness/question.js';
import type { KitPermits, Library, Program, Question } from './harness/question.js';

/** What the programs need, from the library or by hand. */
interface Words {
  readonly run: (main: () => Promise<number>) => PromiseLike<number>;
  /** Runs the body beside the caller, and gives what waits for its end. */
  readonly start: (body: () => Promise<void>) => () => PromiseLike<unknown>;
  readonly schedule: () => PromiseLike<unknown> | undefined;
  readonly permits: (count: number) => KitPermits;
}

/** One takes it again and again. */
function free({ run, permits }: Words): Program {
  return (size) =>
    run(async () => {
      const lock = permits(1);
      let sum = 0;
      for (let value = 0; value < size; value++) {
        await lock.acquire();
        sum += value;
        lock.release();
      }
      return sum;
    });
}

/** So many want it, and everybody lets the others run while holding it. */
function wanted(tasklets: number, count: number): (words: Words) => Program {
  return ({ run, start, schedule, permits }) =>
    (size) =>
      run(async () => {
        const lock = permits(count);
        let next = 0;
        let sum = 0;
        const work = async (): Promise<void> => {
          while (next < size) {
            const value = next++;
            await lock.acquire();
            await schedule();
            sum += value;
            lock.release();
          }
        };
        const ends = Array.from({ length: tasklets }, () => start(work));
        for (const end of ends) await end();
        return sum;
      });
}

const byHand: Words = { ...promises, permits: (count) => new Permits(count) };

/** How one runs something beside oneself without a library of tasks. */
function beside(body: () => Promise<void>): () => Promise<void> {
  const end = body();
  return () => end;
}

function words(library: Library): Words {
  const { BoundedSemaphore, Lock, run, schedule, spawn } = library;
  return {
    run: (main) => run(main),
    start: (body) => {
      const tasklet = spawn(body);
      return () => tasklet.join();
    },
    schedule: () => schedule(),
    permits: (count) => (count === 1 ? new Lock() : new BoundedSemaphore(count)),
  };
}

/** As a user writes it: with the lease. */
function leased(library: Library): Program {
  return (size) =>
    library.run(async () => {
      const lock = new library.Lock();
      let sum = 0;
      for (let value = 0; value < size; value++) {
        const lease = await lock.acquire();
        try {
          sum += value;
        } finally {
          lease.release();
        }
      }
      return sum;
    });
}

function question(name: string, asks: string, program: (words: Words) => Program): Question {
  return {
    name,
    asks,
    unit: 'acquisition',
    metric: 'time',
    size: 1_000_000,
    tiny: 300,
    operations: (size) => size,
    answer: sumUpTo,
    floors: { awaits: program(byHand) },
    evergreen: (library) => ({
      evergreen: program(words(library)),
      ...(name === 'lock-free' && { 'evergreen, with its lease': leased(library) }),
    }),
    peer: needing(['permits'], ({ run, permits }) =>
      program({ run, permits, start: beside, schedule: () => undefined }),
    ),
  };
}

export const questions: readonly Question[] = [
  question('lock-free', 'a lock that nobody else wants', free),
  question('lock-wanted', 'a lock that ten want, held over a yield', wanted(10, 1)),
  question('semaphore', 'four permits that ten want, held over a yield', wanted(10, 4)),
];
