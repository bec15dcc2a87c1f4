/**
 * Connections between the processes of one machine: Unix sockets, and the named pipes of Windows.
 */
import { lstat, unlink, type Stats } from 'node:fs';
import * as net from 'node:net';
import { refused } from '../kernel/caller.js';
import { readOptions, show, type WaitOptions } from '../kernel/options.js';
import type { PipeAddress } from './address.js';
import { call } from './call.js';
import { Connection, type Ends, type SocketOptions } from './connection.js';
import { checkIdle, CONNECT_TIMEOUT, connected, text } from './dial.js';
import { Deadline } from './fs/deadline.js';
import { Listener, type ListenOptions } from './listener.js';

export interface PipeConnectOptions extends SocketOptions, WaitOptions {
  /** The path of the Unix socket; on Windows the name of the pipe. */
  path: string;
}

export interface PipeListenOptions extends SocketOptions, ListenOptions {
  /** The path of the Unix socket, which is made, and removed when it is closed; on Windows the name of the pipe. */
  path: string;
  /** Whether a Unix socket that stands there, and at which nobody listens any more, is removed first. */
  replaceStale?: boolean;
}

/**
 * Connects to the listener at `path`; waits until that is done. Killed, timed out or aborted, it leaves no socket
 * behind.
 *
 * @param options `timeout` in milliseconds is 10,000 by default.
 * @throws what the system reports, with `code` (`ENOENT`, `ECONNREFUSED`). {TimeoutError}. {TypeError | RangeError} a
 * wrong or unknown option.
 */
export async function connect(options: PipeConnectOptions): Promise<Connection<PipeAddress>> {
  const names = ['path', 'idleTimeout', 'timeout', 'signal'] as const;
  const { path, timeout = CONNECT_TIMEOUT, signal, ...rest } = readOptions(options, names, 'pipe.connect');
  const target = { path: text(path, 'path', 'pipe.connect') };
  checkIdle(rest.idleTimeout, 'pipe.connect');
  const title = `connect to pipe ${target.path}`;
  const limits = { timeout, signal };
  const refusing = refused(limits, () => title);
  if (refusing !== null) return refusing;
  const socket = await connected({ ...target, allowHalfOpen: true }, title, limits);
  return new Connection(socket, 'pipe', [target, target], rest);
}

/**
 * Listens at `path`; waits until it does.
 *
 * @throws what the system reports, with `code` (`EADDRINUSE`, `EACCES`). {TypeError | RangeError} a wrong or unknown
 * option.
 */
export async function listen(options: PipeListenOptions): Promise<Listener<PipeAddress>> {
  const names = ['path', 'replaceStale', 'backlog', 'idleTimeout', 'timeout', 'signal'] as const;
  const given = readOptions(options, names, 'pipe.listen');
  const { replaceStale = false, timeout, signal, ...rest } = given;
  const target = { path: text(given.path, 'path', 'pipe.listen') };
  checkIdle(rest.idleTimeout, 'pipe.listen');
  if (typeof replaceStale !== 'boolean') {
    throw new TypeError(`pipe.listen: replaceStale must be a boolean, not ${show(replaceStale)}`);
  }
  const limits = new Deadline({ timeout, signal });
  try {
    return await open(target, rest, limits.left);
  } catch (error) {
    if (!replaceStale || codeOf(error) !== 'EADDRINUSE' || !(await isStale(target, limits))) throw error;
    await call(unlink, target.path);
    return open(target, rest, limits.left);
  }
}

type Rest = Pick<PipeListenOptions, 'backlog' | 'idleTimeout'>;

function open(target: PipeAddress, rest: Rest, limits: WaitOptions): Promise<Listener<PipeAddress>> {
  const ends: Ends<PipeAddress> = [target, target];
  return new Listener<PipeAddress>({
    kind: 'pipe',
    server: net.createServer({ allowHalfOpen: true, pauseOnConnect: true }),
    event: 'connection',
    make: (socket) => new Connection(socket, 'pipe', ends, rest),
    backlog: rest.backlog,
  }).open(target, limits);
}

/** Whether nobody listens at `target`. */
async function isStale(target: PipeAddress, limits: Deadline): Promise<boolean> {
  // To connect to a file is refused as well.
  const found: Stats = await call(lstat, target.path);
  if (!found.isSocket()) return false;
  try {
    const socket = await connected({ ...target }, `connect to pipe ${target.path}`, limits.left);
    socket.destroy();
    return false;
  } catch (error) {
    return codeOf(error) === 'ECONNREFUSED';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
