import { Mutex, Semaphore } from 'async-mutex';

const run = (main) => main();

/** So many want it, and everybody lets the others run while holding it. */
function wanted(lock) {
  return (size) =>
    run(async () => {
      const shared = lock();
      let next = 0;
      let sum = 0;
      const work = async () => {
        while (next < size) {
          const value = next++;
          await shared.acquire();
          await undefined;
          sum += value;
          shared.release();
        }
      };
      await Promise.all(Array.from({ length: 10 }, work));
      return sum;
    });
}

export const kit = {
  name: 'async-mutex',
  run,
  spawn: (body) => void Promise.resolve().then(body),
};

export const programs = {
  'lock-free': async (size) => {
    const mutex = new Mutex();
    let sum = 0;
    for (let value = 0; value < size; value++) {
      await mutex.acquire();
      sum += value;
      mutex.release();
    }
    return sum;
  },
  'lock-wanted': wanted(() => new Mutex()),
  semaphore: wanted(() => new Semaphore(4)),
};
