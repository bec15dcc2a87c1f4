import { expect } from 'chai';
import {
  Channel,
  retry,
  shield,
  sleep,
  spawn,
  TaskGroup,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('retry', () => {
  /** Fails so many times; notes when it was called, and as which attempt. */
  const failing =
    (times: number, log: [number, number][], now: () => number) =>
    async (attempt: number): Promise<string> => {
      log.push([attempt, now()]);
      if (attempt <= times) throw new RangeError(`attempt ${attempt}`);
      return 'done';
    };

  it('tries again until it does not fail, and waits twice as long each time', async () => {
    await simulate(async ({ clock }) => {
      const log: [number, number][] = [];
      const now = (): number => clock.now();
      expect(await retry(failing(3, log, now), { attempts: 5 })).to.equal('done');
      expect(log).to.deep.equal([
        [1, 0],
        [2, 100],
        [3, 300],
        [4, 700],
      ]);
    });
  });

  it('raises the last error after three attempts', async () => {
    await simulate(async ({ clock }) => {
      const log: [number, number][] = [];
      const error = await rejection(retry(failing(9, log, () => clock.now())));
      expect(error).to.have.property('message', 'attempt 3');
      expect(clock.now()).to.equal(300);
    });
  });

  it('waits as a function says, given the attempts and the error', async () => {
    await simulate(async ({ clock }) => {
      const asked: unknown[] = [];
      const delay = (attempts: number, error: unknown): number => {
        asked.push(attempts, (error as Error).message);
        return 7;
      };
      await retry(
        failing(2, [], () => 0),
        { delay, attempts: Infinity },
      );
      expect(asked).to.deep.equal([1, 'attempt 1', 2, 'attempt 2']);
      expect(clock.now()).to.equal(14);
    });
  });

  it('waits for half of it or more, as chance has it', async () => {
    await simulate(async ({ clock }) => {
      const log: [number, number][] = [];
      const chances = [0, 0.5, 1];
      const jitter = (): number => chances.shift() ?? 1;
      const now = (): number => clock.now();
      await retry(failing(3, log, now), { attempts: 5, jitter });
      expect(log.map(([, at]) => at)).to.deep.equal([0, 50, 200, 600]);
      for (const wrong of [NaN, 2, -1, '1']) {
        const failed = retry(
          failing(1, [], () => 0),
          { jitter: () => wrong as number },
        );
        expect(await rejection(failed))
          .to.be.instanceOf(RangeError)
          .with.property('message')
          .that.includes('jitter');
      }
    });
  });

  it('raises at once an error that is not worth another try', async () => {
    await simulate(async ({ clock }) => {
      const when = (error: unknown): boolean => !(error instanceof RangeError);
      expect(
        await rejection(
          retry(
            failing(1, [], () => 0),
            { when },
          ),
        ),
      ).to.be.instanceOf(RangeError);
      expect(clock.now()).to.equal(0);
    });
  });

  it('lets a kill pass, in the work and in the pause', async () => {
    await simulate(async () => {
      let calls = 0;
      const working = spawn(() =>
        retry(async () => {
          calls++;
          await sleep(10);
        }),
      );
      const pausing = spawn(() =>
        retry(() => {
          calls++;
          throw new RangeError();
        }),
      );
      await sleep(5);
      working.kill();
      pausing.kill();
      expect(await rejection(working.join())).to.be.instanceOf(TaskletKilledError);
      expect(await rejection(pausing.join())).to.be.instanceOf(TaskletKilledError);
      expect(calls).to.equal(2);
    });
  });

  describe('in a scope', () => {
    const always = { attempts: Infinity, delay: 10 };
    const working = async (): Promise<never> => {
      await sleep(30);
      throw new RangeError('the work');
    };

    it('is over when the time of the scope is, in the work and in the pause', async () => {
      await simulate(async ({ clock }) => {
        for (const ms of [20, 35]) {
          const before = clock.now();
          const error = await rejection(timeout(ms, () => retry(working, always)));
          expect(error).to.have.property('message', `timeout: time was up after ${ms} ms`);
          expect(clock.now() - before).to.equal(ms);
        }
        expect(await timeout(20, () => retry(working, always), { fallback: 'late' })).to.equal('late');
      });
    });

    it('tries again what had no time in a scope of its own', async () => {
      await simulate(async () => {
        let calls = 0;
        const slow = async (): Promise<string> => {
          if (++calls < 3) await sleep(1000);
          return 'done';
        };
        expect(await timeout(500, () => retry(() => timeout(20, slow), always))).to.equal('done');
        expect(calls).to.equal(3);
      });
    });

    it('tells the scope around both from the one between two of it', async () => {
      await simulate(async () => {
        let rounds = 0;
        const inner = (): Promise<never> => retry(working, always);
        const outer = (): Promise<never> => {
          rounds++;
          return retry(() => timeout(100, inner), { ...always, attempts: 2 });
        };
        const error = await rejection(timeout(1000, outer));
        expect(error).to.have.property('message', 'timeout: time was up after 100 ms');
        expect(await rejection(timeout(50, outer))).to.have.property(
          'message',
          'timeout: time was up after 50 ms',
        );
        expect(rounds).to.equal(2);
      });
    });

    it('is over when time was up before it began', async () => {
      await simulate(async () => {
        let calls = 0;
        const late = timeout(0, async () => {
          await shield(() => sleep(10));
          return retry(() => {
            calls++;
            return working();
          }, always);
        });
        expect(await rejection(late)).to.be.instanceOf(TimeoutError);
        expect(calls).to.equal(1);
      });
    });

    it('is over when a sibling of the group fails in whose body it is', async () => {
      await simulate(async () => {
        const failed = TaskGroup.run(async (group) => {
          group.spawn(async () => {
            await sleep(20);
            throw new SyntaxError('a sibling');
          });
          await retry(working, always);
        });
        expect(await rejection(failed)).to.be.instanceOf(SyntaxError);
      });
    });

    it('is over when an error is thrown at its tasklet', async () => {
      await simulate(async () => {
        const tasklet = spawn(() => retry(() => new Channel().receive(), always));
        await sleep(1);
        tasklet.throw(new SyntaxError('enough'));
        expect(await rejection(tasklet.join())).to.be.instanceOf(SyntaxError);
      });
    });
  });

  it('refuses wrong options by name', async () => {
    expect(await rejection(retry(5 as never))).to.be.instanceOf(TypeError);
    expect(await rejection(retry(() => 1, { attempts: 0 }))).to.be.instanceOf(RangeError);
    expect(await rejection(retry(() => 1, { delay: -1 }))).to.be.instanceOf(RangeError);
    expect(await rejection(retry(() => 1, { when: 1 as never }))).to.be.instanceOf(TypeError);
    expect(await rejection(retry(() => 1, { factor: 2 } as never))).to.be.instanceOf(TypeError);
  });
});
