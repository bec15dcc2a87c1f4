/**
 * Signals of the system, received like anything else.
 *
 * Somebody who waits for a signal keeps the program alive: it may come at any time, and nothing else would say
 * so. A signal nobody waits for does not.
 */
import { constants } from 'node:os';
import { next } from '../kernel/host.js';
import { show } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import { Inbox } from './inbox.js';
import { Vigil } from './vigil.js';

/** The name of a signal, such as `'SIGTERM'`. */
export type SignalName = NodeJS.Signals;

/** So many may wait to be received; what comes then is more of the same, and dropped. */
const LIMIT = 64;

/**
 * The signals `names`, by name, as they come. While it is open, they no longer end the program by themselves.
 *
 * It is open until it is closed, by {@link Inbox.close} or `using`; made in a tasklet, no longer than that one
 * lives. Closed, the signals do what they did before. Who waits here keeps the program alive: let a tasklet that
 * does nothing else be a daemon.
 *
 * @param names at least one. `SIGKILL` and `SIGSTOP` cannot be received.
 * @throws {TypeError} no name, or one that no signal has on this system. What Node throws when it cannot listen.
 * @example
 * using quit = signals('SIGINT', 'SIGTERM');
 * await select({ quit: quit.receiving(), late: after(1000).receiving() });
 */
export function signals(...names: [SignalName, ...SignalName[]]): Inbox<SignalName> {
  if (names.length === 0) throw new TypeError('signals: without a name there is nothing to wait for');
  const wanted = new Set(names);
  for (const name of wanted) {
    if (typeof name !== 'string' || !Object.hasOwn(constants.signals, name)) {
      throw new TypeError(`signals: ${show(name)} is no signal of this system`);
    }
  }
  const heard = (name: SignalName): void => {
    inbox.put(name);
  };
  /** Takes back that it is told of the end of its tasklet. */
  let release: (() => void) | undefined = undefined;
  const stop = (): void => {
    release?.();
    for (const name of wanted) process.off(name, heard);
  };
  const title = `signal ${[...wanted].join(' or ')}`;
  const inbox = new Inbox<SignalName>({ stop }, { name: title, limit: LIMIT, overflow: 'drop-newest' });
  inbox.channel.label = title;
  inbox.channel.feed(new Vigil());
  try {
    for (const name of wanted) process.on(name, heard);
  } catch (error) {
    stop();
    throw error;
  }
  // Not at once: a tasklet ends in the middle of a switch.
  release = current()?.atEnd(() => next(() => inbox.close()));
  return inbox;
}
