/**
 * The library against the model: over all orders of turns, timers and kills it comes to the same outcomes, neither
 * more nor fewer; and after every step its queues are in order.
 *
 * What is sampled here is done in full by `npm run explore`.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { linesOfCode } from '../support/architecture.js';
import { compareAll, compareRandom, compareTier, unbalanced, type Figures } from './compare.js';
import { SKETCHES } from './catalogue.js';
import { Play } from './library.js';
import { outcomes, play, type Plan } from './model.js';
import { replay } from '../../lib/testing/decide.js';

describe('the model', () => {
  it('says what the contract says', () => {
    const told = (plan: Plan): string[] => [...outcomes(plan)!].sort();
    expect(told({ tasklets: [[['send', 0]], [['receive', 0]]] })).to.deep.equal(['sent | got 0.0']);
    expect(told({ tasklets: [[['send', 0]], [['close', 0]], [['receive', 0]]] })).to.deep.equal([
      'closed |  | closed',
      'sent |  | got 0.0',
    ]);
    expect(told({ tasklets: [[['receive', 0]], [['kill', 0]]] })).to.deep.equal(['killed | ', 'never | ']);
  });

  it('is short enough to be believed', () => {
    const text = readFileSync(path.join(__dirname, 'model.ts'), 'utf8');
    expect(linesOfCode(text)).to.be.at.most(200);
    expect(text).to.not.contain('import ');
  });

  it('is told apart from a library that does otherwise', async () => {
    // A negative control: the model of one program, the library's play of another.
    const plan: Plan = { tasklets: [[['send', 0]], [['receive', 0]]] };
    const other: Plan = { tasklets: [[['send', 0]], [['receive', 1]]] };
    const played = new Play(other);
    await played.run(replay([]));
    expect(played.story).to.equal('waits | waits');
    expect(outcomes(plan)!.has(played.story)).to.equal(false);
    expect(unbalanced('sent | waits')).to.equal('more or fewer were sent than were got');
    expect(unbalanced('sent, sent | got 0.0 | got 0.0')).to.equal('one value was got twice');
    expect(play(plan, () => 0)).to.equal('sent | got 0.0');
  });
});

describe('the library comes to what the model says', () => {
  it('in all programs of 2 tasklets with 1 operation each', async () => {
    const { programs, runs } = await compareTier(2, 1);
    expect([programs, runs]).to.deep.equal([144, 470]);
  });

  it('in all programs of 3 tasklets with 1 operation each', async () => {
    const { programs, compared } = await compareTier(3, 1);
    expect([programs, compared]).to.deep.equal([1728, 1728]);
  }).timeout(120_000);

  it('in every 7th program of 2 tasklets with 2 operations each', async () => {
    const { programs, compared } = await compareTier(2, 2, 7);
    expect([programs, compared]).to.deep.equal([2963, 2963]);
  }).timeout(120_000);

  it('in the small ones of the catalogue', async () => {
    const figures: Figures = { programs: 0, runs: 0, compared: 0, outcomes: 0 };
    for (const plan of SKETCHES) await compareAll(plan, figures, 600);
    expect(figures.programs).to.equal(SKETCHES.length);
    expect(figures.compared).to.be.above(20);
  }).timeout(120_000);

  it('in 2,000 runs of random programs in random order', async () => {
    const seed = Number(process.env['MODEL_SEED'] ?? 1);
    const { runs, compared } = await compareRandom(seed, 250, 8);
    expect(runs).to.equal(2000);
    expect(compared).to.be.above(50);
  }).timeout(120_000);
});
