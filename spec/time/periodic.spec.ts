import { expect } from 'chai';
import { periodic, sleep, spawn, TaskletKilledError, type PeriodicOptions } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('periodic', () => {
  /** When the job began, and as which period, until `end`; the second one takes `long` milliseconds. */
  async function begun(long: number, options?: PeriodicOptions, end = 590): Promise<[number, number][]> {
    return simulate(async ({ clock }) => {
      const log: [number, number][] = [];
      const job = spawn(() =>
        periodic(
          100,
          async (period) => {
            log.push([period, clock.now()]);
            await sleep(log.length === 2 ? long : 10);
          },
          options,
        ),
      );
      await sleep(end);
      job.kill();
      await rejection(job.join());
      return log;
    });
  }

  it('calls the job every so many milliseconds, and does not drift', async () => {
    expect(await begun(10, undefined, 350)).to.deep.equal([
      [1, 100],
      [2, 200],
      [3, 300],
    ]);
  });

  it('leaves out the times that have passed meanwhile', async () => {
    expect(await begun(250)).to.deep.equal([
      [1, 100],
      [2, 200],
      [5, 500],
    ]);
    // A job that takes just as long as a period is not too late.
    expect(await begun(100, { overrun: 'skip' }, 450)).to.deep.equal([
      [1, 100],
      [2, 200],
      [4, 400],
    ]);
  });

  it('catches up with each of them, one after the other', async () => {
    expect(await begun(250, { overrun: 'catch-up' })).to.deep.equal([
      [1, 100],
      [2, 200],
      [3, 450],
      [4, 460],
      [5, 500],
    ]);
  });

  it('counts from the end of the job', async () => {
    expect(await begun(250, { overrun: 'delay' })).to.deep.equal([
      [1, 100],
      [2, 210],
      [3, 560],
    ]);
  });

  it('ends with the error of the job', async () => {
    await simulate(async () => {
      const job = periodic(10, (period) => {
        if (period === 3) throw new RangeError('third');
      });
      expect(await rejection(job)).to.have.property('message', 'third');
    });
  });

  it('can be killed, and others have their turns when it is always late', async () => {
    await simulate(async ({ clock }) => {
      const job = spawn(() => periodic(1, () => clock.advance(5), { overrun: 'catch-up' }));
      await sleep(50);
      job.kill();
      expect(await rejection(job.join())).to.be.instanceOf(TaskletKilledError);
    });
  });

  it('refuses wrong options by name', async () => {
    expect(await rejection(periodic(0, () => 1))).to.be.instanceOf(RangeError);
    expect(await rejection(periodic(NaN, () => 1))).to.be.instanceOf(RangeError);
    expect(await rejection(periodic(1, 5 as never))).to.be.instanceOf(TypeError);
    expect(await rejection(periodic(1, () => 1, { overrun: 'pile' as never }))).to.be.instanceOf(TypeError);
    expect(await rejection(periodic(1, () => 1, { late: 1 } as never))).to.be.instanceOf(TypeError);
  });
});
