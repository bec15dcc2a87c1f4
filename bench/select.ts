// What does a select over eight channels cost? One producer sends on each channel in turn,
// one consumer selects over all of them. The consumer has to wait every time.

import { reschedule, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { settled } from './floors/promises.js';
import { fold, foldUpTo, needing } from './harness/question.js';
import type { KitWith, Library, Program, Question } from './harness/question.js';

const channels = 8;

function selecting(kit: KitWith<'channel' | 'selecting'>): Program {
  return (size) =>
    kit.run(async () => {
      const all = Array.from({ length: channels }, () => kit.channel<number>());
      kit.spawn(async () => {
        for (let value = 0; value < size; value++) await all[value % channels]?.send(value);
      });
      const { select, value } = kit.selecting(all);
      let sum = 0;
      for (let count = 0; count < size; count++) sum = fold(sum, value((await select()) as never));
      return sum;
    });
}

/** As a user writes it: the cases are made for every select. */
function literally(library: Library): Program {
  const { Channel, run, select, spawn } = library;
  return (size) =>
    run(async () => {
      const a = new Channel<number>();
      const b = new Channel<number>();
      const c = new Channel<number>();
      const d = new Channel<number>();
      const e = new Channel<number>();
      const f = new Channel<number>();
      const g = new Channel<number>();
      const h = new Channel<number>();
      const all = [a, b, c, d, e, f, g, h];
      spawn(async () => {
        for (let value = 0; value < size; value++) await all[value % channels]?.send(value);
      });
      let sum = 0;
      for (let count = 0; count < size; count++) {
        const hit = await select({
          a: a.receiving(),
          b: b.receiving(),
          c: c.receiving(),
          d: d.receiving(),
          e: e.receiving(),
          f: f.receiving(),
          g: g.receiving(),
          h: h.receiving(),
        });
        sum = fold(sum, hit.value);
      }
      return sum;
    });
}

interface Hit {
  readonly value: number;
}

interface Offer extends Hit {
  readonly taken: () => void;
}

/**
 * The floor: one record serves all channels and is set up once. A select looks at every
 * channel and, finding nothing, waits; a sender looks whether the record waits. Nobody
 * leaves a line, because there is only this one receiver: a library cannot assume that.
 */
class Selector {
  private readonly offers: (Offer | undefined)[];
  private next = 0;
  private resolve: ((hit: Hit) => void) | undefined = undefined;

  constructor(count: number) {
    this.offers = Array.from({ length: count }, () => undefined);
  }

  send(channel: number, value: number): Promise<unknown> {
    const { resolve } = this;
    if (resolve !== undefined) {
      this.resolve = undefined;
      resolve({ value });
      return settled;
    }
    return new Promise<void>((taken) => {
      this.offers[channel] = { value, taken };
    });
  }

  select(): Promise<Hit> | Hit {
    const { offers } = this;
    for (let looked = 0; looked < offers.length; looked++) {
      const channel = this.next;
      this.next = channel + 1 === offers.length ? 0 : channel + 1;
      const offer = offers[channel];
      if (offer === undefined) continue;
      offers[channel] = undefined;
      offer.taken();
      return offer;
    }
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}

async function awaits(size: number): Promise<number> {
  const selector = new Selector(channels);
  void settled.then(async () => {
    for (let value = 0; value < size; value++) await selector.send(value % channels, value);
  });
  let sum = 0;
  for (let count = 0; count < size; count++) sum = fold(sum, (await selector.select()).value);
  return sum;
}

/** Between generators: whoever finds nothing to do lets the other one run. */
function generators(size: number): number {
  const offers: (number | undefined)[] = Array.from({ length: channels }, () => undefined);
  let next = 0;
  let sum = 0;
  function take(): number | undefined {
    for (let looked = 0; looked < channels; looked++) {
      const channel = next;
      next = channel + 1 === channels ? 0 : channel + 1;
      const value = offers[channel];
      if (value === undefined) continue;
      offers[channel] = undefined;
      return value;
    }
    return undefined;
  }
  function* consume(): Body {
    for (let count = 0; count < size; count++) {
      let value = take();
      while (value === undefined) {
        reschedule();
        yield;
        value = take();
      }
      sum = fold(sum, value);
    }
  }
  function* produce(): Body {
    for (let value = 0; value < size; value++) {
      offers[value % channels] = value;
      do {
        reschedule();
        yield;
      } while (offers[value % channels] !== undefined);
    }
  }
  start(consume());
  start(produce());
  trampoline();
  return sum;
}

export const questions: readonly Question[] = [
  {
    name: 'select',
    asks: 'a select over eight channels that has to wait',
    unit: 'message',
    metric: 'time',
    size: 500_000,
    tiny: 300,
    operations: (size) => size,
    answer: foldUpTo,
    floors: { awaits, generators },
    evergreen: (library) => ({ evergreen: literally(library) }),
    peer: needing(['channel', 'selecting'], selecting),
  },
];
