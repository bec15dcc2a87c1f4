import { Mutex, Semaphore } from 'async-mutex';

export const kit = {
  name: 'async-mutex',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  permits: (count) => (count === 1 ? new Mutex() : new Semaphore(count)),
};
