import type { Duplex, Readable, Writable } from 'node:stream';
import { duration, readOptions, show } from '../kernel/options.js';

/** A stream of Node's. */
export type NodeStream = Readable | Writable | Duplex;

export interface ByteStreamOptions {
  /** Shown in `dump()` and in error messages. */
  name?: string;
  /**
   * Milliseconds after which one who waits gets `TimeoutError`, if in that time nothing has come, or nothing was
   * sent; none by default. The `timeout` of a read is for the whole frame, however busily bytes trickle in.
   */
  idleTimeout?: number;
}

export function readStreamOptions(options: ByteStreamOptions | undefined): {
  name: string | undefined;
  idleTimeout: number;
} {
  const { name, idleTimeout = Infinity } = readOptions(options, ['name', 'idleTimeout'], 'ByteStream');
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError(`ByteStream: name must be a string, not ${show(name)}`);
  }
  return { name, idleTimeout: duration(idleTimeout, 'idleTimeout', 'ByteStream') };
}

/** The directions that `stream` has. One that has two is told that the end of one is not that of the other. */
export function directions(stream: NodeStream): { readable: boolean; writable: boolean } {
  const given = stream as Partial<Duplex> | null | undefined;
  const readable = typeof given?.read === 'function' && typeof given.resume === 'function';
  const writable =
    typeof given?.write === 'function' && typeof given.end === 'function' && given.writableEnded !== true;
  if (!readable && !writable) throw new TypeError(`ByteStream: takes a Node stream, not ${show(stream)}`);
  if (readable && writable) Object.assign(stream, { allowHalfOpen: true });
  return { readable, writable };
}
