/**
 * How a socket gets connected, and what is said when it does not.
 */
import * as net from 'node:net';
import { refused } from '../kernel/caller.js';
import { callable, duration, show, whole, type WaitOptions } from '../kernel/options.js';
import { written, type InternetAddress } from './address.js';
import { endsOf } from './connection.js';
import { opening } from './opening.js';

/** Milliseconds until a connection must stand. */
export const CONNECT_TIMEOUT = 10_000;
/** Milliseconds of silence until the system asks whether the other side is still there. */
export const KEEP_ALIVE = 60_000;

/** What is said of a socket of the internet when it is made. */
export interface Line {
  readonly idleTimeout?: number | undefined;
  readonly noDelay?: boolean | undefined;
  readonly keepAlive?: number | undefined;
}

export interface Target extends Line {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly lookup?: net.LookupFunction | undefined;
}

/** @returns a connected socket. @throws as `tcp.connect`. */
export async function dial(target: Target, limits: WaitOptions, where: string): Promise<net.Socket> {
  const { host = 'localhost', port, localAddress, localPort, lookup } = target;
  const endpoint = { host: text(host, 'host', where), port: portOf(port, 1, 'port', where) };
  if (localAddress !== undefined) text(localAddress, 'localAddress', where);
  if (localPort !== undefined) portOf(localPort, 0, 'localPort', where);
  if (lookup !== undefined) callable(lookup, 'lookup', where);
  const title = `connect to tcp ${written(endpoint)}`;
  const options: net.NetConnectOpts = {
    ...endpoint,
    ...lineOptions(target, where),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(localPort === undefined ? {} : { localPort }),
    ...(lookup === undefined ? {} : { lookup }),
    allowHalfOpen: true,
    autoSelectFamily: true,
  };
  const refusing = refused(limits, () => title);
  if (refusing !== null) return refusing;
  try {
    return await connected(options, title, limits);
  } catch (error) {
    throw error instanceof AggregateError ? summary(error, title) : error;
  }
}

/** @returns a connected socket. @param title what is waited for. */
export async function connected(
  options: net.NetConnectOpts,
  title: string,
  limits: WaitOptions,
): Promise<net.Socket> {
  const socket = net.connect(options);
  // Asked while it stands, it knows afterwards.
  socket.once('connect', () => endsOf(socket));
  await opening(socket, 'connect', title, (it) => it.destroy(), limits);
  return socket;
}

/** What a socket or a server of Node's is told of {@link Line}. */
export function lineOptions(
  { idleTimeout, noDelay = true, keepAlive = KEEP_ALIVE }: Line,
  where: string,
): { noDelay: boolean; keepAlive: boolean; keepAliveInitialDelay?: number } {
  if (typeof noDelay !== 'boolean') {
    throw new TypeError(`${where}: noDelay must be a boolean, not ${show(noDelay)}`);
  }
  checkIdle(idleTimeout, where);
  // The system counts it in whole seconds.
  const delay = Math.max(1000, duration(keepAlive, 'keepAlive', where));
  return delay === Infinity
    ? { noDelay, keepAlive: false }
    : { noDelay, keepAlive: true, keepAliveInitialDelay: delay };
}

/** Where to listen. */
export function placeOf({ host = '127.0.0.1', port = 0 }: Target, where: string): InternetAddress {
  return { host: text(host, 'host', where), port: portOf(port, 0, 'port', where) };
}

/** Looks at it before there is a socket, which it would be too late to refuse. */
export function checkIdle(idleTimeout: unknown, where: string): void {
  if (idleTimeout !== undefined) duration(idleTimeout, 'idleTimeout', where);
}

/** `value` as a port, from `least`. */
export function portOf(value: unknown, least: number, name: string, where: string): number {
  const port = whole(value, least, name, where);
  if (port > 65_535) throw new RangeError(`${where}: ${name} must be at most 65535, not ${port}`);
  return port;
}

/** `value` as text that is not empty. */
export function text(value: unknown, name: string, where: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new TypeError(`${where}: ${name} must be a string that is not empty, not ${show(value)}`);
}

/** One error of all that were tried: says what each has come to, and has the code of the first. */
function summary({ errors }: AggregateError, title: string): AggregateError {
  const causes = errors as NodeJS.ErrnoException[];
  const tried = causes.map(({ code, message }) => {
    // Node says `connect ECONNREFUSED 127.0.0.1:80 - Local (undefined:undefined)`.
    return /^connect (\S+ \S+)/.exec(message)?.[1] ?? code ?? message;
  });
  const { code, errno, syscall } = causes[0] ?? {};
  return Object.assign(new AggregateError(causes, `${title}: ${tried.join(', ')}`), { code, errno, syscall });
}
