import PQueue from 'p-queue';

export const kit = {
  name: 'p-queue',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  map: (values, work, concurrency) =>
    new PQueue({ concurrency }).addAll(Array.from(values, (value) => () => work(value))),
};
