/**
 * Datagrams over the internet.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { refused } from '../kernel/caller.js';
import { oneOf, readOptions, show, type WaitOptions } from '../kernel/options.js';
import { written, type InternetAddress } from './address.js';
import { CONNECT_TIMEOUT, portOf, text } from './dial.js';
import { Endpoint, type Datagram } from './endpoint.js';
import { Inbox, type InboxOptions } from './inbox.js';
import { opening } from './opening.js';

export { Endpoint, type Datagram, type DatagramData } from './endpoint.js';

export interface UdpOptions extends WaitOptions {
  /** How many datagrams may wait to be received, from 1; 1024 by default. */
  limit?: number;
  /** Which one is dropped when more come: the newest by default, or the oldest. */
  overflow?: 'drop-newest' | 'drop-oldest';
}

export interface UdpBindOptions extends UdpOptions {
  /** At which address; `127.0.0.1` by default, which nobody reaches from another machine. `0.0.0.0`, `::` are all. */
  host?: string;
  /** At which port; 0, the default, is a free one. */
  port?: number;
  /** Whether another one may be bound to the same port, as for a group. */
  reuseAddress?: boolean;
}

export interface UdpConnectOptions extends UdpOptions {
  /** Where to: an address, or a name, which is looked up as one of IPv4; `127.0.0.1` by default. */
  host?: string;
  /** At which port somebody listens, from 1 to 65,535. */
  port: number;
}

const NAMES = ['host', 'port', 'limit', 'overflow', 'timeout', 'signal'] as const;
const OVERFLOWS = ['drop-newest', 'drop-oldest'] as const;

/**
 * Makes an endpoint at `port` of `host`, which sends to and receives from everywhere; waits until it stands.
 *
 * @throws what the system reports, with `code` (`EADDRINUSE`). {TypeError | RangeError} a wrong or unknown option.
 */
export async function bind(options?: UdpBindOptions): Promise<Endpoint> {
  const given = readOptions(options, [...NAMES, 'reuseAddress'], 'udp.bind');
  const { host = '127.0.0.1', port = 0, reuseAddress = false } = given;
  if (typeof reuseAddress !== 'boolean') {
    throw new TypeError(`udp.bind: reuseAddress must be a boolean, not ${show(reuseAddress)}`);
  }
  const place = { host: text(host, 'host', 'udp.bind'), port: portOf(port, 0, 'port', 'udp.bind') };
  return open(given, place, reuseAddress, `bind udp ${written(place)}`, 'listening', (socket) =>
    socket.bind({ address: place.host, port: place.port, exclusive: true }),
  );
}

/**
 * Makes an endpoint at a free port, which sends to `port` of `host` and receives from there alone; waits until it
 * stands. Nobody there is asked.
 *
 * @param options `timeout` in milliseconds is 10,000 by default.
 * @throws what the system reports, with `code`. {TypeError | RangeError} a wrong or unknown option. {TimeoutError}.
 */
export async function connect(options: UdpConnectOptions): Promise<Endpoint> {
  const given = readOptions(options, NAMES, 'udp.connect');
  const { host = '127.0.0.1', timeout = CONNECT_TIMEOUT } = given;
  const place = {
    host: text(host, 'host', 'udp.connect'),
    port: portOf(given.port, 1, 'port', 'udp.connect'),
  };
  return open({ ...given, timeout }, place, false, `connect udp ${written(place)}`, 'connect', (socket) =>
    socket.connect(place.port, place.host),
  );
}

async function open(
  { limit, overflow = 'drop-newest', timeout, signal }: UdpOptions,
  { host }: InternetAddress,
  reuseAddr: boolean,
  title: string,
  opened: string,
  begin: (socket: Socket) => void,
): Promise<Endpoint> {
  oneOf(overflow, OVERFLOWS, 'overflow', title);
  const limits = { timeout, signal };
  const refusing = refused(limits, () => title);
  if (refusing !== null) return refusing;
  const kept: InboxOptions = limit === undefined ? { overflow } : { overflow, limit };
  // It looks at its options before there is anything to close.
  const inbox = new Inbox<Datagram>({ stop: () => socket.close() }, kept);
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', reuseAddr });
  socket.on('message', (data, { address, port }) => inbox.put({ data, from: { host: address, port } }));
  try {
    begin(socket);
  } catch (error) {
    inbox.close();
    throw error;
  }
  await opening(socket, opened, title, () => inbox.close(), limits);
  // Told once, to whoever receives; more than may wait need not be told.
  socket.on('error', (error) => inbox.closing || inbox.size > 0 || inbox.channel.postError(error));
  return new Endpoint(socket, inbox, opened === 'connect');
}
