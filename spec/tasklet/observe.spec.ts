import { expect } from 'chai';
import { Channel } from '../../lib/kernel/channel.js';
import { Scheduler } from '../../lib/kernel/scheduler.js';
import { observe } from '../../lib/tasklet/observe.js';
import { run } from '../../lib/tasklet/run.js';
import { current, spawn } from '../../lib/tasklet/spawn.js';

describe('observe', () => {
  async function story(program: () => Promise<void>): Promise<string[]> {
    const scheduler = new Scheduler();
    const log: string[] = [];
    const stop = observe(
      {
        switched: (from, to) => log.push(`${from?.name ?? 'world'} → ${to.name}`),
        blocked: (tasklet, what) => log.push(`${tasklet?.name ?? 'guest'} waits: ${what}`),
        woken: (tasklet) => log.push(`${tasklet?.name ?? 'guest'} can go on`),
      },
      { scheduler },
    );
    await run(program, { scheduler });
    stop();
    return log;
  }

  it('tells of every switch, wait and wake-up, in order', async () => {
    const log = await story(async function main() {
      const jobs = new Channel<number>({ name: 'jobs' });
      spawn(async function worker() {
        await jobs.receive();
      });
      await jobs.send(1);
    });
    expect(log).to.deep.equal([
      'main can go on',
      'world → main',
      'worker can go on',
      "main waits: send on channel 'jobs'",
      'main → worker',
      'main can go on',
      'worker → main',
    ]);
  });

  it('[INV-46] changes nothing by throwing, by calling back, by killing', async () => {
    const scheduler = new Scheduler();
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => thrown.push(error.message));
    const side = new Channel<string>();
    const stop = observe(
      {
        switched: (_, to) => {
          if (to.name === 'victim') to.kill();
          void side.trySend('seen');
          throw new Error('observer');
        },
      },
      { scheduler },
    );
    const order: string[] = [];
    try {
      await run(
        async () => {
          const victim = spawn(async function victim() {
            order.push('never');
          });
          const other = spawn(async function other() {
            order.push(`other as ${current()?.name ?? 'nobody'}`);
          });
          await other.join();
          order.push(victim.state);
        },
        { scheduler },
      );
    } finally {
      stop();
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(order).to.deep.equal(['other as other', 'killed']);
    expect(new Set(thrown)).to.deep.equal(new Set(['observer']));
  });

  it('is silent after it was ended, while others go on', async () => {
    const scheduler = new Scheduler();
    const log: string[] = [];
    const stopFirst = observe({ switched: () => log.push('first') }, { scheduler });
    const stopSecond = observe({ switched: () => log.push('second') }, { scheduler });
    stopFirst();
    await run(async () => {}, { scheduler });
    stopSecond();
    await run(async () => {}, { scheduler });
    expect(log).to.deep.equal(['second']);
  });

  it('refuses an event that does not exist', () => {
    expect(() => observe({ switch: () => {} } as object)).to.throw(TypeError, "unknown option 'switch'");
  });
});
