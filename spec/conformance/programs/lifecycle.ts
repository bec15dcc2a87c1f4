/** Binding, arguments, the flags of a tasklet, attributes, and the flag `atomic`. */

import {
  atomic,
  Channel,
  getCurrent,
  getMain,
  run,
  scheduleRemove,
  tasklet,
  type Tasklet,
} from '../../../lib/stackless/index.js';
import { bit, bool, text, type Programs } from '../program.js';

export const lifecycle: Programs = {
  '036': async (log) => {
    tasklet((a: number, b: string, { c }: { c: number }) => log(`${a} ${b} ${c}`))(1, 'two', { c: 3 });
    await run();
    tasklet((a: string, b: string = 'dflt') => log(`${a} ${b}`))('x');
    await run();
  },

  '038': async (log) => {
    const T = tasklet();
    T.bind((arg: string) => log(`f ${arg}`));
    T.setup('1');
    await run();
    T.bind((arg: string) => log(`g ${arg}`));
    T.setup('2');
    await run();
    log(`alive:${bool(T.alive)}`);
  },

  '040': async (log) => {
    const T = tasklet();
    T.bind((arg: string) => log(`f ${arg}`), ['x']);
    log(`alive:${bool(T.alive)} scheduled:${bool(T.scheduled)} paused:${bool(T.paused)}`);
    await run();
    log('still');
    T.insert();
    await run();
  },

  '042': async (log) => {
    const flags = (label: string, t: Tasklet) =>
      log(
        `${label} alive=${bit(t.alive)} scheduled=${bit(t.scheduled)} blocked=${bit(t.blocked)} paused=${bit(t.paused)}`,
      );
    const ch = new Channel();
    const T = tasklet(async () => {
      await ch.receive();
      await scheduleRemove();
    });
    flags('new', T);
    T.setup();
    flags('ready', T);
    await run();
    flags('blocked', T);
    await ch.send(1);
    flags('parked', T);
    T.insert();
    flags('queued', T);
    await run();
    flags('dead', T);
  },

  '044': async (log) => {
    const spawn = () => tasklet(() => undefined)();
    const A = spawn();
    const B = spawn();
    const C = spawn();
    const names = new Map([
      [getMain(), 'main'],
      [A, 'A'],
      [B, 'B'],
      [C, 'C'],
    ]);
    const walk = (way: 'next' | 'prev', steps: number) => {
      const seen: string[] = [];
      let at: Tasklet | null = getMain();
      for (let i = 0; i < steps && at !== null; i++) {
        seen.push(names.get(at) ?? '?');
        at = at[way];
      }
      log(seen.join('>'));
    };
    walk('next', 5);
    walk('prev', 5);
    B.remove();
    walk('next', 4);
    log(`B.next:${text(B.next)}`);
  },

  '136': async (log) => {
    const ch = new Channel();
    log(String(ch.preference));
    log(bool(ch.scheduleAll));
    ch.preference = 5;
    log(String(ch.preference));
    ch.preference = -7;
    log(String(ch.preference));
    ch.preference = 0;
    log(String(ch.preference));
    ch.scheduleAll = 1;
    log(bool(ch.scheduleAll));
  },

  '138': async (log) => {
    const main = getCurrent();
    log(bool(main.atomic));
    log(bool(main.setAtomic(true)));
    log(bool(main.atomic));
    log(bool(main.setAtomic(true)));
    log(bool(main.setAtomic(false)));
    log(bool(main.atomic));
    const outer = atomic();
    log(bool(main.atomic));
    const inner = atomic();
    log(bool(main.atomic));
    inner[Symbol.dispose]();
    log(bool(main.atomic));
    outer[Symbol.dispose]();
    log(bool(main.atomic));
  },

  '140': async (log) => {
    const ch = new Channel<string>();
    tasklet(async () => {
      const scope = atomic();
      log('R wait');
      const v = await ch.receive();
      log(`R ${v} atomic:${bool(getCurrent().atomic)}`);
      scope[Symbol.dispose]();
    })();
    tasklet(async () => {
      log(`S atomic:${bool(getCurrent().atomic)}`);
      await ch.send('x');
      log('S end');
    })();
    await run();
  },
};
