/** Who calls: every operation of Stackless acts as the tasklet that calls it. */
import { raisePending } from '../kernel/extra.js';
import { identity } from '../kernel/identity.js';
import { RUNNING } from '../kernel/waiter.js';
import { RuntimeError } from './errors.js';
import { Life } from './life.js';

/** The tasklet whose code is running. */
export function caller(): Life {
  const me = Life.of(identity.current());
  if (me === undefined) throw new RuntimeError('there is no Stackless tasklet here: call it inside main()');
  return me;
}

/**
 * Does `deed` as the calling tasklet while that has the turn. One that lost its turn to a foreign `await`
 * gets it back first, when its turn comes.
 */
export function withTurn<T>(deed: (me: Life) => Promise<T>): Promise<T> {
  try {
    const me = caller();
    const { waiter } = me;
    if (!me.alive) throw new RuntimeError('the main tasklet has ended, and its world with it');
    if (waiter.doing !== RUNNING) {
      throw new RuntimeError('the tasklet has an operation in flight already: was it not awaited?');
    }
    if (me.holds) {
      raisePending(waiter);
      return deed(me);
    }
    return me.claim().then(() => {
      raisePending(waiter);
      return deed(me);
    });
  } catch (error) {
    return Promise.reject(error);
  }
}
