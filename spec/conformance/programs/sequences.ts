/** Iteration, closing, and sending a whole sequence. */

import { Channel, run, StopIteration, tasklet, ValueError } from '../../../lib/stackless/index.js';
import { bool, kind, message, type Programs } from '../program.js';

export const sequences: Programs = {
  '125': async (log) => {
    const ch = new Channel<number>();
    tasklet(async () => {
      for (const v of [1, 2, 3]) await ch.send(v);
      await ch.sendException(StopIteration);
      log('S end');
    })();
    tasklet(async () => {
      for await (const v of ch) log(`it ${v}`);
      log('loop end');
    })();
    await run();
  },

  '127': async (log) => {
    const ch = new Channel<number>();
    tasklet(async () => {
      await ch.send(1);
      await ch.send(2);
      ch.close();
      log(`S closed closing:${bool(ch.closing)} closed:${bool(ch.closed)}`);
    })();
    const R = tasklet(async () => {
      for await (const v of ch) log(`it ${v}`);
      log('R loop end');
    })();
    await run();
    log(`R blocked:${bool(R.blocked)} balance:${ch.balance}`);
    await ch.send(99);
    log('sent');
    log(`closed:${bool(ch.closed)}`);
  },

  '128': async (log) => {
    const ch = new Channel<number>();
    const flags = () => log(`closing:${bool(ch.closing)} closed:${bool(ch.closed)}`);
    flags();
    ch.close();
    flags();
    ch.open();
    flags();
    tasklet(() => ch.send(1))();
    await run();
    ch.close();
    flags();
    await ch.receive();
    flags();
  },

  '130': async (log) => {
    const ch = new Channel<string>();
    tasklet(async () => {
      log(`R ${await ch.receive()}`);
    })();
    await run();
    ch.close();
    await ch.send('x');
    log(`sent closed:${bool(ch.closed)}`);
    try {
      await ch.send('again');
    } catch (error) {
      log(`second ${kind(error)}`);
    }
    ch.open();
    tasklet(async () => {
      log(`R2 ${await ch.receive()}`);
    })();
    await run();
    await ch.send('y');
    log('end');
  },

  '131': async (log) => {
    const ch = new Channel<number>();
    tasklet(async () => {
      log(`S count ${await ch.sendSequence([10, 20, 30])}`);
    })();
    tasklet(async () => {
      for (let i = 0; i < 3; i++) log(`R ${await ch.receive()}`);
      log('R end');
    })();
    await run();
  },

  '199': async (log) => {
    const ch = new Channel<number>();
    function* generator() {
      yield 1;
      yield 2;
      throw new ValueError('src');
    }
    tasklet(async () => {
      for (;;) log(`R ${await ch.receive()}`);
    })();
    tasklet(async () => {
      try {
        await ch.sendSequence(generator());
      } catch (error) {
        if (error instanceof ValueError) log(`S error ${message(error)}`);
      }
      log('S end');
    })();
    await run();
    log(`balance:${ch.balance}`);
  },
};
