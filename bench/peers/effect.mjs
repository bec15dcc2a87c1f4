// No rendezvous channel: it takes part where fibers yield, start and end.
import { Effect, Fiber } from 'effect';

const live = 100;
const together = 100;

export const kit = {
  name: 'effect',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
};

export const programs = {
  yield: (size) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let sum = 0;
        const body = (id) =>
          Effect.gen(function* () {
            for (let count = id; count < size; count += live) {
              sum = (Math.imul(sum, 31) + id) | 0;
              yield* Effect.yieldNow;
            }
          });
        const fibers = [];
        for (let id = 0; id < live; id++) fibers.push(yield* Effect.forkChild(body(id)));
        for (const fiber of fibers) yield* Fiber.join(fiber);
        return sum;
      }),
    ),
  'spawn-join': (size) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let sum = 0;
        for (let first = 0; first < size; first += together) {
          const fibers = [];
          for (let id = first; id < first + together; id++) {
            const body = Effect.sync(() => {
              sum += id;
            });
            fibers.push(yield* Effect.forkChild(body));
          }
          for (const fiber of fibers) yield* Fiber.join(fiber);
        }
        return sum;
      }),
    ),
};
