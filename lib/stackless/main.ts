import { callable } from '../kernel/options.js';
import { mainBody } from './body.js';
import { Life } from './life.js';
import { Tasklet } from './tasklet.js';
import { World } from './world.js';

/**
 * Runs `fn` as the main tasklet of a Stackless world of its own.
 *
 * Inside, the functions and classes of this module mean that world. Main is a tasklet like the others and a
 * member of the ring; others run while it waits, in `run()` or at a channel. When it is over its world is,
 * too: tasklets that have not ended then never run again, not even their `finally` blocks, as when a
 * Stackless program exits. Native operations work inside; a Stackless deadlock is only reported when no
 * tasklet of the world waits for one.
 *
 * @returns what `fn` returns.
 * @throws what `fn` throws. {TaskletKilledError} main was killed and let it pass.
 * @example
 * await main(async () => {
 *   const line = new Channel<string>();
 *   tasklet(async (name: string) => line.send(`hello ${name}`))('you');
 *   await line.receive(); // 'hello you'
 * });
 */
export function main<R>(fn: () => R | PromiseLike<R>): Promise<Awaited<R>> {
  try {
    callable(fn, 'fn', 'main');
  } catch (error) {
    return Promise.reject(error);
  }
  const { main } = new World((world) => {
    const handle = new Tasklet();
    handle.life = new Life(world, handle, fn.name === '' ? 'main' : fn.name, mainBody(fn));
    return handle.life;
  });
  main.enter();
  return main.native.join() as Promise<Awaited<R>>;
}
