/** A channel's order, balance and preference. */

import { Channel, getRunCount, run, schedule, tasklet } from '../../../lib/stackless/index.js';
import { bool, type Log, type Program, type Programs } from '../program.js';

/** Who runs next when a sender and a receiver meet while two bystanders keep yielding. */
function meeting(set: (ch: Channel<string>) => void, order: 'S R' | 'R S', yieldAfter: boolean): Program {
  return async (log) => {
    const ch = new Channel<string>();
    set(ch);
    const party: Record<string, () => Promise<void>> = {
      S: async () => {
        log('S1');
        await ch.send('v');
        log('S2');
        if (!yieldAfter) return;
        await schedule();
        log('S3');
      },
      R: async () => {
        log('R1');
        log(`R2:${await ch.receive()}`);
        if (!yieldAfter) return;
        await schedule();
        log('R3');
      },
    };
    for (const name of order.split(' ')) tasklet(party[name])();
    for (const name of ['X', 'Y']) tasklet(bystander(log, name))();
    await run();
  };
}

function bystander(log: Log, name: string) {
  return async () => {
    for (let i = 1; i <= 3; i++) {
      log(`${name}${i}`);
      await schedule();
    }
  };
}

function manySendersFirst(preference: number): Program {
  return async (log) => {
    const ch = new Channel<number>();
    ch.preference = preference;
    for (let i = 0; i < 3; i++) {
      tasklet(async () => {
        await ch.send(i);
        log(`sent${i}`);
      })();
    }
    for (let k = 0; k < 3; k++) {
      tasklet(async () => {
        log(`r${k} got ${await ch.receive()}`);
      })();
    }
    await run();
  };
}

export const channel: Programs = {
  '047': meeting((ch) => (ch.preference = -1), 'S R', true),
  '049': meeting((ch) => (ch.preference = 0), 'S R', true),
  '051': meeting((ch) => (ch.preference = 1), 'S R', true),

  '053': meeting(
    (ch) => {
      ch.scheduleAll = true;
      ch.preference = -1;
    },
    'S R',
    false,
  ),
  '055': meeting(
    (ch) => {
      ch.scheduleAll = true;
      ch.preference = -1;
    },
    'R S',
    false,
  ),

  '057': manySendersFirst(-1),
  '059': manySendersFirst(0),
  '061': manySendersFirst(1),

  '075': async (log) => {
    const ch = new Channel<number>();
    const S = tasklet(async () => {
      log('S before');
      await ch.send(42);
      log('S after');
    })();
    await run();
    log(`blocked:${bool(S.blocked)} balance:${ch.balance}`);
    tasklet(async () => {
      log(`R ${await ch.receive()}`);
    })();
    await run();
    log(`balance:${ch.balance}`);
  },

  '077': async (log) => {
    const ch = new Channel<number>();
    for (let i = 0; i < 4; i++) tasklet(() => ch.send(i))();
    log(`b:${ch.balance}`);
    await run();
    log(`b:${ch.balance}`);
    for (let i = 0; i < 4; i++) {
      const value = await ch.receive();
      log(`${value} b:${ch.balance}`);
    }
  },

  '079': async (log) => {
    const ch = new Channel<number>();
    const balance = () => log(`b:${ch.balance}`);
    tasklet(() => ch.send(1))();
    tasklet(() => ch.send(2))();
    await run();
    balance();
    await ch.receive();
    await ch.receive();
    balance();
    await run();
    tasklet(() => ch.receive())();
    tasklet(() => ch.receive())();
    await run();
    balance();
    await ch.send(3);
    await ch.send(4);
    balance();
  },

  '080': async (log) => {
    const ch = new Channel<unknown>();
    const L: unknown[] = [];
    tasklet(async () => {
      for (const value of [null, 0, '', false, L]) await ch.send(value);
    })();
    tasklet(async () => {
      for (let i = 0; i < 5; i++) {
        const value = await ch.receive();
        if (value === null) log('none');
        else if (value === 0) log('zero');
        else if (value === '') log('empty');
        else if (value === false) log('false');
        else if (value === L) log('same-list');
      }
    })();
    await run();
  },

  '082': async (log) => {
    const ch = new Channel<string>();
    for (let k = 0; k < 4; k++) {
      tasklet(async () => {
        log(`R${k}=${await ch.receive()}`);
      })();
    }
    tasklet(async () => {
      for (const v of ['a', 'b', 'c', 'd']) {
        await ch.send(v);
        log(`sent ${v}`);
      }
    })();
    await run();
  },

  '084': async (log) => {
    const ch = new Channel<number>();
    for (let k = 0; k < 4; k++) {
      tasklet(async () => {
        await ch.send(k);
        log(`S${k} done`);
      })();
    }
    tasklet(async () => {
      for (let i = 0; i < 4; i++) log(`got ${await ch.receive()}`);
      log('R end');
    })();
    await run();
  },

  '086': async (log) => {
    const ch = new Channel<number>();
    for (let k = 0; k < 2; k++) {
      tasklet(async () => {
        for (let i = 0; i < 2; i++) log(`W${k}:${await ch.receive()}`);
      })();
    }
    tasklet(async () => {
      for (let v = 1; v <= 4; v++) {
        await ch.send(v);
        log(`fed ${v}`);
      }
    })();
    await run();
  },

  '087': async (log) => {
    const a = new Channel<number>();
    const b = new Channel<number>();
    tasklet(async () => {
      log(`P a:${await a.receive()}`);
      log(`P b:${await b.receive()}`);
    })();
    tasklet(async () => {
      log('Q start');
      await b.send(2);
      log('Q sent b');
    })();
    tasklet(async () => {
      log('T start');
      await a.send(1);
      log('T sent a');
    })();
    await run();
    log(`a:${a.balance} b:${b.balance}`);
  },

  '195': async (log) => {
    const ch = new Channel<string>();
    for (let k = 0; k < 2; k++) {
      tasklet(async () => {
        log(`R${k} ${await ch.receive()}`);
      })();
    }
    tasklet(async () => {
      ch.preference = -1;
      await ch.send('a');
      log('S a');
      ch.preference = 1;
      await ch.send('b');
      log('S b');
    })();
    await run();
  },

  '197': async (log) => {
    const c1 = new Channel<number>();
    const c2 = new Channel<number>();
    c1.preference = 0;
    c2.preference = 0;
    tasklet(async () => {
      const v = await c1.receive();
      log(`A ${v}`);
      await c2.send(v + 1);
      log('A sent');
    })();
    tasklet(async () => {
      log(`B ${await c2.receive()}`);
    })();
    tasklet(async () => {
      await c1.send(1);
      log('S sent');
    })();
    tasklet(async () => {
      log('X1');
      await schedule();
      log('X2');
    })();
    await run();
  },
};

function mainSendsToWaiting(preference: number): Program {
  return async (log) => {
    const ch = new Channel<string>();
    ch.preference = preference;
    tasklet(async () => {
      log('R wait');
      log(`R got ${await ch.receive()}`);
      await schedule();
      log('R end');
    })();
    await run();
    tasklet(() => log('bystander'))();
    log('main send');
    await ch.send('v');
    log(`main sent rc:${getRunCount()}`);
    await run();
    log('main end');
  };
}

export const mainAtAChannel: Programs = {
  '063': mainSendsToWaiting(-1),
  '065': mainSendsToWaiting(0),
  '067': mainSendsToWaiting(1),

  '111': async (log) => {
    const ch = new Channel<string>();
    tasklet(async () => {
      log('X1');
      await schedule();
      log('X2');
    })();
    tasklet(async () => {
      log('S1');
      await ch.send('v');
      log('S2');
    })();
    log('main wait');
    log(`main got ${await ch.receive()}`);
    await run();
    log('end');
  },

  '113': async (log) => {
    const cIn = new Channel<string>();
    const cOut = new Channel<string>();
    tasklet(async () => {
      for (;;) {
        const v = await cIn.receive();
        log(`echo ${v}`);
        await cOut.send(`${v}!`);
      }
    })();
    for (const word of ['a', 'b', 'c']) {
      await cIn.send(word);
      log(`main ${await cOut.receive()}`);
    }
    log(`rc:${getRunCount()}`);
  },

  '115': async (log) => {
    const ch = new Channel<string>();
    const R = tasklet(async () => {
      log('R1');
      log(`R2 ${await ch.receive()}`);
      log(`R3 ${await ch.receive()}`);
    })();
    await run();
    log(`run1 alive:${bool(R.alive)}`);
    await run();
    log('run2');
    await ch.send('a');
    log('sent a');
    await ch.send('b');
    log(`sent b alive:${bool(R.alive)}`);
  },
};
