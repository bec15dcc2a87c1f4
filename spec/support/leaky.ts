/** Tests that leave something behind: what they are there for is told by `leaks.spec.ts`, which runs them. */
import { Channel, defaultScheduler, schedule, spawn } from '../../lib/index.js';

describe('leaky', () => {
  it('is clean', async () => {
    await spawn(() => schedule()).join();
  });

  it('leaves a sleeper', () => {
    const silent = new Channel<never>({ name: 'silent' });
    spawn(function sleeper() {
      return silent.receive();
    });
  });

  it('leaves a foreign wait', () => {
    spawn(function stranded() {
      return new Promise(() => {});
    });
  });

  it('leaves a timer', () => {
    const silent = new Channel<never>();
    silent.receive({ timeout: 60_000 }).catch(() => {});
  });

  it('leaves a timer as well', () => {
    defaultScheduler.clock.set({ due: 0, order: 0, place: -1, fire() {} }, 30_000);
  });

  it('leaves a rejection', () => {
    void Promise.reject(new Error('unheard'));
  });

  it('leaves a busy ring', () => {
    spawn(async function busy() {
      for (;;) await schedule();
    });
  });

  it('leaves a sleeper, but has failed anyway', () => {
    const silent = new Channel<never>();
    spawn(() => silent.receive());
    throw new Error('its own error');
  });

  it('is clean again', () => {});
});
