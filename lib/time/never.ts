import { Channel } from '../kernel/channel.js';

function nothing(): void {
  // Nothing ever comes.
}

/** A channel from which nothing is ever received: a case of a select that is switched off. */
export const never: Channel<never> = new Channel<never>({ name: 'never' }).feed({
  poll: nothing,
  arm: nothing,
  disarm: nothing,
});
