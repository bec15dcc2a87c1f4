/**
 * Connections over the internet, as they are.
 */
import * as net from 'node:net';
import { readOptions } from '../kernel/options.js';
import type { InternetAddress } from './address.js';
import { Connection, endsOf } from './connection.js';
import { CONNECT_TIMEOUT, dial, lineOptions, placeOf } from './dial.js';
import { Listener } from './listener.js';
import { CONNECT, LISTEN, type TcpConnectOptions, type TcpListenOptions } from './tcp-options.js';

export type { TcpConnectOptions, TcpListenOptions, TcpOptions } from './tcp-options.js';

/**
 * Connects to `port` of `host`; waits until that is done.
 *
 * If `host` has several addresses, the next one is tried when one has failed or taken a quarter of a second, the
 * protocols by turns, and the first that answers is taken. Killed, timed out or aborted, it leaves no socket behind.
 *
 * @param options `timeout` in milliseconds is 10,000 by default.
 * @throws what the system reports, with `code`, `errno` and `syscall`; if several addresses were tried, an
 * `AggregateError` of what each has come to, with `code`, `errno` and `syscall` of the first. {TimeoutError}.
 * {TypeError | RangeError} a wrong or unknown option.
 * @example
 * await run(async () => {
 *   await using listener = await tcp.listen();
 *   spawn(() => listener.serve((peer) => peer.pipeTo(peer)));
 *   await using connection = await tcp.connect(listener.address);
 *   await connection.write('hello\n');
 *   String(await connection.readUntil('\n')); // 'hello\n'
 * });
 */
export async function connect(options: TcpConnectOptions): Promise<Connection> {
  const { timeout = CONNECT_TIMEOUT, signal, ...rest } = readOptions(options, CONNECT, 'tcp.connect');
  const socket = await dial(rest, { timeout, signal }, 'tcp.connect');
  return new Connection(socket, 'tcp', endsOf(socket), rest);
}

/**
 * Listens at `port` of `host`; waits until it does.
 *
 * @throws what the system reports, with `code` (`EADDRINUSE`, `EACCES`). {TypeError | RangeError} a wrong or unknown
 * option.
 * @example
 * await using listener = await tcp.listen({ host: '127.0.0.1' });
 * listener.address.host; // '127.0.0.1'
 */
export async function listen(options?: TcpListenOptions): Promise<Listener> {
  const given = readOptions(options, LISTEN, 'tcp.listen');
  const { backlog, timeout, signal } = given;
  const server = net.createServer({
    ...lineOptions(given, 'tcp.listen'),
    allowHalfOpen: true,
    pauseOnConnect: true,
  });
  const listener = new Listener<InternetAddress>({
    kind: 'tcp',
    server,
    event: 'connection',
    make: (socket) => new Connection(socket, 'tcp', endsOf(socket), given),
    backlog,
  });
  return listener.open(placeOf(given, 'tcp.listen'), { timeout, signal });
}
