import { pMapIterable } from 'p-map';

export const kit = {
  name: 'p-map, as an iterable',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  map: (values, work, concurrency) => pMapIterable(values, work, { concurrency }),
};
