// What would tasklets cost whose body is a generator? Questions of the other files once more, with the tasklets of
// generators/tasklet.ts beside ours and beside the floors. Asked only by name: they are an exploration.

import type { Channel } from '../lib/kernel/channel.js';
import { questions as fanIn } from './fan-in.js';
import { generators } from './generators/tasklet.js';
import type { Body, Generators } from './generators/tasklet.js';
import { fold } from './harness/question.js';
import type { Library, Program, Question } from './harness/question.js';
import { questions as parked } from './parked.js';
import { questions as pingPong } from './ping-pong.js';
import { questions as rendezvous } from './rendezvous.js';
import { questions as select } from './select.js';
import { primes, questions as sieve } from './sieve.js';
import { questions as skynet } from './skynet.js';
import { questions as spawn } from './spawn.js';
import { questions as yielding } from './yield.js';

interface Words extends Generators {
  readonly library: Library;
  readonly channel: () => Channel<number>;
}

type Main = (words: Words, size: number, weigh: () => void) => Body<number>;

function program(library: Library, main: Main): Program {
  const channel = (): Channel<number> => new library.Channel<number>();
  let words: Words | undefined;
  return async (size, meter) => {
    // Once: code that is made anew for every lap is never optimised.
    words ??= { ...generators(library, await library.kernel()), library, channel };
    const known = words;
    return library.run(() => known.spawnGenerator(() => main(known, size, () => meter.weigh())).join());
  };
}

function* consumption({ receive }: Words, channel: Channel<number>, size: number): Body<number> {
  let sum = 0;
  for (let count = 0; count < size; count++) sum = fold(sum, yield* receive(channel));
  return sum;
}

function* production({ send }: Words, channel: Channel<number>, size: number): Body<void> {
  for (let value = 0; value < size; value++) yield* send(channel, value);
}

const rendezvousOf: Main = function* (words, size) {
  const channel = words.channel();
  words.spawnGenerator(() => production(words, channel, size));
  return yield* consumption(words, channel, size);
};

/** The producer's body is an async function. */
const fromAsync: Main = function* (words, size) {
  const channel = words.channel();
  words.library.spawn(async () => {
    for (let value = 0; value < size; value++) await channel.send(value);
  });
  return yield* consumption(words, channel, size);
};

/** The consumer's body is an async function. */
const toAsync: Main = function* (words, size) {
  const channel = words.channel();
  words.spawnGenerator(() => production(words, channel, size));
  const consumer = words.library.spawn(async () => {
    let sum = 0;
    for (let count = 0; count < size; count++) sum = fold(sum, await channel.receive());
    return sum;
  });
  return yield* words.wait(() => consumer.join());
};

const pingPongOf: Main = function* ({ channel, receive, send, spawnGenerator }, size) {
  const ping = channel();
  const pong = channel();
  spawnGenerator(function* () {
    for (let count = 0; count < size; count++) yield* send(pong, (yield* receive(ping)) + 1);
  });
  let ball = 0;
  for (let count = 0; count < size; count++) {
    yield* send(ping, ball);
    ball = yield* receive(pong);
  }
  return ball;
};

const fanInOf: Main = function* ({ channel, receive, send, spawnGenerator }, size) {
  const all = channel();
  const producers = 100;
  for (let producer = 0; producer < producers; producer++) {
    spawnGenerator(function* () {
      for (let value = producer; value < size; value += producers) yield* send(all, value);
    });
  }
  let sum = 0;
  for (let count = 0; count < size; count++) sum += yield* receive(all);
  return sum;
};

const selectOf: Main = function* (words, size) {
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(words.channel) as EightChannels;
  const all = [a, b, c, d, e, f, g, h];
  words.spawnGenerator(function* () {
    for (let value = 0; value < size; value++) yield* words.send(all[value % 8] as Channel<number>, value);
  });
  let sum = 0;
  for (let count = 0; count < size; count++) {
    const hit = yield* words.select({
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
};

type One = Channel<number>;
type EightChannels = [One, One, One, One, One, One, One, One];

const yieldOf: Main = function* ({ schedule, spawnGenerator, wait }, size) {
  const live = 100;
  let sum = 0;
  const tasklets = Array.from({ length: Math.min(live, size) }, (_, id) =>
    spawnGenerator(function* () {
      for (let count = id; count < size; count += live) {
        sum = fold(sum, id);
        yield* schedule();
      }
    }),
  );
  for (const tasklet of tasklets) yield* wait(() => tasklet.join());
  return sum;
};

const spawnOf: Main = function* ({ schedule, spawnGenerator }, size) {
  let sum = 0;
  // Declared once: every generator function made anew has a prototype of its own, and costs 1,200 ns.
  // eslint-disable-next-line require-yield -- it does not wait, as the question says
  function* body(id: number): Body<void> {
    sum += id;
  }
  for (let first = 0; first < size; first += 100) {
    for (let id = first; id < first + 100; id++) spawnGenerator(() => body(id));
    yield* schedule();
  }
  return sum;
};

const sieveOf: Main = function* ({ channel, receive, send, spawnGenerator }, size) {
  let line = channel();
  const source = line;
  const last = primes(size).at(-1) ?? 0;
  spawnGenerator(function* () {
    for (let number = 2; number <= last; number++) yield* send(source, number);
    yield* send(source, 0);
  });
  let sum = 0;
  for (let prime = yield* receive(line); prime !== 0; prime = yield* receive(line)) {
    sum = fold(sum, prime);
    const from = line;
    const to = channel();
    spawnGenerator(function* () {
      let number = yield* receive(from);
      for (; number !== 0; number = yield* receive(from)) if (number % prime !== 0) yield* send(to, number);
      yield* send(to, 0);
    });
    line = to;
  }
  return sum;
};

const skynetOf: Main = function* ({ channel, receive, send, spawnGenerator }, size) {
  function* node(up: Channel<number>, first: number, leaves: number): Body<void> {
    let sum = first;
    if (leaves > 1) {
      const from = channel();
      const part = leaves / 10;
      for (let child = 0; child < 10; child++) spawnGenerator(() => node(from, first + child * part, part));
      sum = 0;
      for (let child = 0; child < 10; child++) sum += yield* receive(from);
    }
    yield* send(up, sum);
  }
  const root = channel();
  spawnGenerator(() => node(root, 0, size));
  return yield* receive(root);
};

const parkedOf: Main = function* ({ channel, receive, schedule, send, spawnGenerator }, size, weigh) {
  const all = channel();
  let sum = 0;
  function* wait(): Body<void> {
    const value = yield* receive(all);
    sum = fold(sum, value);
  }
  for (let id = 0; id < size; id++) spawnGenerator(wait);
  yield* schedule();
  weigh();
  for (let value = 0; value < size; value++) yield* send(all, value);
  yield* schedule();
  return sum;
};

/** `question` once more, with `programs` beside those it has. */
function asked(question: Question | undefined, programs: Readonly<Record<string, Main>>): Question {
  const { peer: _, ...rest } = question as Question;
  return {
    ...rest,
    name: `generators-${rest.name}`,
    onRequest: true,
    evergreen: (library) => ({
      evergreen: rest.evergreen(library)['evergreen'] as Program,
      ...Object.fromEntries(Object.entries(programs).map(([name, main]) => [name, program(library, main)])),
    }),
  };
}

const ours = 'generator tasklets';

export const questions: readonly Question[] = [
  asked(rendezvous[0], {
    [ours]: rendezvousOf,
    'async to generator': fromAsync,
    'generator to async': toAsync,
  }),
  asked(pingPong[0], { [ours]: pingPongOf }),
  asked(fanIn[0], { [ours]: fanInOf }),
  asked(select[0], { [ours]: selectOf }),
  asked(yielding[0], { [ours]: yieldOf }),
  asked(spawn[0], { [ours]: spawnOf }),
  asked(sieve[0], { [ours]: sieveOf }),
  asked(skynet[0], { [ours]: skynetOf }),
  asked(parked[0], { [ours]: parkedOf }),
];
