import { Channel } from './channel.js';
import { show } from './options.js';

/**
 * The private channel of something that has a name: what those who wait there wait for is `what 'name'`, or
 * just `what` if it has none.
 */
export function line<T>(what: string, name: string): Channel<T> {
  const channel = new Channel<T>();
  channel.label = titled(what, name);
  return channel;
}

/** What something is called in errors and in `dump()`. */
export function titled(what: string, name: string): string {
  return name === '' ? what : `${what} '${name}'`;
}

/** `name`, which may be left out, as a string. */
export function nameOf(name: unknown, where: string): string {
  if (name === undefined) return '';
  if (typeof name !== 'string') throw new TypeError(`${where}: name must be a string, not ${show(name)}`);
  return name;
}
