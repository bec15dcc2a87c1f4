import { expect } from 'chai';
import { retry, sleep, spawn, TaskletKilledError } from '../../lib/index.js';
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

  it('refuses wrong options by name', async () => {
    expect(await rejection(retry(5 as never))).to.be.instanceOf(TypeError);
    expect(await rejection(retry(() => 1, { attempts: 0 }))).to.be.instanceOf(RangeError);
    expect(await rejection(retry(() => 1, { delay: -1 }))).to.be.instanceOf(RangeError);
    expect(await rejection(retry(() => 1, { when: 1 as never }))).to.be.instanceOf(TypeError);
    expect(await rejection(retry(() => 1, { factor: 2 } as never))).to.be.instanceOf(TypeError);
  });
});
