import { Channel } from './channel.js';
import { show } from './options.js';

/** A channel of something's own; `title` is what those who wait there wait for. */
export function line<T>(title: string): Channel<T> {
  const channel = new Channel<T>();
  channel.label = title;
  return channel;
}

/** What something is called in errors and in `dump()`: `lock 'db'`, or just `lock` if it has no name. */
export function titled(what: string, name: string): string {
  return name === '' ? what : `${what} '${name}'`;
}

/** `name`, which may be left out, as a string. */
export function nameOf(name: unknown, where: string): string {
  if (name === undefined) return '';
  if (typeof name !== 'string') throw new TypeError(`${where}: name must be a string, not ${show(name)}`);
  return name;
}
