/** Errors: uncaught ones, sent ones, thrown ones. */

import {
  Channel,
  getMain,
  getRunCount,
  run,
  schedule,
  setErrorHandler,
  tasklet,
  TaskletExit,
  ValueError,
} from '../../../lib/stackless/index.js';
import { bool, kind, message, type Programs } from '../program.js';

class IndexError extends Error {}

export const errors: Programs = {
  '161': async (log) => {
    tasklet(async () => {
      try {
        log('T1');
        await schedule();
        throw new Error('boom');
      } catch (error) {
        log(`T caught ${message(error)}`);
      }
      log('T end');
    })();
    tasklet(async () => {
      log('X1');
      await schedule();
      log('X2');
    })();
    await run();
    log('end');
  },

  '163': async (log) => {
    const T = tasklet(() => {
      log('T1');
      throw new Error('bad');
    })();
    try {
      await run();
    } catch (error) {
      log(`main caught ${message(error)} alive:${bool(T.alive)}`);
    }
    await run();
    log('end');
  },

  '165': async (log) => {
    const ch = new Channel();
    tasklet(() => {
      log('T1');
      throw new Error('bad');
    })();
    try {
      await ch.receive();
    } catch (error) {
      log(`main caught ${message(error)} balance:${ch.balance}`);
    }
    await run();
    log('end');
  },

  '167': async (log) => {
    tasklet(() => log('X'))();
    const T = tasklet(() => {
      log('T1');
      throw new Error('bad');
    })();
    try {
      await T.run();
    } catch (error) {
      log(`main caught ${message(error)}`);
    }
    await run();
    log('end');
  },

  '169': async (log) => {
    const ch = new Channel();
    tasklet(async () => {
      try {
        log('R wait');
        await ch.receive();
        log('R got');
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        log(`R error ${message(error)}`);
      }
      log('R end');
    })();
    tasklet(async () => {
      log('S1');
      await ch.sendException(ValueError, 'oops');
      log('S2');
    })();
    await run();
  },

  '171': async (log) => {
    const ch = new Channel();
    tasklet(async () => {
      await ch.sendException(ValueError, 'm');
      log('S done');
    })();
    try {
      await ch.receive();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      log(`main error ${message(error)}`);
    }
    await run();
    log('end');
  },

  '173': async (log) => {
    const ch = new Channel();
    const R = tasklet(async () => {
      // The description leaves this line out; the recording has it.
      log('R wait');
      await ch.receive();
    })();
    tasklet(async () => {
      await ch.sendException(ValueError, 'fatal');
      log('S after');
    })();
    try {
      await run();
    } catch (error) {
      log(`main caught ${message(error)}`);
    }
    await run();
    log(`end R alive:${bool(R.alive)}`);
  },

  '175': async (log) => {
    const ch = new Channel();
    tasklet(() => ch.sendException(ValueError, 1, 2, 3))();
    try {
      await ch.receive();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      log(error.args.join(','));
    }
  },

  '177': async (log) => {
    const ch = new Channel();
    const T = tasklet(async () => {
      try {
        log('T wait');
        await ch.receive();
      } catch (error) {
        if (!(error instanceof IndexError)) throw error;
        log(`T error ${message(error)}`);
      }
      log('T end');
    })();
    await run();
    await T.raiseException(IndexError, 'idx');
    log(`main balance:${ch.balance} alive:${bool(T.alive)}`);
  },

  '179': async (log) => {
    const T = tasklet(() => undefined)();
    await run();
    try {
      await T.throw(new ValueError('late'));
    } catch (error) {
      log(kind(error));
    }
    await T.throw(new TaskletExit());
    log('ok');
  },

  '181': async (log) => {
    const ch = new Channel();
    const T = tasklet(async () => {
      try {
        log('T wait');
        await ch.receive();
      } catch (error) {
        if (!(error instanceof ValueError)) throw error;
        log(`T error ${message(error)}`);
        await schedule();
        log('T after');
      }
    })();
    await run();
    tasklet(() => log('A'))();
    await T.throw(new ValueError('i'));
    log('main');
    await run();
    log('end');
  },

  '183': async (log) => {
    setErrorHandler((error) => log(`handler ${message(error)}`));
    tasklet(() => {
      log('T1');
      throw new Error('bad');
    })();
    tasklet(async () => {
      log('X1');
      await schedule();
      log('X2');
    })();
    await run();
    log('clean');
    setErrorHandler(null);
    log('end');
  },

  '204': async (log) => {
    tasklet(async () => {
      log('K1');
      await getMain().throw(new ValueError('m'));
      log('K2');
    })();
    tasklet(() => log('X'))();
    try {
      await run();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      log(`main ${message(error)} rc:${getRunCount()}`);
    }
    await run();
    log('end');
  },

  '208': async (log) => {
    const ch = new Channel();
    tasklet(async () => {
      log('S1');
      await ch.sendException(ValueError, 'q');
      log('S2');
    })();
    try {
      await run();
      log('run clean');
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      log(`run raised ${message(error)}`);
    }
    log(`balance:${ch.balance}`);
    try {
      await ch.receive();
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      log(`main got error ${message(error)}`);
    }
  },
};
