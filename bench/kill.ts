// What does it cost to end 100,000 tasklets that wait on one channel? In the order in which
// they came, in the opposite order, and in no order: leaving from the middle of a line must
// cost what leaving at its ends does.

import type { Library, Program, Question } from './harness/question.js';

const orders = {
  'first-in': (count: number) => Array.from({ length: count }, (_, index) => index),
  'last-in': (count: number) => Array.from({ length: count }, (_, index) => count - 1 - index),
  'any-order': shuffled,
};

/** 0 … `count` − 1, mixed, and in every process the same way. */
function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  let state = 12345;
  for (let index = count - 1; index > 0; index--) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 1;
    const other = state % (index + 1);
    const kept = order[index] ?? 0;
    order[index] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}

function killing(library: Library, order: (count: number) => number[]): Program {
  return async (size, meter) => {
    let ended = 0;
    await library.run(async () => {
      const channel = new library.Channel<number>();
      const tasklets = Array.from({ length: size }, () =>
        library.spawn(async () => {
          try {
            await channel.receive();
          } finally {
            ended++;
          }
        }),
      );
      const victims = order(size).map((index) => tasklets[index]);
      await library.schedule();
      if (channel.balance !== -size) throw new Error(`only ${-channel.balance} are waiting`);
      meter.start();
      for (const victim of victims) victim?.kill();
    });
    meter.stop();
    return ended;
  };
}

/** The floor: a doubly linked line of promises, each rejected and taken out by hand. */
function rejecting(order: (count: number) => number[]): Program {
  interface Waiting {
    before: Waiting | undefined;
    after: Waiting | undefined;
    readonly reject: (error: Error) => void;
  }
  return async (size, meter) => {
    let last: Waiting | undefined = undefined;
    const all: Waiting[] = [];
    const wait = async (): Promise<void> => {
      await new Promise<never>((_, reject) => {
        const waiting: Waiting = { before: last, after: undefined, reject };
        if (last !== undefined) last.after = waiting;
        last = waiting;
        all.push(waiting);
      });
    };
    let ended = 0;
    const bodies = Array.from({ length: size }, async () => {
      try {
        await wait();
      } catch {
        ended++;
      }
    });
    const victims = order(size).flatMap((index) => all[index] ?? []);
    meter.start();
    const error = new Error('killed');
    for (const { before, after, reject } of victims) {
      if (before !== undefined) before.after = after;
      if (after !== undefined) after.before = before;
      reject(error);
    }
    await Promise.all(bodies);
    meter.stop();
    return ended;
  };
}

export const questions: readonly Question[] = Object.entries(orders).map(([name, order]) => ({
  name: `kill-${name}`,
  asks: `end 100,000 tasklets that wait on one channel, ${name.replace('-', ' ')}`,
  unit: 'tasklet',
  metric: 'time',
  size: 100_000,
  tiny: 100,
  operations: (size) => size,
  answer: (size) => size,
  floors: { awaits: rejecting(order) },
  evergreen: (library) => ({ evergreen: killing(library, order) }),
}));
