// What does a long pipeline cost? The sieve of primes: every prime found adds a stage that
// lets through what it does not divide.
//
// The line ends by itself: after the last number comes a 0, and every stage hands it on and
// returns. So nobody is left waiting, in any contender.

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { promises } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { fold, needing } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

function sieve(kit: KitWith<'channel'>): Program {
  return (size) =>
    kit.run(async () => {
      let line = kit.channel<number>();
      const source = line;
      const last = primes(size).at(-1) ?? 0;
      kit.spawn(async () => {
        for (let number = 2; number <= last; number++) await source.send(number);
        await source.send(0);
      });
      let sum = 0;
      for (let prime = await line.receive(); prime !== 0; prime = await line.receive()) {
        sum = fold(sum, prime);
        const from = line;
        const to = kit.channel<number>();
        const divisor = prime;
        kit.spawn(async () => {
          let number = await from.receive();
          for (; number !== 0; number = await from.receive()) {
            if (number % divisor !== 0) await to.send(number);
          }
          await to.send(0);
        });
        line = to;
      }
      return sum;
    });
}

function generators(size: number): number {
  const source = new GeneratorChannel();
  const last = primes(size).at(-1) ?? 0;
  let sum = 0;
  function* numbers(): Body {
    for (let number = 2; number <= last; number++) if (source.send(number)) yield;
    if (source.send(0)) yield;
  }
  function* stage(from: GeneratorChannel, to: GeneratorChannel, divisor: number): Body {
    for (;;) {
      const number = from.receive() ?? (yield);
      if (number === 0) break;
      if (number % divisor !== 0 && to.send(number)) yield;
    }
    if (to.send(0)) yield;
  }
  function* collect(): Body {
    let line = source;
    for (;;) {
      const prime = line.receive() ?? (yield);
      if (prime === 0) break;
      sum = fold(sum, prime);
      const to = new GeneratorChannel();
      start(stage(line, to, prime));
      line = to;
    }
  }
  start(collect());
  start(numbers());
  trampoline();
  return sum;
}

/** The first `count` primes. */
export function primes(count: number): number[] {
  const found: number[] = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

/** How many values pass from stage to stage: a number stops at its smallest divisor. */
function messages(count: number): number {
  const found = primes(count);
  let sent = found.length + 1;
  for (let number = 2; number <= (found.at(-1) ?? 0); number++) {
    sent += found.findIndex((prime) => number % prime === 0) + 1;
  }
  return sent;
}

export const questions: readonly Question[] = [
  {
    name: 'sieve',
    asks: '500 primes through a pipeline that grows by one stage a prime',
    unit: 'message',
    metric: 'time',
    size: 500,
    tiny: 20,
    warm: 200,
    operations: messages,
    answer: (size) => primes(size).reduce(fold, 0),
    floors: { awaits: sieve(promises), generators, 'ring by hand': sieve(ring) },
    evergreen: (library) => ({ evergreen: sieve(evergreen(library)) }),
    peer: needing(['channel'], sieve),
  },
];
