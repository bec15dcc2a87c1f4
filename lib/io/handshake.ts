/**
 * How a connection becomes one that nobody else can read: as the side that asks, or as the one that is asked.
 */
import * as net from 'node:net';
import * as tls from 'node:tls';
import { StreamClosedError } from '../kernel/errors.js';
import { callable, show, type WaitOptions } from '../kernel/options.js';
import { opening } from './opening.js';

/** What both sides say of themselves, as Node's `tls.createSecureContext` takes it. */
export interface TlsContextOptions {
  /** Whom to trust, instead of those whom the system trusts. */
  ca?: tls.SecureContextOptions['ca'];
  /** The own certificate. */
  cert?: tls.SecureContextOptions['cert'];
  /** Its key. */
  key?: tls.SecureContextOptions['key'];
  passphrase?: tls.SecureContextOptions['passphrase'];
  pfx?: tls.SecureContextOptions['pfx'];
  crl?: tls.SecureContextOptions['crl'];
  ciphers?: tls.SecureContextOptions['ciphers'];
  minVersion?: tls.SecureContextOptions['minVersion'];
  maxVersion?: tls.SecureContextOptions['maxVersion'];
  /** What may be spoken over it; the server's order counts. */
  ALPNProtocols?: readonly string[];
  /** Whether one that is not authorized is refused; it is by default. */
  rejectUnauthorized?: boolean;
}

export interface TlsClientOptions extends TlsContextOptions {
  /** Which name the server must have; by default the host that was connected to. */
  servername?: string;
  /** Looks whether a certificate is that of a name; as Node's `tls.checkServerIdentity`. */
  checkServerIdentity?: (host: string, certificate: tls.PeerCertificate) => Error | undefined;
}

export interface TlsServerOptions extends TlsContextOptions {
  /** Whether the client is asked for a certificate. */
  requestCert?: boolean;
  /** Finds what to show to a client that asks for a name. */
  SNICallback?: tls.TlsOptions['SNICallback'];
}

const CONTEXT = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'pfx',
  'crl',
  'ciphers',
  'minVersion',
  'maxVersion',
  'ALPNProtocols',
  'rejectUnauthorized',
] as const;
export const CLIENT: readonly (keyof TlsClientOptions)[] = [...CONTEXT, 'servername', 'checkServerIdentity'];
export const SERVER: readonly (keyof TlsServerOptions)[] = [...CONTEXT, 'requestCert', 'SNICallback'];

/** Looks at what Node would find wrong only in the middle of a handshake, or not at all. */
export function check(options: TlsClientOptions & TlsServerOptions, where: string): void {
  const { ALPNProtocols, checkServerIdentity, servername, SNICallback } = options;
  if (checkServerIdentity !== undefined) callable(checkServerIdentity, 'checkServerIdentity', where);
  if (SNICallback !== undefined) callable(SNICallback, 'SNICallback', where);
  if (servername !== undefined && typeof (servername as unknown) !== 'string') {
    throw new TypeError(`${where}: servername must be a string, not ${show(servername)}`);
  }
  if (ALPNProtocols !== undefined && !Array.isArray(ALPNProtocols)) {
    throw new TypeError(`${where}: ALPNProtocols must be an array, not ${show(ALPNProtocols)}`);
  }
  for (const name of ['rejectUnauthorized', 'requestCert'] as const) {
    const value: unknown = options[name];
    if (value !== undefined && typeof value !== 'boolean') {
      throw new TypeError(`${where}: ${name} must be a boolean, not ${show(value)}`);
    }
  }
}

/** The longest time that a timer of Node's takes. */
export const LONGEST: number = 2 ** 31 - 1;

/** Asks for a handshake on `raw`, which is connected; waits until it is done. `host` is whom it was connected to. */
export async function asClient(
  raw: net.Socket,
  options: TlsClientOptions,
  host: string,
  title: string,
  limits: WaitOptions,
): Promise<tls.TLSSocket> {
  const given = nodeOptions(options, CLIENT);
  if (options.servername === undefined && net.isIP(host) === 0) given['servername'] = host;
  const socket = start(raw, title, () => tls.connect({ host, ...given, socket: raw }));
  await opening(socket, 'secureConnect', `handshake with ${title}`, (it) => it.destroy(), limits);
  return socket;
}

/** Waits for a handshake on `raw`, which is connected. */
export async function asServer(
  raw: net.Socket,
  options: TlsServerOptions,
  title: string,
  limits: WaitOptions,
): Promise<tls.TLSSocket> {
  // It listens nowhere: it is given this one socket. The deadline is ours.
  const server = start(raw, title, () => tlsServer(options, LONGEST));
  let socket: tls.TLSSocket | undefined;
  server.on('secureConnection', (secured) => (socket = secured));
  server.on('tlsClientError', (error) => server.emit('error', error));
  server.emit('connection', raw);
  await opening(server, 'secureConnection', `handshake with ${title}`, () => raw.destroy(), limits);
  return socket as tls.TLSSocket;
}

/** A server of Node's that is told `options` and nothing else. */
export function tlsServer(options: TlsServerOptions, handshakeTimeout: number, line?: object): tls.Server {
  return tls.createServer({
    ...nodeOptions(options, SERVER),
    ...line,
    allowHalfOpen: true,
    handshakeTimeout,
  });
}

/** Those of `options` that are given, of `names`. */
function nodeOptions<T extends object>(
  options: T,
  names: readonly (keyof T & string)[],
): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

/** What `make` makes; if it cannot, nobody has `raw` any more. */
function start<T>(raw: net.Socket, title: string, make: () => T): T {
  // It is no longer read itself, and has nobody else to listen.
  raw.on('error', () => raw.destroy());
  try {
    // Node would wait for a handshake, of which nothing can come any more.
    if (!raw.readable) throw raw.errored ?? new StreamClosedError(`handshake with ${title}: nobody is there`);
    return make();
  } catch (error) {
    raw.destroy();
    throw error;
  }
}
