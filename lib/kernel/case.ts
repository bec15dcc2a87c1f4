import type { Channel } from './channel.js';

/**
 * One thing that a {@link select} may do: an operation on a channel, not begun yet.
 *
 * It can be used as often as one likes, in several selects at once.
 */
export class Case<T> {
  /** @internal */
  readonly channel: Channel<unknown>;
  /** @internal SENDING, RECEIVING or NEXTING. */
  readonly doing: number;
  /** @internal What is sent. */
  readonly value: unknown;
  /** Only there for the type of what comes of it. */
  declare readonly comesTo: T;

  constructor(channel: Channel<unknown>, doing: number, value: unknown) {
    this.channel = channel;
    this.doing = doing;
    this.value = value;
  }
}
