import { Channel } from '../kernel/channel.js';
import { soon } from '../kernel/host.js';

/** Lets the event loop have a turn. */
export async function breath(): Promise<void> {
  const over = new Channel<never>();
  soon(() => {
    over.close();
  });
  await over.next();
}
