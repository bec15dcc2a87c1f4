/**
 * Where connections come in.
 *
 * - A connection waits until somebody takes it, and until then nothing is read from it.
 * - At most `backlog` wait. Node takes connections from the system as they come and cannot be told to leave them
 *   there, so one more is refused at once.
 * - Closed, nobody comes in any more, and those who wait are refused.
 */
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Case } from '../kernel/case.js';
import { refused } from '../kernel/caller.js';
import { StateError } from '../kernel/errors.js';
import { inTime } from '../kernel/in-time.js';
import { duration, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { written, type Address, type InternetAddress } from './address.js';
import type { Connection } from './connection.js';
import { Deadline } from './fs/deadline.js';
import { Inbox } from './inbox.js';
import { opening } from './opening.js';
import { Service, type Handler, type ServeOptions } from './service.js';
import type { ByteStream } from './stream.js';

/** How many may wait, as Node has it. */
export const BACKLOG = 511;

export interface ListenOptions extends WaitOptions {
  /** How many connections may wait to be accepted, from 1; 511 by default. One more is refused, and counted. */
  backlog?: number;
}

export interface CloseOptions {
  /** Whether handlers may come to their end; by default they are killed. */
  graceful?: boolean;
  /** With `graceful`, for how many milliseconds; then they are killed. `Infinity` by default. */
  timeout?: number;
}

/** @internal What a listener is made of. */
export interface Entrance<A extends Address, C extends Connection<A>> {
  readonly kind: string;
  readonly server: Server;
  /** What the server emits with each socket. */
  readonly event: string;
  make(this: void, socket: Socket): C;
  readonly backlog: number | undefined;
  /** Nobody comes in any more. */
  readonly shut?: () => void;
}

/**
 * Connections that come in, to be taken by iteration, by {@link Listener.accept}, in a `select`, or by
 * {@link Listener.serve}. `listen` makes them.
 *
 * Whoever takes a connection closes it; the listener does not. `dump()` says of one who waits
 * `accept on tcp 127.0.0.1:4000`.
 *
 * @example
 * await run(async () => {
 *   await using listener = await tcp.listen();
 *   spawn(async () => {
 *     for await (const connection of listener) spawn(() => connection.pipeTo(connection));
 *   });
 *   await using connection = await tcp.connect(listener.address);
 *   await connection.write('hello');
 *   await connection.end();
 *   String(await connection.readAll()); // 'hello'
 * });
 */
export class Listener<A extends Address = InternetAddress, C extends Connection<A> = Connection<A>>
  implements AsyncIterable<C>, AsyncDisposable
{
  private at: A | undefined;
  private readonly entrance: Entrance<A, C>;
  private readonly inbox: Inbox<C>;
  private readonly services: Set<Service<C>> = new Set();

  /** @internal Listens when it is opened. */
  constructor(entrance: Entrance<A, C>) {
    const { backlog = BACKLOG, event, kind, make, server } = entrance;
    this.entrance = entrance;
    const limit = whole(backlog, 1, 'backlog', `${kind}.listen`);
    this.inbox = new Inbox({ stop: () => this.shut() }, { limit, overflow: 'drop-newest' });
    server.on(event, (socket: Socket) => {
      const connection = make(socket);
      if (!this.inbox.put(connection)) connection.abort();
    });
  }

  /** @internal Listens at `place`; waits until it does. */
  async open(place: A, limits: WaitOptions): Promise<this> {
    const { kind, server } = this.entrance;
    const what = `listen on ${kind} ${written(place)}`;
    const refusing = refused(limits, () => what);
    if (refusing !== null) return refusing;
    server.listen({ ...place, backlog: this.entrance.backlog ?? BACKLOG });
    await opening(server, 'listening', what, () => this.drop(), limits);
    server.on('error', (error) => this.inbox.end(error));
    this.at = addressOf(server) as A;
    this.inbox.channel.label = `accept on ${this.name}`;
    return this;
  }

  /** `tcp 127.0.0.1:4000`. */
  get name(): string {
    return `${this.entrance.kind} ${written(this.address)}`;
  }

  /** Where it listens. */
  get address(): A {
    return this.at as A;
  }

  /** How many connections wait to be accepted. */
  get waiting(): number {
    return this.inbox.size;
  }

  /** How many were refused because `backlog` of them waited already. */
  get dropped(): number {
    return this.inbox.dropped;
  }

  /** It was closed: nobody comes in any more. Handlers may still run; they can look here whether to go on. */
  get closed(): boolean {
    return this.inbox.closing;
  }

  /**
   * Takes the connection that has waited longest; waits until there is one.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {ChannelClosedError} it is closed. {TimeoutError}.
   */
  accept(options?: WaitOptions): Promise<C> {
    return this.inbox.receive(options);
  }

  /** Takes the connection that has waited longest, if there is one; never waits. */
  tryAccept(): C | undefined {
    return this.inbox.tryReceive()?.value;
  }

  /** A case of `select`: to take a connection as {@link Listener.accept} does. */
  accepting(): Case<C> {
    return this.inbox.receiving();
  }

  /** Takes a connection as an iterator does: says `done` when it is closed. */
  next(options?: WaitOptions): Promise<IteratorResult<C, undefined>> {
    return this.inbox.next(options);
  }

  /** To `break` leaves it open. */
  [Symbol.asyncIterator](): AsyncIterator<C, undefined> {
    return this.inbox[Symbol.asyncIterator]();
  }

  /**
   * Handles each connection in a tasklet of its own, named after it, and closes it when the handler has come to its
   * end; waits until the listener is closed and all handlers have ended.
   *
   * What a handler throws ends its connection only, and is told to `onError`. However the serving ends, it closes
   * the listener; when it is killed, it kills the handlers and waits for their end.
   *
   * @param options `concurrency`: how many handlers run at a time (10,000); further connections wait to be accepted.
   * `onError`: by default the process emits a warning.
   * @throws what `onError` throws. {TypeError | RangeError} a wrong or unknown option.
   * @example
   * await run(async () => {
   *   await using listener = await tcp.listen();
   *   spawn(() =>
   *     listener.serve(async (peer) => {
   *       for await (const line of peer.lines()) await peer.write(`${line}!\n`);
   *     }),
   *   );
   *   await using connection = await tcp.connect(listener.address);
   *   await connection.write('hello\n');
   *   String(await connection.readUntil('\n')); // 'hello!\n'
   * });
   */
  async serve(handler: Handler<C>, options?: ServeOptions<C>): Promise<void> {
    const service = new Service(handler, options);
    this.services.add(service);
    try {
      await service.run(this);
    } finally {
      this.services.delete(service);
      this.stop();
    }
  }

  /**
   * Closes it: nobody comes in any more, who waits to accept is told, who waits to be accepted is refused. Handlers
   * of {@link Listener.serve} are killed and their connections closed; waits until they have ended.
   *
   * With `graceful`, handlers may come to their end. Killed or timed out while it waits for that, it kills them.
   *
   * @throws {StateError} one of its own handlers calls it with `graceful`, which would wait for itself.
   * {TypeError | RangeError} a wrong or unknown option.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { graceful = false, timeout = Infinity } = readOptions(options, ['graceful', 'timeout'], 'close');
    if (typeof graceful !== 'boolean') {
      throw new TypeError(`close: graceful must be a boolean, not ${show(graceful)}`);
    }
    duration(timeout, 'timeout', 'close');
    const services = [...this.services];
    if (graceful && services.some(({ mine }) => mine)) {
      throw new StateError(`${this.name}: a handler cannot wait for its own end; spawn what closes it`);
    }
    this.stop();
    try {
      if (graceful) await inTime(() => all(services, { timeout }));
    } finally {
      for (const service of services) service.stop();
    }
    await all(services);
  }

  /** {@link Listener.close}, at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private stop(): void {
    const { inbox } = this;
    inbox.end();
    while (inbox.size > 0) inbox.tryReceive()?.value.abort();
  }

  private shut(): void {
    this.entrance.server.close();
    this.entrance.shut?.();
  }

  /** It was given up before it listened. */
  private drop(): void {
    // Node listens all the same if it was still looking for the address.
    this.entrance.server.on('listening', () => this.shut());
    this.stop();
  }
}

function addressOf(server: Server): Address {
  const address = server.address() as AddressInfo | string;
  if (typeof address === 'string') return { path: address };
  return { host: address.address, port: address.port };
}

/** Waits until all of `services` are over. */
async function all(
  services: readonly Pick<Service<ByteStream>, 'over'>[],
  limits?: WaitOptions,
): Promise<void> {
  const deadline = Deadline.of(limits);
  for (const { over } of services) await over.receive(deadline?.left);
}
