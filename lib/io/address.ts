/**
 * Where a socket is, and how that is written.
 */

/** An end of an internet connection, or where a listener listens. */
export interface InternetAddress {
  /** The address in numbers: `127.0.0.1`, `::1`. */
  readonly host: string;
  /** From 0 to 65,535. */
  readonly port: number;
}

/** Where a Unix socket or a named pipe is. */
export interface PipeAddress {
  readonly path: string;
}

export type Address = InternetAddress | PipeAddress;

/** `127.0.0.1:4000`, `[::1]:4000`, `/run/app.sock`. */
export function written(address: Address): string {
  if ('path' in address) return address.path;
  const { host, port } = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
