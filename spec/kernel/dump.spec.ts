import { expect } from 'chai';
import { Channel, schedule, sleep, spawn, Tasklet } from '../../lib/index.js';
import { deferred } from '../support/deferred.js';
import { simulate } from '../support/simulate.js';

describe('Scheduler · dump', () => {
  it('is a table of every live tasklet', async () => {
    await simulate(async ({ scheduler }) => {
      const jobs = new Channel<number>({ name: 'jobs' });
      spawn(async function worker() {
        spawn(function child() {
          return sleep(60_000);
        });
        await jobs.receive();
      });
      const outside = deferred();
      new Tasklet(() => outside.promise, { name: 'ticker', daemon: true }).start();
      await schedule();
      await sleep(1);
      const lines = scheduler
        .dump()
        .split('\n')
        .map((line) => line.split(/ {2,}/).map((cell) => cell.replace(/^\d+ ms$/, 'some')));
      expect(lines.map((cells) => cells.slice(1))).to.deep.equal([
        ['name', 'state', 'waits for', 'for', 'parent'],
        ['main', 'running', '-', '-', '-'],
        ['worker', 'blocked', "receive on channel 'jobs'", 'some', 'main'],
        ['ticker (daemon)', 'waiting', 'something it awaits that is not ours', 'some', 'main'],
        ['child', 'blocked', 'sleep 60000 ms', 'some', 'worker'],
      ]);
      outside.resolve();
      for (const tasklet of scheduler.tasklets().slice(1)) tasklet.kill();
    });
  });

  it('says so when there is none', async () => {
    const { scheduler } = await simulate((simulation) => simulation);
    expect(scheduler.dump()).to.equal('no tasklets');
  });

  it('stays a table, and does nothing to a terminal, whatever things are called', async () => {
    await simulate(async ({ scheduler }) => {
      const evil = new Channel({ name: '\u001b[2J\u202eevil\u2028' });
      const victim = new Tasklet(() => evil.receive(), {
        name: `line\nfeed\u0007${'x'.repeat(200)}`,
      }).start();
      await schedule();
      const dump = scheduler.dump();
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(dump).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
      expect(dump.split('\n')).to.have.length(3);
      expect(Math.max(...dump.split('\n').map((line) => line.length))).to.be.below(200);
      victim.kill();
    });
  });
});
