import { expect } from 'chai';
import { current, sleep, spawn, supervise, TaskletKilledError } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('supervise', () => {
  it('is over when all children have ended well', async () => {
    await simulate(async ({ clock }) => {
      await supervise([() => sleep(10), () => sleep(30)]);
      expect(clock.now()).to.equal(30);
      await supervise([]);
      await supervise(() => 'one');
    });
  });

  it('starts a child again that fails, and leaves the others alone', async () => {
    await simulate(async () => {
      const log: string[] = [];
      let runs = 0;
      await supervise(
        [
          async () => {
            log.push(`a${++runs}`);
            await sleep(10);
            if (runs < 3) throw new RangeError('again');
          },
          async () => {
            log.push('b');
            await sleep(100);
          },
        ],
        { intensity: 5 },
      );
      expect(log).to.deep.equal(['a1', 'b', 'a2', 'a3']);
    });
  });

  it('[INV-86] bears one restart in 5 seconds, and raises the error that is one too many', async () => {
    await simulate(async ({ clock }) => {
      let runs = 0;
      const failing = async (): Promise<void> => {
        await sleep(100);
        throw new RangeError(`run ${++runs}`);
      };
      const error = await rejection(supervise(failing));
      expect(error).to.have.property('message', 'run 2');
      expect(clock.now()).to.equal(200);
    });
  });

  it('[INV-86] goes on when failures are far apart', async () => {
    await simulate(async () => {
      let runs = 0;
      const failing = async (): Promise<void> => {
        await sleep(5001);
        if (++runs < 10) throw new RangeError(`run ${runs}`);
      };
      await supervise(failing);
      expect(runs).to.equal(10);
    });
  });

  it('[INV-86] counts the failures of all children together', async () => {
    await simulate(async () => {
      const failing = (ms: number) => async (): Promise<never> => {
        await sleep(ms);
        throw new RangeError(`${ms}`);
      };
      const error = await rejection(supervise([failing(10), failing(25)], { intensity: 2, within: 1000 }));
      expect(error).to.have.property('message', '25');
    });
  });

  it('[INV-86] stops the others in reverse order, each when the one after it has ended', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const child = (name: string) => async (): Promise<void> => {
        try {
          await sleep(1000);
        } finally {
          log.push(`${name} told`);
          await sleep(10);
          log.push(`${name} ended`);
        }
      };
      const failing = async (): Promise<never> => {
        await sleep(10);
        throw new RangeError('enough');
      };
      const supervisor = supervise([child('a'), child('b'), failing], { intensity: 0 });
      expect(await rejection(supervisor)).to.be.instanceOf(RangeError);
      expect(log).to.deep.equal(['b told', 'b ended', 'a told', 'a ended']);
    });
  });

  it('[INV-86] stops all when it is killed', async () => {
    await simulate(async ({ scheduler }) => {
      const supervisor = spawn(() => supervise([() => sleep(1000), () => sleep(1000)]));
      await sleep(10);
      supervisor.kill();
      expect(await rejection(supervisor.join())).to.be.instanceOf(TaskletKilledError);
      expect(scheduler.tasklets()).to.have.length(1);
    });
  });

  it('[INV-86] kills again a child that outlives the grace', async () => {
    await simulate(async ({ scheduler }) => {
      let caught = 0;
      const stubborn = async (): Promise<void> => {
        for (;;) {
          try {
            await sleep(100);
          } catch (error) {
            if (++caught === 2) throw error;
          }
        }
      };
      const supervisor = spawn(() => supervise([() => sleep(9000), stubborn]));
      await sleep(10);
      supervisor.kill();
      await rejection(supervisor.join());
      await sleep(2000);
      expect(caught).to.equal(2);
      expect(scheduler.tasklets()).to.have.length(1);
    });
  });

  it('takes a child that was killed as one that has ended', async () => {
    await simulate(async () => {
      let runs = 0;
      await supervise(async () => {
        runs++;
        current()?.kill();
        await sleep(10);
      });
      expect(runs).to.equal(1);
    });
  });

  it('refuses wrong options by name', async () => {
    expect(await rejection(supervise([5 as never]))).to.be.instanceOf(TypeError);
    expect(await rejection(supervise([], { intensity: -1 }))).to.be.instanceOf(RangeError);
    expect(await rejection(supervise([], { within: NaN }))).to.be.instanceOf(RangeError);
    expect(await rejection(supervise([], { restarts: 3 } as never))).to.be.instanceOf(TypeError);
  });
});
