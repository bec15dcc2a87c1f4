/** Small programs of every kind, and random ones. */
import { generator } from '../../lib/testing/decide.js';
import type { Operation, Plan } from './model.js';

/** What a tasklet can do, where its neighbour is the next one in a circle of `count`. */
export function alphabet(me: number, count: number): readonly Operation[] {
  return [
    ['send', 0],
    ['receive', 0],
    ['send', 1],
    ['receive', 1],
    ['select', ['send', 0], ['send', 1]],
    ['select', ['receive', 0], ['receive', 1]],
    ['select', ['send', 0], ['receive', 0]],
    ['select', ['receive', 0], ['receive', 0]],
    ['send', 0, 'limited'],
    ['receive', 0, 'limited'],
    ['close', 0],
    ['kill', (me + 1) % count],
  ];
}

/** How many programs there are of `tasklets` with `length` operations each. */
export function size(tasklets: number, length: number): number {
  return alphabet(0, tasklets).length ** (tasklets * length);
}

/** The program with number `index` of them. */
export function numbered(tasklets: number, length: number, index: number): Plan {
  let rest = index;
  const made = Array.from({ length: tasklets }, (_, me) =>
    Array.from({ length }, () => {
      const words = alphabet(me, tasklets);
      const word = words[rest % words.length]!;
      rest = Math.floor(rest / words.length);
      return word;
    }),
  );
  return { tasklets: made };
}

/** A program of up to 4 tasklets with up to 5 operations, some of which may be killed from outside. */
export function random(seed: number): Plan {
  const draw = generator(seed);
  const below = (count: number): number => Math.floor(draw() * count);
  const count = 2 + below(3);
  const tasklets = Array.from({ length: count }, (_, me) => {
    const words: readonly Operation[] = [...alphabet(me, count), ['yield'], ['yield']];
    return Array.from({ length: 1 + below(5) }, () => words[below(words.length)]!);
  });
  return { tasklets, mortal: below(3) === 0 ? [below(count)] : [] };
}

/** As it could be written down. */
export function inWords({ tasklets, mortal = [] }: Plan): string {
  return JSON.stringify(mortal.length === 0 ? { tasklets } : { tasklets, mortal });
}
