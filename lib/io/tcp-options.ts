import type { LookupFunction } from 'node:net';
import type { WaitOptions } from '../kernel/options.js';
import type { SocketOptions } from './connection.js';
import type { ListenOptions } from './listener.js';

/** What is said of a TCP socket when it is made. */
export interface TcpOptions extends SocketOptions {
  /** Small pieces are sent at once, instead of being gathered by the system; they are by default. */
  noDelay?: boolean;
  /**
   * Milliseconds of silence after which the system asks whether the other side is still there: 60,000 by default, at
   * least 1000, `Infinity`: never. If it is not, whoever reads gets an error.
   */
  keepAlive?: number;
}

export interface TcpConnectOptions extends TcpOptions, WaitOptions {
  /** An address, or a name, of which all addresses are tried; `localhost` by default. */
  host?: string;
  /** At which port somebody listens, from 1 to 65,535. */
  port: number;
  /** From which address of this machine. */
  localAddress?: string;
  /** From which port; any by default. */
  localPort?: number;
  /** Finds the addresses of a name, as Node's `dns.lookup` does; by default that one. */
  lookup?: LookupFunction;
}

export interface TcpListenOptions extends TcpOptions, ListenOptions {
  /** At which address; `127.0.0.1` by default, which nobody reaches from another machine. `::` are all. */
  host?: string;
  /** At which port; 0, the default, is a free one. */
  port?: number;
}

const SOCKET = ['noDelay', 'keepAlive', 'idleTimeout'] as const;

/** What there is, by name. */
export const CONNECT: readonly (keyof TcpConnectOptions)[] = [
  ...SOCKET,
  'host',
  'port',
  'localAddress',
  'localPort',
  'lookup',
  'timeout',
  'signal',
];
export const LISTEN: readonly (keyof TcpListenOptions)[] = [
  ...SOCKET,
  'host',
  'port',
  'backlog',
  'timeout',
  'signal',
];
