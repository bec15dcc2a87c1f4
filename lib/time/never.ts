import { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';

/** Whoever closed it, or sent to it, would do so for all. */
function refuse(): never {
  throw new StateError("never: it is everybody's, and nothing comes of it; make a Channel of your own");
}

const refuseLater = (): Promise<never> => Promise.reject(new StateError('never: nothing can be sent to it'));

/**
 * A channel from which nothing is ever received: a case of a select that is switched off. It cannot be closed or
 * sent to.
 *
 * @example
 * const hit = await select({ job: busy ? never.receiving() : jobs.receiving(), quit: quit.receiving() });
 */
export const never: Channel<never> = Object.assign(new Channel<never>({ name: 'never' }), {
  close: refuse,
  post: refuse,
  postError: refuse,
  trySend: refuse,
  sending: refuse,
  send: refuseLater,
  sendError: refuseLater,
  sendAll: refuseLater,
});
