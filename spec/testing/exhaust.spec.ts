import { expect } from 'chai';
import { idle, schedule, spawn } from '../../lib/index.js';
import { ExplorationError, exhaust } from '../../lib/testing/index.js';
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
});
