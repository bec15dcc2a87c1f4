/** What a kill does, to whom, and who runs next. */

import {
  Channel,
  getMain,
  getRunCount,
  run,
  schedule,
  tasklet,
  TaskletExit,
} from '../../../lib/stackless/index.js';
import { bool, type Log, type Programs } from '../program.js';

/** Runs `body`; a TaskletExit is logged and passed on. */
async function telling(log: Log, line: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (error instanceof TaskletExit) log(line);
    throw error;
  }
}

export const kill: Programs = {
  '141': async (log) => {
    const ch = new Channel();
    const R = tasklet(async () => {
      try {
        await telling(log, 'R exit', async () => {
          log('R wait');
          await ch.receive();
          log('R got');
        });
      } finally {
        log('R finally');
      }
    })();
    await run();
    log(`balance:${ch.balance}`);
    await R.kill();
    log(`killed alive:${bool(R.alive)} balance:${ch.balance}`);
    await run();
    log('end');
  },

  '143': async (log) => {
    const ch = new Channel<number>();
    const S = tasklet(async () => {
      try {
        log('S send');
        await ch.send(1);
        log('S sent');
      } finally {
        log('S finally');
      }
    })();
    await run();
    await S.kill();
    log(`killed alive:${bool(S.alive)}`);
    tasklet(async () => {
      log('R wait');
      log(`R got ${await ch.receive()}`);
    })();
    tasklet(async () => {
      await ch.send(2);
      log('S2 sent');
    })();
    await run();
    log('end');
  },

  '145': async (log) => {
    const ch = new Channel<string>();
    const receiver = (k: number) =>
      telling(log, `R${k} exit`, async () => {
        log(`R${k} got ${await ch.receive()}`);
      });
    const R0 = tasklet(receiver)(0);
    tasklet(receiver)(1);
    await run();
    await R0.kill();
    await ch.send('a');
    log('sent a');
  },

  '147': async (log) => {
    tasklet(() => log('A'))();
    const B = tasklet(() => log('B'))();
    tasklet(() => log('C'))();
    await B.kill();
    log('killed B');
    await run();
    log('end');
  },

  '149': async (log) => {
    const T = tasklet(() =>
      telling(log, 'T exit', async () => {
        log('T1');
        await schedule();
        log('T2');
      }),
    )();
    await schedule();
    await T.kill();
    log(`killed alive:${bool(T.alive)}`);
    await run();
    log('end');
  },

  '151': async (log) => {
    const T = tasklet(() => log('T'))();
    await run();
    await T.kill();
    await T.kill();
    log(`ok alive:${bool(T.alive)}`);
    await run();
    log('end');
  },

  '153': async (log) => {
    const ch = new Channel();
    const V = tasklet(async () => {
      try {
        log('V wait');
        await ch.receive();
      } finally {
        log('V cleanup');
      }
    })();
    tasklet(async () => {
      log('K1');
      await V.kill();
      log(`K2 alive:${bool(V.alive)}`);
    })();
    tasklet(() => log('X'))();
    await run();
    log('end');
  },

  '155': async (log) => {
    const ch = new Channel<string>();
    const T = tasklet(async () => {
      try {
        log('T wait');
        await ch.receive();
      } catch (error) {
        if (!(error instanceof TaskletExit)) throw error;
        log('T refuses');
      }
      log('T wait2');
      log(`T got ${await ch.receive()}`);
    })();
    await run();
    await T.kill();
    log(`alive:${bool(T.alive)} blocked:${bool(T.blocked)}`);
    await ch.send('x');
    log(`end alive:${bool(T.alive)}`);
  },

  '157': async (log) => {
    const ch = new Channel();
    const V = tasklet(async () => {
      try {
        log('V wait');
        await ch.receive();
      } finally {
        log('V finally');
      }
    })();
    await run();
    tasklet(() => log('X'))();
    await V.kill({ pending: true });
    log(
      `pending alive:${bool(V.alive)} blocked:${bool(V.blocked)} balance:${ch.balance} rc:${getRunCount()}`,
    );
    await run();
    log(`end alive:${bool(V.alive)}`);
  },

  '159': async (log) => {
    const ch = new Channel();
    const T = tasklet(async () => {
      try {
        try {
          log('T wait');
          await ch.receive();
        } catch (error) {
          // "Any ordinary error" has to be spelled out in a language with one `catch`.
          if (error instanceof TaskletExit) throw error;
          log('T swallowed');
        }
      } finally {
        log('T finally');
      }
    })();
    await run();
    await T.kill();
    log(`alive:${bool(T.alive)}`);
  },

  '203': async (log) => {
    tasklet(async () => {
      log('K1');
      await getMain().kill();
      log('K2');
    })();
    try {
      await run();
    } catch (error) {
      if (!(error instanceof TaskletExit)) throw error;
      log(`main TaskletExit rc:${getRunCount()}`);
    }
    await run();
    log('end');
  },
};
