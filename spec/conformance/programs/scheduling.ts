/** Spawning, yielding, leaving and entering the ring, and running one tasklet directly. */

import {
  Channel,
  getCurrent,
  getMain,
  getRunCount,
  run,
  schedule,
  scheduleRemove,
  tasklet,
} from '../../../lib/stackless/index.js';
import { bool, kind, text, type Log, type Programs } from '../program.js';

const twice = (log: Log) => async (name: string) => {
  log(`${name}1`);
  await schedule();
  log(`${name}2`);
};

const named = (log: Log) => (name: string) => log(name);

export const scheduling: Programs = {
  '001': async (log) => {
    for (const name of ['A', 'B', 'C']) tasklet(named(log))(name);
    log('before');
    await run();
    log('after');
  },

  '003': async (log) => {
    const rounds = async (name: string) => {
      for (let i = 1; i <= 3; i++) {
        log(`${name}${i}`);
        await schedule();
      }
      log(`${name}end`);
    };
    for (const name of ['A', 'B', 'C']) tasklet(rounds)(name);
    await run();
    log('done');
  },

  '005': async (log) => {
    tasklet(async () => {
      log('a');
      await schedule();
      log('b');
      await schedule();
      log('c');
    })();
    await run();
    log('main');
  },

  '007': async (log) => {
    for (const name of ['A', 'B']) tasklet(twice(log))(name);
    log('m1');
    await schedule();
    log(`m2:${getRunCount()}`);
    await run();
    log(`m3:${getRunCount()}`);
  },

  '009': async (log) => {
    const node = (path: string, depth: number): void => {
      log(path);
      if (depth > 0) {
        tasklet(node)(`${path}0`, depth - 1);
        tasklet(node)(`${path}1`, depth - 1);
      }
    };
    tasklet(node)('r', 3);
    await run();
  },

  '011': async (log) => {
    tasklet(named(log))('t');
    const runForValue: () => Promise<unknown> = run;
    log(text(await runForValue()));
    log(text(await runForValue()));
  },

  '013': async (log) => {
    tasklet(async () => {
      const r = await schedule();
      log(`self:${bool(r === getCurrent())}`);
      log(text(await schedule('hello')));
    })();
    tasklet(async () => {
      await schedule();
    })();
    await run();
  },

  '015': async (log) => {
    for (const name of ['A', 'B', 'C']) tasklet(() => log(`${name}:${getRunCount()}`))();
    await run();
    log(`main:${getRunCount()}`);
  },

  '017': async (log) => {
    const shared: number[] = [];
    for (let n = 0; n < 5; n++) {
      tasklet(async () => {
        for (let i = 0; i < 20; i++) {
          shared.push(n);
          await schedule();
        }
      })();
    }
    await run();
    log(shared.slice(0, 10).join(','));
    log(`fair:${bool(shared.every((entry, i) => entry === i % 5))}`);
    log(String(shared.length));
  },

  '018': async (log) => {
    const A = tasklet(async () => {
      log('A1');
      await scheduleRemove();
      log('A2');
    })();
    tasklet(twice(log))('B');
    await run();
    log('main1');
    A.insert();
    await run();
    log('main2');
  },

  '020': async (log) => {
    const W = tasklet(async () => {
      log('W wait');
      await scheduleRemove();
      log('W woken');
    })();
    tasklet(async () => {
      log('K1');
      W.insert();
      log('K2');
      await schedule();
      log('K3');
    })();
    tasklet(named(log))('Z');
    await run();
  },

  '022': async (log) => {
    const waiters: { tempval: unknown; insert(): unknown }[] = [];
    const wait = async (name: string) => {
      waiters.push(getCurrent());
      log(`${name} got ${text(await scheduleRemove())}`);
    };
    for (const name of ['W1', 'W2']) tasklet(wait)(name);
    await run();
    for (const [i, waiter] of waiters.entries()) {
      waiter.tempval = `v${i}`;
      waiter.insert();
    }
    log('delivered');
    await run();
  },

  '023': async (log) => {
    tasklet(named(log))('A');
    const B = tasklet(named(log))('B');
    tasklet(named(log))('C');
    B.remove();
    await run();
    log('mid');
    B.insert();
    await run();
    log('end');
  },

  '025': async (log) => {
    tasklet(() => {
      log('A');
      C.remove();
      log('A-done');
    })();
    tasklet(named(log))('B');
    const C = tasklet(named(log))('C');
    await run();
    log('main');
    C.insert();
    await run();
  },

  '027': async (log) => {
    const attempt = (label: string, deed: () => unknown) => {
      try {
        deed();
      } catch (error) {
        log(`${label}:${kind(error)}`);
      }
    };
    const blocked = tasklet(async () => {
      await new Channel().receive();
    })();
    await run();
    attempt('insert-blocked', () => blocked.insert());
    attempt('remove-blocked', () => blocked.remove());
    const finished = tasklet(() => undefined)();
    await run();
    attempt('insert-dead', () => finished.insert());
    tasklet(() => attempt('remove-current', () => getCurrent().remove()))();
    await run();
  },

  '028': async (log) => {
    tasklet(twice(log))('A');
    const B = tasklet(twice(log))('B');
    tasklet(twice(log))('C');
    B.remove();
    await B.run();
    log('main');
    await run();
    log('end');
  },

  '030': async (log) => {
    const A = tasklet(twice(log))('A');
    tasklet(twice(log))('B');
    tasklet(twice(log))('C');
    await A.run();
    log('main');
    await run();
  },

  '032': async (log) => {
    const ch = new Channel<string>();
    const R = tasklet(async () => {
      log('R wait');
      log(`R got ${await ch.receive()}`);
    })();
    await R.run();
    log(`blocked balance:${ch.balance}`);
    await ch.send('x');
    log('main end');
  },

  '034': async (log) => {
    const T = tasklet(() => {
      log(`T paused-main:${bool(getMain().paused)}`);
      getMain().insert();
      log('T2');
    })();
    await T.switch();
    log('main back');
  },

  '046': async (log) => {
    for (let b = 0; b < 3; b++) {
      tasklet(named(log))(`b${b}t0`);
      tasklet(named(log))(`b${b}t1`);
      await run();
      log(`batch${b}`);
    }
  },

  '184': async (log) => {
    tasklet(async () => {
      log('O1');
      tasklet(named(log))('C1');
      tasklet(async () => {
        log('C2a');
        await schedule();
        log('C2b');
      })();
      await run();
      log('O2');
    })();
    tasklet(twice(log))('P');
    await run();
    log('end');
  },

  '186': async (log) => {
    tasklet(async () => {
      tasklet(() => {
        log('E');
        throw new Error('x');
      })();
      try {
        await run();
      } catch {
        log('O caught x');
      }
      log('O end');
    })();
    try {
      await run();
      log('main clean');
    } catch {
      log('main caught');
    }
  },

  '201': async (log) => {
    tasklet(async () => {
      log('A1');
      getMain().insert();
      log('A2');
      await schedule();
      log('A3');
    })();
    tasklet(twice(log))('B');
    await run();
    log(`main rc:${getRunCount()}`);
    await run();
    log('end');
  },

  '205': async (log) => {
    tasklet(async () => {
      log('T1');
      await getCurrent().run();
      log('T2');
    })();
    tasklet(named(log))('X');
    await run();
  },
};
