import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { InternetAddress } from './address.js';
import { Connection, type Ends, type SocketOptions } from './connection.js';

/**
 * A connection that nobody else can read, and whose other side has shown who it is, as far as it was asked.
 */
export class TlsConnection extends Connection {
  /** The other side's certificate is one that this side trusts. */
  readonly authorized: boolean;
  /** Why it is not, in a word: `CERT_HAS_EXPIRED`. */
  readonly authorizationError: string | undefined;
  /** What is spoken over it, if that was agreed. */
  readonly alpnProtocol: string | undefined;
  /** Which name the client has asked for. */
  readonly servername: string | undefined;
  /** The version: `TLSv1.3`. */
  readonly protocol: string | undefined;
  /** What the other side has shown; `undefined` if nothing. */
  readonly peerCertificate: PeerCertificate | undefined;

  /** @internal Takes `socket` over, whose handshake is done. */
  constructor(socket: TLSSocket, ends: Ends<InternetAddress>, options: SocketOptions, servername?: string) {
    super(socket, 'tls', ends, options);
    const { alpnProtocol, authorizationError, authorized } = socket;
    // An error at a client, its code at a server.
    const why = authorizationError as (Error & { code?: string }) | string | null | undefined;
    const certificate = socket.getPeerCertificate() as PeerCertificate | null;
    const asked = (socket as { servername?: string | false | null }).servername;
    this.authorized = authorized;
    this.authorizationError = (typeof why === 'object' ? (why?.code ?? why?.message) : why) ?? undefined;
    this.alpnProtocol = alpnProtocol === false || alpnProtocol === null ? undefined : alpnProtocol;
    this.servername = servername ?? (typeof asked === 'string' ? asked : undefined);
    this.protocol = socket.getProtocol() ?? undefined;
    this.peerCertificate = certificate && Object.keys(certificate).length > 0 ? certificate : undefined;
  }
}
