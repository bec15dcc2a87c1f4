import { expect } from 'chai';
import { Channel, Scheduler, run, select, sleep, spawn, Tasklet } from '../../lib/index.js';
import { explore, trace, VirtualClock, type Trace } from '../../lib/testing/index.js';

/** Runs `main` in virtual time and tells its story. */
async function story(main: () => unknown): Promise<readonly string[]> {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  using told: Trace = trace({ scheduler });
  await run(() => main(), { scheduler });
  return told.lines;
}

async function program(): Promise<void> {
  const jobs = new Channel<number>({ name: 'jobs' });
  spawn(async function worker() {
    for await (const job of jobs) await sleep(job);
  });
  await jobs.send(10);
  await jobs.send(20);
  jobs.close();
}

describe('trace', () => {
  it('tells who runs, who waits for what, who can go on, when, and how each ends', async () => {
    expect(await story(program)).to.deep.equal([
      'main can go on',
      'main runs',
      'worker can go on',
      "main waits: send on channel 'jobs'",
      'worker runs',
      'main can go on',
      'worker waits: sleep 10 ms',
      'main runs',
      "main waits: send on channel 'jobs'",
      'at 10 ms',
      'worker can go on',
      'worker runs',
      'main can go on',
      'worker waits: sleep 20 ms',
      'main runs',
      'main is done',
      'at 30 ms',
      'worker can go on',
      'worker runs',
      'worker is done',
    ]);
  });

  it('counts from 1 what is named by counting, whatever ran before', async () => {
    const nameless = (): unknown => {
      const [a, b] = [new Channel(), new Channel()];
      spawn(() => b.send(1));
      spawn(() => a.send(1));
      return select({ b: b.receiving() }).then(() => a.receive());
    };
    const first = await story(nameless);
    expect(await story(nameless)).to.deep.equal(first);
    expect(first.join('\n')).to.contain('tasklet-1 runs').and.to.contain("channel 'channel-1'");
  });

  it('tells those of one name apart', async () => {
    const lines = await story(() => {
      for (const ms of [2, 1, 3]) {
        spawn(async function worker() {
          await sleep(ms);
        });
      }
    });
    expect(lines.filter((line) => line.endsWith('is done'))).to.deep.equal([
      'main is done',
      'worker (2) is done',
      'worker is done',
      'worker (3) is done',
    ]);
  });

  it('tells of who was killed or failed', async () => {
    const lines = await story(async () => {
      const silent = new Channel();
      const doomed = spawn(function doomed() {
        return silent.receive();
      });
      const failing = spawn(function failing() {
        throw new Error('on purpose');
      });
      await failing.join().catch(() => {});
      doomed.kill();
      await doomed.join().catch(() => {});
    });
    expect(lines).to.include('failing is failed').and.to.include('doomed is killed');
  });

  it('stops when told to, and goes its own way on each scheduler', async () => {
    const other = new Scheduler({ clock: new VirtualClock() });
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    const told = trace({ scheduler });
    await run(() => {}, { scheduler: other });
    expect(told.lines).to.deep.equal([]);
    await run(() => {}, { scheduler });
    const { text } = told;
    expect(text).to.not.equal('');
    told.stop();
    await run(() => {}, { scheduler });
    expect(told.text).to.equal(text);
  });

  it('[INV-43] is the same for the same seed', async () => {
    const stories: string[] = [];
    for (let i = 0; i < 2; i++) {
      const told: string[] = [];
      await explore(
        async ({ scheduler }) => {
          using each = trace({ scheduler });
          const daemon = new Tasklet(() => sleep(5), { daemon: true }).start();
          await program();
          await daemon.join();
          told.push(each.text);
        },
        { runs: 20, seed: 7 },
      );
      stories.push(told.join('\n\n'));
    }
    expect(stories[0]).to.equal(stories[1]);
  });
});
