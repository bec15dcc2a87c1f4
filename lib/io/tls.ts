/**
 * Connections over the internet that nobody else can read.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { refused } from '../kernel/caller.js';
import { callable, duration, readOptions, type WaitOptions } from '../kernel/options.js';
import { written, type InternetAddress } from './address.js';
import { endsOf, type Connection } from './connection.js';
import { CONNECT_TIMEOUT, dial, lineOptions, placeOf } from './dial.js';
import { Deadline } from './fs/deadline.js';
import {
  asClient,
  asServer,
  check,
  CLIENT,
  LONGEST,
  SERVER,
  tlsServer,
  type TlsClientOptions,
  type TlsServerOptions,
} from './handshake.js';
import { BACKLOG, Listener } from './listener.js';
import { CONNECT, LISTEN, type TcpConnectOptions, type TcpListenOptions } from './tcp-options.js';
import { TlsConnection } from './tls-connection.js';

export type { TlsClientOptions, TlsContextOptions, TlsServerOptions } from './handshake.js';
export { TlsConnection } from './tls-connection.js';

export interface TlsConnectOptions extends TcpConnectOptions, TlsClientOptions {}

export interface TlsListenOptions extends TcpListenOptions, TlsServerOptions {
  /** How many milliseconds a handshake may take; 10,000 by default. */
  handshakeTimeout?: number;
  /** Told why a handshake has failed. Nobody hears of its connection. */
  onHandshakeError?: (error: Error, remote: InternetAddress) => void;
}

const LIMITS = ['timeout', 'signal'] as const;

/**
 * Connects to `port` of `host` as `tcp.connect` does, and waits until the handshake is done.
 *
 * @param options `timeout` in milliseconds, for all of it, is 10,000 by default.
 * @throws as `tcp.connect`; what Node reports of the handshake, with its `code` (`CERT_HAS_EXPIRED`).
 */
export async function connect(options: TlsConnectOptions): Promise<TlsConnection> {
  const given = readOptions(options, [...CONNECT, ...CLIENT], 'tls.connect');
  check(given, 'tls.connect');
  const { host = 'localhost', timeout = CONNECT_TIMEOUT, signal } = given;
  const limits = new Deadline({ timeout: duration(timeout, 'timeout', 'tls.connect'), signal });
  const raw = await dial(given, limits.left, 'tls.connect');
  const ends = endsOf(raw);
  const title = `tls ${written({ host, port: ends[1].port })}`;
  const socket = await asClient(raw, given, host, title, limits.left);
  return new TlsConnection(socket, ends, given, given.servername ?? host);
}

/**
 * Listens at `port` of `host` as `tcp.listen` does. A connection comes in when its handshake is done; those that
 * are at it count among those who wait.
 *
 * @throws as `tcp.listen`; what Node reports of the certificate or the key.
 */
export async function listen(options: TlsListenOptions): Promise<Listener<InternetAddress, TlsConnection>> {
  const names = [...LISTEN, ...SERVER, 'handshakeTimeout', 'onHandshakeError'] as const;
  const given = readOptions(options, names, 'tls.listen');
  check(given, 'tls.listen');
  const { backlog, handshakeTimeout = CONNECT_TIMEOUT, onHandshakeError, timeout, signal } = given;
  if (onHandshakeError !== undefined) callable(onHandshakeError, 'onHandshakeError', 'tls.listen');
  // Of 0 Node makes two minutes.
  const patience = Math.max(1, duration(handshakeTimeout, 'handshakeTimeout', 'tls.listen'));
  const server = tlsServer(given, Math.min(patience, LONGEST), lineOptions(given, 'tls.listen'));
  const greeted = new Map<string, Socket>();
  const leave = (socket: TLSSocket): void => void greeted.delete(written(endsOf(socket)[1]));
  server.on('connection', (raw: Socket) => {
    if (greeted.size >= (backlog ?? BACKLOG)) {
      raw.destroy();
      return;
    }
    const peer = written(endsOf(raw)[1]);
    greeted.set(peer, raw);
    raw.once('close', () => greeted.get(peer) === raw && greeted.delete(peer));
  });
  server.on('tlsClientError', (error, socket) => {
    const [, remote] = endsOf(socket);
    leave(socket);
    socket.destroy();
    onHandshakeError?.(error, remote);
  });
  const listener = new Listener<InternetAddress, TlsConnection>({
    kind: 'tls',
    server,
    event: 'secureConnection',
    make: (socket: TLSSocket) => {
      leave(socket);
      return new TlsConnection(socket, endsOf(socket), given);
    },
    backlog,
    shut: () => {
      for (const raw of greeted.values()) raw.destroy();
    },
  });
  return listener.open(placeOf(given, 'tls.listen'), { timeout, signal });
}

/**
 * Makes a plain connection one that nobody else can read, as the side that asks for it; waits until the handshake is
 * done. The plain one is given away: use only what is returned.
 *
 * @param options `servername` is to be said, as nobody connects to a name here; `timeout` (10,000).
 * @throws {StateError} somebody reads or writes there. Otherwise as {@link connect}, and then it is closed.
 */
export async function startClient(
  connection: Connection,
  options?: TlsClientOptions & WaitOptions,
): Promise<TlsConnection> {
  const given = readOptions(options, [...CLIENT, ...LIMITS], 'tls.startClient');
  check(given, 'tls.startClient');
  const { servername, timeout = CONNECT_TIMEOUT, signal } = given;
  const limits = { timeout, signal };
  // Before it is given away: what raises did not happen.
  const refusing = refused(limits, () => 'tls.startClient');
  if (refusing !== null) return refusing;
  const { local, remote, name } = connection;
  const raw = connection.detach() as Socket;
  const host = servername ?? remote.host;
  const socket = await asClient(raw, given, host, name, limits);
  return new TlsConnection(socket, [local, remote], {}, host);
}

/** As {@link startClient}, as the side that is asked. */
export async function startServer(
  connection: Connection,
  options: TlsServerOptions & WaitOptions,
): Promise<TlsConnection> {
  const given = readOptions(options, [...SERVER, ...LIMITS], 'tls.startServer');
  check(given, 'tls.startServer');
  const { timeout = CONNECT_TIMEOUT, signal } = given;
  const limits = { timeout, signal };
  // Before it is given away: what raises did not happen.
  const refusing = refused(limits, () => 'tls.startServer');
  if (refusing !== null) return refusing;
  const { local, remote, name } = connection;
  const raw = connection.detach() as Socket;
  const socket = await asServer(raw, given, name, limits);
  return new TlsConnection(socket, [local, remote], {});
}
