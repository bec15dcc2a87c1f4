import { caller } from './caller.js';
import { admit } from './limit.js';
import type { WaitOptions } from './options.js';
import { proceed, raise } from './park.js';

/**
 * What an operation that may wait, and need not, returns. Like every operation it raises what is pending in
 * its tasklet, refuses wrong options, and lets the event loop have its turn in a loop of such operations.
 *
 * @param where what the operation is called in an error.
 */
export function pass<T>(value: T, options: WaitOptions | undefined, where: () => string): Promise<T> {
  const me = caller();
  if (options !== undefined || me.extra !== null) {
    try {
      admit(me, options, where);
    } catch (error) {
      return raise(me, error) as Promise<T>;
    }
  }
  return proceed(me, value) as Promise<T>;
}
