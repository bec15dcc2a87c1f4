import { expect } from 'chai';
import { idle, schedule, spawn } from '../../lib/index.js';
import { ExplorationError, exhaust, explore } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';

describe('exhaust', () => {
  it('runs every order once: 2 tasklets that yield twice', async () => {
    const { runs, complete, values } = await exhaust(async () => {
      const log: string[] = [];
      for (const name of ['a', 'b']) {
        spawn(async () => {
          log.push(name);
          await schedule();
          log.push(name);
          await schedule();
        });
      }
      await idle();
      return log.join('');
    });
    // 3 turns each: 6! / (3! 3!) orders of turns, of which 4! / (2! 2!) are told apart by the log.
    expect([runs, complete, values.size]).to.deep.equal([20, true, 6]);
  });

  it('finds what a single order does wrong', async () => {
    const error = await rejection(
      exhaust(async () => {
        const log: string[] = [];
        for (const name of ['a', 'b', 'c']) spawn(() => log.push(name));
        await idle();
        expect(log.join('')).to.not.equal('cba');
      }),
    );
    expect(error).to.be.instanceOf(ExplorationError);
    expect((error as ExplorationError).message).to.contain('of all)');
  });

  it('says when there were more orders than it was allowed', async () => {
    const program = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) spawn(() => {});
      await idle();
    };
    expect((await exhaust(program, { limit: 10 })).complete).to.equal(false);
    const { runs, complete } = await exhaust(program);
    expect([runs, complete]).to.deep.equal([120, true]);
  });

  it('tells of state that outlives a run', async () => {
    let runs = 0;
    const error = await rejection(
      exhaust(async () => {
        // Fewer in each run than in the one before.
        for (let i = runs++; i < 3; i++) spawn(() => {});
        await idle();
      }),
    );
    expect((error as Error).message).to.contain('state that outlives a run');
  });

  it('does the run that the environment says, and no other', async () => {
    const program = async (): Promise<string> => {
      const log: string[] = [];
      for (const name of ['a', 'b', 'c']) spawn(() => log.push(name));
      await idle();
      return log.join('');
    };
    process.env['EVERGREEN_REPLAY'] = '21';
    try {
      const { runs, complete, values } = await exhaust(program);
      expect([runs, complete, [...values]]).to.deep.equal([1, false, ['cba']]);
      expect(await explore(program, { seed: 7 })).to.deep.equal({ runs: 1, seed: 7, distinct: 1 });
    } finally {
      delete process.env['EVERGREEN_REPLAY'];
    }
  });
});
