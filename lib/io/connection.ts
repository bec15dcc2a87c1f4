/**
 * A stream that has two ends, each somewhere.
 */
import type { Socket } from 'node:net';
import { written, type Address, type InternetAddress } from './address.js';
import { ByteStream } from './stream.js';

/** What is said of the sockets of all kinds when they are made. */
export interface SocketOptions {
  /**
   * Milliseconds after which one who waits there gets `TimeoutError`, if in that time nothing has come, or nothing was
   * sent; none by default.
   */
  idleTimeout?: number;
}

/**
 * An open connection: a {@link ByteStream} that knows where its ends are. `connect` makes them, and listeners do.
 *
 * It is named after its other end: `tcp 127.0.0.1:4000`.
 */
export class Connection<A extends Address = InternetAddress> extends ByteStream {
  /** Where this end is. */
  readonly local: A;
  /** Where the other end is. */
  readonly remote: A;

  /** @internal Takes `socket` over, which is connected. */
  constructor(socket: Socket, kind: string, [local, remote]: Ends<A>, { idleTimeout }: SocketOptions) {
    const name = `${kind} ${written(remote)}`;
    super(socket, idleTimeout === undefined ? { name } : { name, idleTimeout });
    this.local = local;
    this.remote = remote;
  }
}

export type Ends<A> = readonly [local: A, remote: A];

/** The ends of `socket`. One that broke already no longer knows where the other one was. */
export function endsOf(socket: Socket): Ends<InternetAddress> {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket;
  return [
    { host: localAddress, port: localPort },
    { host: remoteAddress, port: remotePort },
  ];
}
