import pMap from 'p-map';

export const kit = {
  name: 'p-map',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  map: (values, work, concurrency) => pMap(values, work, { concurrency }),
};
