import pMap from 'p-map';

/** The same work as in ../executor-map.ts. */
const settled = Promise.resolve();

async function work(value) {
  await settled;
  return value;
}

function* upTo(size) {
  for (let value = 0; value < size; value++) yield value;
}

function fold(sum, value) {
  return (Math.imul(sum, 31) + value) | 0;
}

export const kit = {
  name: 'p-map',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
};

export const programs = {
  'executor-map': async (size) => (await pMap(upTo(size), work, { concurrency: 10 })).reduce(fold, 0),
};
