/**
 * One request, and the answer to it.
 */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { TaskletExit } from '../kernel/errors.js';
import { isComing, isKept, type HttpBody } from './http-body.js';
import { isThenable } from '../kernel/options.js';
import type { FrameOptions } from './reads.js';
import { ByteStream } from './stream.js';

/** An answer in full. */
export interface HttpReply {
  /** 200 by default; 204 without a body. */
  status?: number;
  headers?: OutgoingHttpHeaders;
  /** What it brings. A {@link ByteStream} is closed afterwards. */
  body?: HttpBody;
}

/** Answers a request, with a body or with more than that. What it throws is a 500. */
export type HttpHandler = (request: HttpRequest) => Reply | PromiseLike<Reply>;

/** What a handler gives back: a body, or more than that; `undefined`: no body. */
export type Reply = HttpBody | HttpReply | undefined;

/** Told what a handler has thrown. */
export type ErrorHandler = (error: unknown, request: HttpRequest) => void;

/** A request that has come; its body may still be coming. */
export class HttpRequest {
  readonly method: string;
  /** What is asked for, without the host: `/path?query`. */
  readonly url: string;
  private readonly message: IncomingMessage;
  private read: ByteStream | null = null;

  /** @internal */
  constructor(message: IncomingMessage) {
    this.method = message.method as string;
    this.url = message.url as string;
    this.message = message;
  }

  /** By their names in small letters. */
  get headers(): IncomingHttpHeaders {
    return this.message.headers;
  }

  /** What it brings, packed as it comes. What of it is not read is dropped when the answer was given. */
  get body(): ByteStream {
    return (this.read ??= new ByteStream(this.message, { name: `${this.method} ${this.url}` }));
  }

  /** The address of the other side. */
  get remoteAddress(): string | undefined {
    return this.message.socket.remoteAddress;
  }

  /**
   * The body as text (UTF-8); waits until all of it has come.
   *
   * @param options `maxBytes` (16 MiB), `timeout` in milliseconds, `signal`.
   * @throws as {@link ByteStream.readAll}.
   */
  async text(options?: FrameOptions): Promise<string> {
    return (await this.body.readAll(options)).toString();
  }

  /** The body as JSON; otherwise as {@link HttpRequest.text}. @throws {SyntaxError} it is none. */
  async json(options?: FrameOptions): Promise<unknown> {
    return JSON.parse(await this.text(options)) as unknown;
  }

  /** @internal Somebody has begun to read the body, and it is not over. */
  get halfRead(): boolean {
    return this.read !== null && !this.message.readableEnded;
  }
}

/** A request with its answer. */
export class Exchange {
  private readonly request: HttpRequest;
  private readonly response: ServerResponse;
  private readonly onError: ErrorHandler;

  constructor(message: IncomingMessage, response: ServerResponse, onError: ErrorHandler) {
    this.request = new HttpRequest(message);
    this.response = response;
    this.onError = onError;
  }

  async run(handler: HttpHandler): Promise<void> {
    const { request, response } = this;
    try {
      const answer = handler(request);
      // What is there already is not awaited: that would be a microtask for each request.
      const reply = isThenable(answer) ? await answer : answer;
      if (response.destroyed) return;
      const pouring =
        reply === undefined || isKept(reply) || isComing(reply)
          ? this.give(undefined, undefined, reply)
          : this.give(reply.status, reply.headers, reply.body);
      if (pouring !== undefined) await pouring;
    } catch (error) {
      if (response.headersSent || error instanceof TaskletExit) response.destroy();
      else this.fail();
      if (error instanceof TaskletExit) throw error;
      this.onError(error, request);
    }
  }

  private give(
    status: number | undefined,
    headers: OutgoingHttpHeaders | undefined,
    body: HttpBody | undefined,
  ): Promise<void> | undefined {
    const { request, response } = this;
    response.statusCode = status ?? (body === undefined ? 204 : 200);
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) response.setHeader(name, value);
    }
    // What is still to come would be taken for the next request.
    if (request.halfRead) response.shouldKeepAlive = false;
    if (body !== undefined && !isKept(body)) return this.pour(body);
    if (request.method === 'HEAD' && body !== undefined && !response.hasHeader('content-length')) {
      response.setHeader('content-length', Buffer.byteLength(body));
    }
    response.end(body);
    return undefined;
  }

  private async pour(body: AsyncIterable<string | Uint8Array>): Promise<void> {
    const { request, response } = this;
    const sink = new ByteStream(response);
    try {
      response.flushHeaders();
      if (request.method !== 'HEAD') for await (const piece of body) await sink.write(piece);
      await sink.end();
    } finally {
      if (body instanceof ByteStream) await body.close();
    }
  }

  private fail(): void {
    const { response } = this;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.statusCode = 500;
    response.shouldKeepAlive = false;
    response.end('Internal Server Error\n');
  }
}
