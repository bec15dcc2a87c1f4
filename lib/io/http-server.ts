/**
 * Answering over HTTP: a tasklet for each request.
 *
 * - What a handler gives back is the answer. What it throws is a 500, is told, and ends nobody else.
 * - When the other side is gone, the handler is killed: there is nobody to answer any more.
 * - A body comes as fast as it is read, and goes as fast as it is taken.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { inTime } from '../kernel/in-time.js';
import { line } from '../kernel/line.js';
import { callable, duration, readOptions, show, type WaitOptions } from '../kernel/options.js';
import { Semaphore } from '../sync/semaphore.js';
import { current } from '../tasklet/spawn.js';
import { Tasklet } from '../tasklet/tasklet.js';
import {
  Exchange,
  type ErrorHandler,
  type HttpHandler,
  type HttpRequest,
  type Reply,
} from './http-exchange.js';
import type { CloseOptions } from './listener.js';
import { opening } from './opening.js';

export interface ServeHttpOptions extends WaitOptions {
  /** 0, the default: one that is free. */
  port?: number;
  /** `'127.0.0.1'` by default: nobody but this machine. */
  host?: string;
  /** How many handlers run at a time, from 1; further requests wait. No limit by default. */
  concurrency?: number;
  /** Told what a handler has thrown; by default the process emits a warning. */
  onError?: ErrorHandler;
  /** Key and certificate, and whatever else `node:https` takes: with them, it is HTTPS. */
  tls?: https.ServerOptions;
}

/** Why a handler is killed when nobody waits for its answer any more. */
const GONE = 'the other side is gone';

const NAMES = ['port', 'host', 'concurrency', 'onError', 'tls', 'timeout', 'signal'] as const;

/**
 * Answers requests with `handler`, each in a tasklet of its own; waits until it listens, and goes on until it is
 * closed.
 *
 * @param handler gets the request, and gives back the body or `{ status, headers, body }`.
 * @param options `port`, `host`, `concurrency`, `onError`, `tls`; `timeout` in milliseconds and `signal` until it
 * listens.
 * @throws what the system reports if it cannot listen, with its `code` (`EADDRINUSE`). {TypeError | RangeError} a
 * wrong or unknown option.
 * @example
 * await run(async () => {
 *   await using server = await serveHttp(async (request) => {
 *     if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
 *     return (await request.text({ maxBytes: 1000 })).toUpperCase();
 *   });
 *   using client = new HttpClient();
 *   const answer = await client.request(server.url, { body: 'hello' });
 *   await answer.text(); // 'HELLO'
 * });
 */
export async function serveHttp(handler: HttpHandler, options?: ServeHttpOptions): Promise<HttpServer> {
  const given = readOptions(options, NAMES, 'serveHttp');
  const { port = 0, host = '127.0.0.1', concurrency, onError = warn, tls, timeout, signal } = given;
  callable(handler, 'handler', 'serveHttp');
  callable(onError, 'onError', 'serveHttp');
  const limits = { timeout, signal };
  const what = `listen on ${host}:${port}`;
  const slots = concurrency === undefined ? null : new Semaphore(concurrency);
  const refusing = refused(limits, () => what);
  if (refusing !== null) return refusing;
  const server =
    tls === undefined ? http.createServer({ noDelay: true }) : https.createServer({ noDelay: true, ...tls });
  const made = new HttpServer(server, tls !== undefined);
  made.serve(slots === null ? handler : (request) => held(slots, handler, request), onError);
  server.listen({ port, host });
  await opening(server, 'listening', what, () => void server.close(), limits);
  return made;
}

/** What {@link serveHttp} has made. To leave the scope of an `await using` closes it. */
export class HttpServer implements AsyncDisposable {
  private readonly server: http.Server | https.Server;
  private readonly secure: boolean;
  private readonly running: Set<Tasklet> = new Set();
  /** Is over when the last handler is, once it is closing. */
  private readonly idle: Channel<void> = line('the end of the handlers');
  /** Is over when no connection is left. */
  private readonly gone: Channel<void> = line('the end of the connections');
  private at: AddressInfo | undefined;
  private closing = false;
  /** All handlers were killed. */
  private ending = false;

  /** @internal */
  constructor(server: http.Server | https.Server, secure: boolean) {
    this.server = server;
    this.secure = secure;
    server.on('listening', () => {
      this.at = server.address() as AddressInfo;
    });
    server.on('close', () => this.gone.closeWith(undefined));
  }

  /** @internal Answers what comes. */
  serve(handler: HttpHandler, onError: ErrorHandler): void {
    const { running, server } = this;
    server.on('request', (message: http.IncomingMessage, response: http.ServerResponse) => {
      // Nobody is promised another answer on a connection that is about to be closed.
      if (this.closing) response.shouldKeepAlive = false;
      const exchange = new Exchange(message, response, onError);
      const tasklet = new Tasklet(() => exchange.run(handler), { name: `${message.method} ${message.url}` });
      running.add(tasklet);
      tasklet.atEnd(() => {
        running.delete(tasklet);
        if (this.closing && running.size === 0) this.idle.closeWith(undefined);
      });
      response.on('close', () => {
        // All of it was sent: what the handler still has to do may be of use.
        if (!response.writableFinished) {
          // Not if it is killed already: a second one would break its clean-up off.
          if (!this.ending) tasklet.kill({ reason: GONE });
        } else if (this.closing) server.closeIdleConnections();
      });
      tasklet.start();
    });
  }

  /** Where it listens. */
  get port(): number {
    return (this.at as AddressInfo).port;
  }

  /** The address of its root: `http://127.0.0.1:8000/`. */
  get url(): string {
    const { address, family, port } = this.at as AddressInfo;
    return `http${this.secure ? 's' : ''}://${family === 'IPv6' ? `[${address}]` : address}:${port}/`;
  }

  /** How many requests are being answered. */
  get size(): number {
    return this.running.size;
  }

  /** Waits until it is closed, and nothing of it is left. */
  async wait(options?: WaitOptions): Promise<void> {
    await this.gone.receive(options);
  }

  /**
   * Closes it: it takes no more connections, handlers are killed, connections closed; waits until that is done.
   *
   * With `graceful`, requests that have come are answered first, for at most `timeout` milliseconds. Killed or timed
   * out while it waits for that, it does not wait for it any more.
   *
   * @throws {StateError} a handler calls it: that would wait for itself. {TypeError | RangeError} a wrong or unknown
   * option.
   */
  async close(options?: CloseOptions): Promise<void> {
    const { graceful = false, timeout = Infinity } = readOptions(options, ['graceful', 'timeout'], 'close');
    if (typeof graceful !== 'boolean') {
      throw new TypeError(`close: graceful must be a boolean, not ${show(graceful)}`);
    }
    duration(timeout, 'timeout', 'close');
    if (this.running.has(current() as Tasklet)) {
      throw new StateError(`${this.url}: a handler cannot wait for its own end; spawn what closes it`);
    }
    this.stop();
    try {
      if (graceful) await inTime(() => this.gone.receive({ timeout }));
    } finally {
      if (!this.ending) for (const tasklet of this.running) tasklet.kill();
      this.ending = true;
      this.server.closeAllConnections();
      await this.idle.receive();
      await this.gone.receive();
    }
  }

  /** {@link HttpServer.close}, at once. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Takes no more connections, and keeps none for another request. */
  private stop(): void {
    if (this.closing) return;
    this.closing = true;
    if (this.running.size === 0) this.idle.closeWith(undefined);
    const { server } = this;
    server.close();
    server.closeIdleConnections();
  }
}

async function held(slots: Semaphore, handler: HttpHandler, request: HttpRequest): Promise<Reply> {
  using _slot = await slots.acquire();
  return await handler(request);
}

function warn(error: unknown, { method, url }: HttpRequest): void {
  process.emitWarning(`the handler of ${method} ${url} failed`, {
    type: 'HandlerWarning',
    code: 'ERR_HANDLER',
    detail: error instanceof Error ? (error.stack ?? error.message) : show(error),
  });
}
