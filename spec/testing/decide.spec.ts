import { expect } from 'chai';
import { evenly, generator, ranked, replay, seldom } from '../../lib/testing/decide.js';

const actors = [{}, {}, {}, {}];

describe('ways to decide', () => {
  it('draw the same from the same seed, and another from another', () => {
    for (const way of [evenly, seldom, (seed: number) => ranked(seed, 50)]) {
      const walk = (seed: number): number[] => {
        const decide = way(seed);
        return Array.from({ length: 50 }, (_, at) => decide(at, 4, at % 2 === 0 ? actors : []));
      };
      expect(walk(1)).to.deep.equal(walk(1));
      expect(walk(1)).to.not.deep.equal(walk(2));
      for (const pick of walk(3)) expect(pick).to.be.within(0, 3);
    }
  });

  it('are fair where they are meant to be', () => {
    const random = generator(1);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[Math.floor(random() * 4)]!++;
    for (const count of counts) expect(count).to.be.within(900, 1100);
  });

  it('replay what was decided, then what happens without exploration', () => {
    const decide = replay([2, 0, 7]);
    expect([decide(0, 3, []), decide(1, 3, []), decide(2, 3, []), decide(3, 3, [])]).to.deep.equal([
      2, 0, 2, 0,
    ]);
  });

  it('give the highest rank the turn until it is made the lowest', () => {
    const decide = ranked(1, 10, 2);
    const walk = Array.from({ length: 12 }, (_, at) => decide(at, 4, actors));
    const changes = walk.filter((pick, at) => at > 0 && pick !== walk[at - 1]);
    expect(changes.length).to.be.at.most(1);
    expect(new Set(walk).size).to.equal(changes.length + 1);
  });
});
