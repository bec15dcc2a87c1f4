// The soak in short, so that the program cannot rot, and what it must notice, planted.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';
import { Channel, defaultScheduler, run, spawn } from 'evergreen-tasklets';
import { endure, slope, type Work } from './endure.js';
import { lives } from './lives.js';
import { rendezvous } from './rendezvous.js';

describe('the soak', () => {
  const root = path.join(__dirname, '..', '..');

  function soak(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [path.join(root, 'scripts', 'soak.mjs'), ...args],
        { timeout: 120_000 },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  }

  it('[INV-68] [INV-80] [INV-82] [INV-85] endures two seconds, and says what was done', async () => {
    const { code, stdout, stderr } = await soak('0.02', '--seed', '1');
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    const [head = '', ...lines] = stdout.trim().split('\n');
    expect(head).to.equal(`Node ${process.version}, 0.02 minutes, seed 1`);
    expect(lines.map((line) => line.replace(/:.*/, ''))).to.deep.equal([
      'rendezvous',
      'timed-out waits',
      'killed waits',
      'aborted waits',
      'waits that lost a select',
      'lives of tasklets',
      'traffic',
      'endured',
    ]);
    for (const line of lines.slice(0, -1)) expect(line).to.match(/[1-9][\d,]*.* in [\d.]+ s; .* grows by/);
  }).timeout(150_000);

  it('refuses what is no number', async () => {
    const { code, stderr } = await soak('long');
    expect(code).to.equal(1);
    expect(stderr).to.include('NOT ENDURED: TypeError: minutes must be a number, not long');
  }).timeout(60_000);

  describe('notices', () => {
    /** What is said of work that does `wrong` each time. */
    async function faultsOf(wrong: (i: number) => unknown, count = 100_000): Promise<string> {
      const work: Work = {
        name: 'planted',
        count,
        limit: 10_000,
        async go(times) {
          for (let i = 0; i < times; i++) await wrong(i);
        },
      };
      const { faults } = await endure(work, 0.999);
      return faults.join('\n');
    }

    it('nothing where nothing is wrong', async () => {
      expect(await faultsOf(() => {})).to.equal('');
    });

    it('memory that is kept, though it is little', async () => {
      const kept: object[] = [];
      expect(await faultsOf((i) => kept.push({ i }))).to.match(/^the heap grows by \d+\.\d kB a million/);
    });

    it('a tasklet that is left', async () => {
      const quiet = new Channel<never>();
      const wrong = (i: number): unknown => i === 0 && spawn(() => quiet.receive());
      expect(await faultsOf(wrong, 100)).to.include("waits: receive on channel '");
      for (const tasklet of defaultScheduler.tasklets()) tasklet.kill();
      await run();
    });

    it('a timer that is left', async () => {
      const timers: NodeJS.Timeout[] = [];
      const wrong = (i: number): unknown => i === 0 && timers.push(setTimeout(() => {}, 60_000));
      expect(await faultsOf(wrong, 100)).to.match(/^open: .*Timeout/);
      timers.forEach(clearTimeout);
    });

    it('a closure that is kept', async () => {
      const kept: unknown[] = [];
      const wrong: Work = {
        ...lives,
        async go(times) {
          await lives.go.call(lives, times);
          kept.push((lives as unknown as { sample: { ref: WeakRef<object> }[] }).sample[0]?.ref.deref());
        },
        left: () => lives.left?.() ?? [],
      };
      const { faults } = await endure(wrong, 0.001);
      expect(faults).to.deep.equal(['a value of one returning']);
    });

    it('a value that is another one', async () => {
      const { receive } = Channel.prototype;
      let count = 0;
      Channel.prototype.receive = async function (this: Channel<number>) {
        const value = (await receive.call(this)) as number;
        return ++count === 100 ? value - 1 : value;
      } as typeof receive;
      try {
        expect(await rendezvous.go(1000).catch(String)).to.equal(
          'Error: pair: the sum of what was received is wrong',
        );
      } finally {
        Channel.prototype.receive = receive;
      }
    });
  });

  describe('slope', () => {
    it('is that of the line with the least squares', () => {
      const exact = [1, 2, 3].map((x) => [x, 5 - 2 * x] as const);
      expect(slope(exact)).to.be.closeTo(-2, 1e-9);
      const noisy = [0, 1, 2, 3].map((x) => [x, x + (x % 2 === 0 ? 0.1 : -0.1)] as const);
      expect(slope(noisy)).to.be.closeTo(0.96, 1e-9);
    });
  });
});
