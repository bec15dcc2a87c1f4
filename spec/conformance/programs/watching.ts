/** Traps and callbacks. */

import {
  Channel,
  getCurrent,
  getMain,
  run,
  schedule,
  setScheduleCallback,
  switchTrap,
  tasklet,
  type Tasklet,
} from '../../../lib/stackless/index.js';
import { kind, type Log, type Programs } from '../program.js';

async function attempt(log: Log, label: string, deed: () => Promise<unknown>): Promise<void> {
  try {
    await deed();
  } catch (error) {
    log(`${label} ${kind(error)}`);
  }
}

/** Logs every switch by the names that `names` gives. */
function observe(log: Log, names: Map<Tasklet, string>): void {
  setScheduleCallback((prev, next) => log(`${names.get(prev) ?? '?'}>${names.get(next) ?? '?'}`));
}

export const watching: Programs = {
  '133': async (log) => {
    const c = new Channel<number>();
    const d = new Channel<number>();
    tasklet(async () => {
      getCurrent().blockTrap = true;
      await attempt(log, 'recv', () => c.receive());
      await attempt(log, 'send', () => c.send(1));
      log(`balance:${c.balance}`);
      getCurrent().blockTrap = false;
      await schedule();
      getCurrent().blockTrap = true;
      log(`got ${await d.receive()}`);
    })();
    tasklet(() => d.send(5))();
    await run();
    log('end');
  },

  '134': async (log) => {
    const T = tasklet(() => log('T'))();
    log(String(switchTrap(1)));
    await attempt(log, 'schedule', () => schedule());
    await attempt(log, 'run', () => run());
    await attempt(log, 'trun', () => T.run());
    log(String(switchTrap(-1)));
    await run();
    log('end');
  },

  '188': async (log) => {
    const names = new Map<Tasklet, string>([[getMain(), 'main']]);
    observe(log, names);
    const A = tasklet(async () => {
      log('A1');
      await schedule();
      log('A2');
    })();
    const B = tasklet(() => log('B1'))();
    names.set(A, 'A').set(B, 'B');
    await run();
    setScheduleCallback(null);
    log('end');
  },

  '206': async (log) => {
    const names = new Map<Tasklet, string>([[getMain(), 'main']]);
    const ch = new Channel<number>();
    observe(log, names);
    const R = tasklet(async () => {
      log('R1');
      await ch.receive();
      log('R2');
    })();
    const S = tasklet(async () => {
      log('S1');
      await ch.send(1);
      log('S2');
    })();
    names.set(R, 'R').set(S, 'S');
    await run();
    setScheduleCallback(null);
    log('end');
  },
};
