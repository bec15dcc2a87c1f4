/**
 * One end of datagrams: each arrives whole or not at all.
 *
 * What comes is kept until it is received, up to a limit; what comes then is dropped, as the system does it, and
 * counted.
 */
import type { Socket } from 'node:dgram';
import type { Case } from '../kernel/case.js';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StreamClosedError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import { readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { written, type InternetAddress } from './address.js';
import { portOf, text } from './dial.js';
import type { Inbox } from './inbox.js';

/** What has arrived, and from where. */
export interface Datagram {
  readonly data: Buffer;
  readonly from: InternetAddress;
}

/** Text, which is sent as UTF-8, or bytes. */
export type DatagramData = string | Uint8Array;

/**
 * Sends and receives datagrams; `udp.bind` and `udp.connect` make it.
 *
 * @example
 * await run(async () => {
 *   await using clock = await udp.bind();
 *   spawn(async () => {
 *     for await (const { from } of clock) await clock.send('12:00', from);
 *   });
 *   await using endpoint = await udp.connect(clock.local);
 *   await endpoint.send('time?');
 *   String((await endpoint.receive({ timeout: 1000 })).data); // '12:00'
 * });
 */
export class Endpoint implements AsyncIterable<Datagram>, AsyncDisposable {
  /** Where it is. */
  readonly local: InternetAddress;
  /** Where it sends to, and from where alone it receives, if it is connected. */
  readonly remote: InternetAddress | undefined;
  private readonly socket: Socket;
  private readonly inbox: Inbox<Datagram>;
  /** Those who send. Node looks their names up first, and forgets whoever is at that when it is closed. */
  private readonly senders: Set<Channel<void>> = new Set();

  /** @internal Takes `socket` over, which is bound; `inbox` has what has come. */
  constructor(socket: Socket, inbox: Inbox<Datagram>, connected: boolean) {
    this.socket = socket;
    this.inbox = inbox;
    this.local = addressed(socket.address());
    this.remote = connected ? addressed(socket.remoteAddress()) : undefined;
    inbox.channel.label = `receive on ${this.name}`;
    socket.once('close', () => {
      for (const sent of this.senders) sent.failWith(this.refusal());
    });
  }

  /** `udp 127.0.0.1:4000`. */
  get name(): string {
    return `udp ${written(this.local)}`;
  }

  /** It was closed. */
  get closed(): boolean {
    return this.inbox.closing;
  }

  /** How many datagrams wait to be received. */
  get waiting(): number {
    return this.inbox.size;
  }

  /** How many were dropped because too many waited. The system drops some too, and does not say so. */
  get dropped(): number {
    return this.inbox.dropped;
  }

  // Sending -----------------------------------------------------------------------------------------------

  /**
   * Sends one datagram; waits until the system has it. Whether it arrives nobody knows. Given up while it waits, it
   * may be sent all the same.
   *
   * @param to where to; not for a connected endpoint.
   * @throws what the system reports, with `code` (`EMSGSIZE`). {StreamClosedError} it is closed. {TypeError |
   * RangeError} no data, no address. {TimeoutError}.
   */
  async send(data: DatagramData, to?: InternetAddress, options?: WaitOptions): Promise<void> {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`send on ${this.name}: takes text or bytes, not ${show(data)}`);
    }
    const place = this.placed(to);
    const what = `send on ${this.name}`;
    const refusing = refused(options, () => what);
    if (refusing !== null) return refusing;
    if (this.closed) throw this.refusal();
    const sent: Channel<void> = line(what);
    const done = (error: Error | null): void => {
      if (error === null) sent.closeWith(undefined);
      else sent.failWith(error);
    };
    this.senders.add(sent);
    try {
      if (place === undefined) this.socket.send(data, done);
      else this.socket.send(data, place.port, place.host, done);
      await sent.receive(options);
    } finally {
      this.senders.delete(sent);
    }
  }

  // Receiving ---------------------------------------------------------------------------------------------

  /**
   * Takes the datagram that has waited longest; waits until there is one.
   *
   * @throws {ChannelClosedError} it is closed. {TimeoutError}. What the system reports of one that was sent before,
   * once (`ECONNREFUSED`, for a connected endpoint).
   */
  receive(options?: WaitOptions): Promise<Datagram> {
    return this.inbox.receive(options);
  }

  /** Takes a datagram if there is one; never waits. */
  tryReceive(): Datagram | undefined {
    return this.inbox.tryReceive()?.value;
  }

  /** A case of `select`: to receive a datagram. */
  receiving(): Case<Datagram> {
    return this.inbox.receiving();
  }

  /** Receives as an iterator does: says `done` when it is closed. */
  next(options?: WaitOptions): Promise<IteratorResult<Datagram, undefined>> {
    return this.inbox.next(options);
  }

  /** To `break` leaves it open. */
  [Symbol.asyncIterator](): AsyncIterator<Datagram, undefined> {
    return this.inbox[Symbol.asyncIterator]();
  }

  // Many at a time ----------------------------------------------------------------------------------------

  /** Receives what is sent to `group`, an address for several; at `at`, an address of this machine, or where the system says. */
  join(group: string, at?: string): void {
    this.socket.addMembership(text(group, 'group', 'join'), at);
  }

  /** Ends {@link Endpoint.join}; closing ends it too. */
  leave(group: string, at?: string): void {
    this.socket.dropMembership(text(group, 'group', 'leave'), at);
  }

  /** Whether one may send to a broadcast address; one may not at first. */
  setBroadcast(on: boolean): void {
    this.socket.setBroadcast(on);
  }

  /** Over how many routers a datagram may go, from 1 to 255. */
  setTtl(hops: number): void {
    this.socket.setTTL(whole(hops, 1, 'hops', 'setTtl'));
  }

  /** How datagrams to a group are sent: over how many routers, whether this machine gets them too, at which address. */
  setMulticast(options: { ttl?: number; loopback?: boolean; at?: string }): void {
    const { ttl, loopback, at } = readOptions(options, ['ttl', 'loopback', 'at'], 'setMulticast');
    if (ttl !== undefined) this.socket.setMulticastTTL(whole(ttl, 0, 'ttl', 'setMulticast'));
    if (loopback !== undefined) this.socket.setMulticastLoopback(loopback);
    if (at !== undefined) this.socket.setMulticastInterface(text(at, 'at', 'setMulticast'));
  }

  // The end -----------------------------------------------------------------------------------------------

  /**
   * Closes it: who waits to receive or to send is told, what was not received is dropped. To close again changes
   * nothing.
   */
  close(): void {
    this.inbox.close();
  }

  /** {@link Endpoint.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  private refusal(): StreamClosedError {
    return new StreamClosedError(`send on ${this.name}: it was closed`);
  }

  private placed(to: InternetAddress | undefined): InternetAddress | undefined {
    if (to === undefined && this.remote !== undefined) return undefined;
    if (to === undefined || this.remote !== undefined) {
      throw new TypeError(`send on ${this.name}: ${to === undefined ? 'where to?' : 'it is connected'}`);
    }
    return { host: text(to.host, 'host', 'send'), port: portOf(to.port, 1, 'port', 'send') };
  }
}

function addressed({ address, port }: { address: string; port: number }): InternetAddress {
  return { host: address, port };
}
