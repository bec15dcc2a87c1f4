/**
 * Random scripts, played on the façade and on the model of the ring: both must tell the same story.
 *
 * A failure prints the seed and the smallest script that still fails. `CONFORMANCE_SEED` and
 * `CONFORMANCE_RUNS` choose another walk or a longer one.
 */

import { expect } from 'chai';
import * as fc from 'fast-check';
import { runScript } from './interpreter.js';
import { runModel } from './model.js';
import type { Op, Script } from './script.js';

const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20021203);
const runs = Number(process.env['CONFORMANCE_RUNS'] ?? 1000);

const NAMES = ['A', 'B', 'C', 'D', 'E'];
const CHANNELS = 3;

const channel = fc.nat(CHANNELS - 1);
const somebody = fc.constantFrom(...NAMES);
const anybody = fc.constantFrom(...NAMES, 'M');
const number = fc.nat(99);
const bool = fc.boolean();

type Weighted = fc.WeightedArbitrary<Op>;
const op = (weight: number, name: Op[0], ...rest: fc.Arbitrary<unknown>[]): Weighted => ({
  weight,
  arbitrary: fc.tuple(fc.constant(name), ...rest) as unknown as fc.Arbitrary<Op>,
});

/** What the recorded scripts are made of. */
const recorded: Weighted[] = [
  op(12, 'send', channel, number),
  op(12, 'recv', channel),
  op(3, 'sendexc', channel, number),
  op(5, 'yield'),
  op(2, 'park'),
  op(3, 'insert', anybody),
  op(2, 'remove', anybody),
  op(3, 'trun', anybody),
  op(2, 'kill', anybody),
  op(3, 'run'),
  op(2, 'pref', channel, fc.constantFrom(-1, 0, 1)),
  op(1, 'balance'),
  op(1, 'runcount'),
];

/** Every rule of the ring. */
const everything: Weighted[] = [
  ...recorded,
  op(2, 'spawn', somebody),
  op(3, 'tswitch', anybody),
  op(3, 'throw', anybody, number),
  op(2, 'pkill', anybody),
  op(2, 'pthrow', anybody, number),
  op(1, 'bind', anybody),
  op(1, 'bindargs', anybody),
  op(1, 'unbind', anybody),
  op(2, 'all', channel, bool),
  op(1, 'close', channel),
  op(1, 'open', channel),
  op(3, 'seq', channel, fc.array(number, { maxLength: 3 })),
  op(2, 'stop', channel),
  op(3, 'iter', channel, fc.integer({ min: 1, max: 3 })),
  op(1, 'blocktrap', bool),
  op(2, 'yieldvalue', number),
  op(2, 'parkvalue', number),
  op(2, 'slot', anybody, number),
  op(2, 'trunvalue', anybody),
  op(2, 'die', number),
  op(1, 'handler', fc.constantFrom('none', 'quiet', 'raising')),
  op(1, 'flags', anybody),
  op(1, 'queue', channel),
  op(1, 'ring'),
];

/** And operations that a raised switch trap may refuse. */
const trapped: Weighted[] = [
  ...everything,
  {
    weight: 15,
    arbitrary: fc
      .oneof(...everything)
      .map((inner) => (inner[0] === 'die' ? inner : (['trapped', inner] as Op))),
  },
];

function scripts(ops: Weighted[], watched: boolean): fc.Arbitrary<Script> {
  const list = fc.array(fc.oneof(...ops), { maxLength: 8, size: 'max' });
  return fc
    .record({
      channels: fc.array(fc.constantFrom(-1, 0, 1), { minLength: CHANNELS, maxLength: CHANNELS }),
      bodies: fc.array(list, { minLength: 1, maxLength: NAMES.length, size: 'max' }),
      main: list,
    })
    .map(({ channels, bodies, main }) => {
      const names = NAMES.slice(0, bodies.length);
      return {
        channels,
        tasklets: Object.fromEntries(names.map((name, i) => [name, bodies[i] ?? []])),
        main: [
          ...names.map((name) => ['spawn', name] as const),
          ...main,
          ['run'],
          ['balance'],
          ['run'],
          ['runcount'],
        ],
        watched,
        texts: true,
      } satisfies Script;
    });
}

async function agree(arbitrary: fc.Arbitrary<Script>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (script) => {
      expect(await runScript(script)).to.deep.equal(runModel(script));
    }),
    { seed, numRuns: runs },
  );
}

describe('random programs', function () {
  // A few seconds in all, and longer only on a machine that is busy with something else.
  this.timeout(60_000 + runs * 10);

  it('of recorded operations: the façade and the model agree', () => agree(scripts(recorded, false)));
  it('of all operations: the façade and the model agree', () => agree(scripts(everything, false)));
  it('under switch traps: the façade and the model agree', () => agree(scripts(trapped, false)));
  it('watched by both callbacks: the façade and the model agree', () => agree(scripts(trapped, true)));
});
