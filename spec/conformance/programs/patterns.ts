/** What people build out of channels: producers, pipelines, sieves, locks, pumps. */

import { Channel, getRunCount, run, schedule, tasklet } from '../../../lib/stackless/index.js';
import { bool, type Program, type Programs } from '../program.js';

function producerConsumer(preference: number): Program {
  return async (log) => {
    const ch = new Channel<number>();
    ch.preference = preference;
    tasklet(async () => {
      for (let i = 0; i <= 3; i++) {
        log(`p${i}`);
        await ch.send(i);
      }
      log('p-end');
    })();
    tasklet(async () => {
      for (let i = 0; i < 4; i++) log(`c${await ch.receive()}`);
      log('c-end');
    })();
    await run();
  };
}

export const patterns: Programs = {
  '069': producerConsumer(-1),
  '071': producerConsumer(0),
  '073': producerConsumer(1),

  '088': async (log) => {
    const ping = new Channel<number>();
    const pong = new Channel<number>();
    tasklet(async () => {
      for (let i = 0; i <= 3; i++) {
        log(`ping ${i}`);
        await ping.send(i);
        log(`A back ${await pong.receive()}`);
      }
    })();
    tasklet(async () => {
      for (let i = 0; i < 4; i++) {
        const v = await ping.receive();
        log(`pong ${v}`);
        await pong.send(v * 10);
      }
    })();
    await run();
    log('end');
  },

  '090': async (log) => {
    const registry = new Channel<Channel<string>>();
    tasklet(async () => {
      const inboxes: Channel<string>[] = [];
      for (let i = 0; i < 2; i++) {
        inboxes.push(await registry.receive());
        log('reg');
      }
      for (const [i, inbox] of inboxes.entries()) {
        await inbox.send(`J${i}`);
        log(`assigned ${i}`);
      }
    })();
    for (let k = 0; k < 2; k++) {
      tasklet(async () => {
        const inbox = new Channel<string>();
        await registry.send(inbox);
        log(`w${k} job ${await inbox.receive()}`);
      })();
    }
    await run();
  },

  '092': async (log) => {
    const c1 = new Channel<number | 'stop'>();
    const c2 = new Channel<number | 'stop'>();
    const source = async () => {
      for (const v of [1, 2, 3]) {
        log(`src ${v}`);
        await c1.send(v);
      }
      await c1.send('stop');
    };
    const double = async () => {
      for (;;) {
        const v = await c1.receive();
        if (v === 'stop') return c2.send('stop');
        log(`dbl ${v}`);
        await c2.send(v * 2);
      }
    };
    const sink = async () => {
      for (;;) {
        const v = await c2.receive();
        log(`sink ${v}`);
        if (v === 'stop') return;
      }
    };
    tasklet(sink)();
    tasklet(double)();
    tasklet(source)();
    await run();
  },

  '094': async (log) => {
    const ch = new Channel<number>();
    for (let k = 0; k < 3; k++) {
      tasklet(async () => {
        for (;;) log(`c${k}:${await ch.receive()}`);
      })();
    }
    tasklet(async () => {
      for (let i = 0; i <= 5; i++) await ch.send(i);
      log('P done');
    })();
    await run();
    log(`waiting:${ch.balance}`);
  },

  '096': async (log) => {
    const generator = async (out: Channel<number>) => {
      for (let n = 2; ; n++) await out.send(n);
    };
    const filter = async (inp: Channel<number>, out: Channel<number>, p: number) => {
      for (;;) {
        const n = await inp.receive();
        if (n % p !== 0) await out.send(n);
      }
    };
    let ch = new Channel<number>();
    tasklet(generator)(ch);
    for (let i = 0; i < 8; i++) {
      const p = await ch.receive();
      log(String(p));
      const ch2 = new Channel<number>();
      tasklet(filter)(ch, ch2, p);
      ch = ch2;
    }
    log('end');
  },

  '098': async (log) => {
    const first = new Channel<number>();
    let last = first;
    for (let i = 0; i < 50; i++) {
      const inp = last;
      const out = new Channel<number>();
      tasklet(async () => {
        const v = await inp.receive();
        await out.send(v + 1);
      })();
      last = out;
    }
    tasklet(() => first.send(0))();
    log(String(await last.receive()));
    await run();
    log(`rc:${getRunCount()}`);
  },

  '100': async (log) => {
    const waiter = new Channel<null>();
    waiter.preference = 1;
    let locked = false;
    const lock = async () => {
      if (locked) await waiter.receive();
      else locked = true;
    };
    const unlock = async () => {
      if (waiter.balance < 0) await waiter.send(null);
      else locked = false;
    };
    const user = async (n: string) => {
      log(`${n} want`);
      await lock();
      log(`${n} in`);
      await schedule();
      log(`${n} out`);
      await unlock();
      log(`${n} end`);
    };
    for (const n of ['A', 'B', 'C']) tasklet(user)(n);
    await run();
    log(`locked:${bool(locked)}`);
  },

  '102': async (log) => {
    const put = new Channel<number>();
    const get = new Channel<number>();
    tasklet(async () => {
      for (let i = 1; i <= 5; i++) {
        log(`put ${i}`);
        await put.send(i);
      }
      log('prod end');
    })();
    tasklet(async () => {
      const list: number[] = [];
      let delivered = 0;
      const take = async () => {
        list.push(await put.receive());
      };
      const give = async () => {
        await get.send(list.shift() as number);
        delivered++;
      };
      while (delivered < 5) {
        if (list.length === 0) await take();
        else if (list.length === 2) await give();
        else if (put.balance > 0) await take();
        else await give();
      }
    })();
    tasklet(async () => {
      for (let i = 0; i < 5; i++) log(`got ${await get.receive()}`);
    })();
    await run();
    log('end');
  },

  '104': async (log) => {
    const pump = new Channel<null>();
    pump.preference = 1;
    const actor = async (name: string) => {
      for (let i = 0; i < 3; i++) {
        log(`${name}${i}`);
        await pump.receive();
      }
    };
    for (const name of ['X', 'Y']) tasklet(actor)(name);
    for (let f = 0; f < 4; f++) {
      log(`frame${f}`);
      await run();
      while (pump.balance < 0) await pump.send(null);
    }
    log(`rc:${getRunCount()} balance:${pump.balance}`);
  },

  '106': async (log) => {
    const sum = async (lo: number, hi: number, out: Channel<number>): Promise<void> => {
      if (hi - lo <= 2) {
        let s = 0;
        for (let i = lo; i < hi; i++) s += i;
        log(`leaf ${lo}-${hi}`);
        await out.send(s);
        return;
      }
      const mid = Math.floor((lo + hi) / 2);
      const c = new Channel<number>();
      tasklet(sum)(lo, mid, c);
      tasklet(sum)(mid, hi, c);
      const one = await c.receive();
      const two = await c.receive();
      log(`node ${lo}-${hi}`);
      await out.send(one + two);
    };
    tasklet(async () => {
      const r = new Channel<number>();
      tasklet(sum)(0, 8, r);
      log(`total ${await r.receive()}`);
    })();
    await run();
  },

  '108': async (log) => {
    for (const v of [5, 1, 4, 2, 3]) {
      tasklet(async () => {
        for (let i = 0; i < v; i++) await schedule();
        log(String(v));
      })();
    }
    await run();
  },

  '110': async (log) => {
    type Message = ['sub', Channel<string>] | ['pub', string] | ['quit', null];
    const inbox = new Channel<Message>();
    tasklet(async () => {
      const subscribers: Channel<string>[] = [];
      for (;;) {
        const [what, body] = await inbox.receive();
        if (what === 'quit') return;
        if (what === 'sub') {
          subscribers.push(body);
          log('hub sub');
        } else {
          for (const subscriber of subscribers) await subscriber.send(body);
          log(`hub pub ${body}`);
        }
      }
    })();
    for (let k = 0; k < 2; k++) {
      tasklet(async () => {
        const own = new Channel<string>();
        await inbox.send(['sub', own]);
        for (let i = 0; i < 2; i++) log(`s${k}:${await own.receive()}`);
      })();
    }
    tasklet(async () => {
      for (const text of ['one', 'two']) {
        await inbox.send(['pub', text]);
        log(`pub sent ${text}`);
      }
      await inbox.send(['quit', null]);
    })();
    await run();
  },

  '191': async (log) => {
    const ch = new Channel<number>();
    tasklet(async () => {
      for (let i = 0; i < 3; i++) log(`B ${await ch.receive()}`);
    })();
    tasklet(async () => {
      for (let i = 0; i <= 2; i++) {
        log(`A send ${i}`);
        await ch.send(i);
      }
    })();
    tasklet(() => log('X'))();
    await run();
    log('end');
  },
};
