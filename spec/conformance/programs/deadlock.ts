/** Who is told when nobody can go on. */

import { Channel, getRunCount, run, tasklet } from '../../../lib/stackless/index.js';
import { bool, kind, type Programs } from '../program.js';

export const deadlock: Programs = {
  '116': async (log) => {
    try {
      await new Channel().receive();
    } catch (error) {
      log(`error ${kind(error)}`);
    }
    log('still running');
  },

  '118': async (log) => {
    const ch = new Channel<number>();
    try {
      await ch.receive();
    } catch {
      log(`balance:${ch.balance}`);
    }
    try {
      await ch.send(1);
    } catch {
      log(`balance:${ch.balance}`);
    }
    log(`rc:${getRunCount()}`);
  },

  '120': async (log) => {
    const ch = new Channel();
    tasklet(() => log('X'))();
    try {
      await ch.receive();
    } catch (error) {
      log(`error ${kind(error)}`);
    }
    log(`balance:${ch.balance}`);
  },

  '122': async (log) => {
    const m = new Channel();
    const c = new Channel();
    const T = tasklet(async () => {
      try {
        await c.receive();
      } finally {
        log('T finally');
      }
    })();
    try {
      await m.receive();
    } catch (error) {
      log(`main ${kind(error)}`);
    }
    log(`T alive:${bool(T.alive)}`);
    log(`m:${m.balance} c:${c.balance}`);
  },

  '124': async (log) => {
    const x = new Channel<number>();
    const y = new Channel<number>();
    const balances = (label: string) => log(`${label} x:${x.balance} y:${y.balance}`);
    tasklet(async () => {
      log(`A got ${await x.receive()}`);
      await y.send(2);
      log('A end');
    })();
    tasklet(async () => {
      log(`B got ${await y.receive()}`);
      await x.send(1);
      log('B end');
    })();
    await run();
    balances('stuck');
    await x.send(7);
    balances('main end');
    await run();
    balances('final');
  },
};
