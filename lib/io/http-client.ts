/**
 * Asking for things over HTTP.
 *
 * Node's own client does the work. What is ours: a request waits like anything else, whoever gives it up leaves
 * nothing of it behind, and a body is a {@link ByteStream}, which comes as fast as it is read.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StreamClosedError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import { readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { Tasklet } from '../tasklet/tasklet.js';
import { Deadline } from './fs/deadline.js';
import { isComing, isKept, type HttpBody } from './http-body.js';
import { redirected, type Asked } from './http-redirect.js';
import { HttpResponse } from './http-response.js';
import { ByteStream } from './stream.js';

export interface RequestOptions extends WaitOptions {
  /** `'GET'` by default, `'POST'` if there is a body. */
  method?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: HttpBody;
  /** How many redirects are followed, one after the other; none by default. The next one is the answer itself. */
  redirects?: number;
}

export interface HttpClientOptions {
  /** How many connections to a host there may be, from 1; further requests wait. No limit by default. */
  connections?: number;
  /** Finds the addresses of a host, as `dns.lookup` does, which is the default; where to refuse some of them. */
  lookup?: LookupFunction;
}

const NAMES = ['method', 'headers', 'body', 'redirects', 'timeout', 'signal'] as const;

/**
 * Asks, and keeps connections for the next request to the same host. They do not keep the program alive.
 *
 * @example
 * await run(async () => {
 *   await using server = await serveHttp((request) => `you asked for ${request.url}`);
 *   using client = new HttpClient({ connections: 4 });
 *   await using answer = await client.request(`${server.url}a`, { timeout: 5000 });
 *   await answer.text(); // 'you asked for /a'
 * });
 */
export class HttpClient implements Disposable {
  private readonly http: http.Agent;
  private readonly https: https.Agent;

  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: HttpClientOptions) {
    const { connections, lookup } = readOptions(options, ['connections', 'lookup'], 'HttpClient');
    const given = {
      keepAlive: true,
      noDelay: true,
      maxSockets: connections === undefined ? Infinity : whole(connections, 1, 'connections', 'HttpClient'),
      ...(lookup === undefined ? {} : { lookup }),
    };
    this.http = new http.Agent(given);
    this.https = new https.Agent(given);
  }

  /**
   * Asks for `url`; waits until the head of the answer has come. Killed, timed out or aborted meanwhile, the request
   * is broken off.
   *
   * A kept connection that the other side closes just as it is used again says nothing about the request: `GET` and
   * `HEAD` are tried again then, on another one.
   *
   * @param options `method`, `headers`, `body`, `redirects`; `timeout` in milliseconds and `signal` until the head
   * is there. For all of it there is `timeout()` around it.
   * @returns the answer, whatever its status. Read its body to the end, or close it.
   * @throws what Node reports, with its `code` (`ECONNREFUSED`). What a `body` that comes raises. {TimeoutError}.
   * {TypeError | RangeError} no URL of `http:` or `https:`; a wrong or unknown option.
   */
  async request(url: string | URL, options?: RequestOptions): Promise<HttpResponse> {
    const { timeout, signal, redirects = 0, ...rest } = readOptions(options, NAMES, 'request');
    const { body, headers = {}, method = body === undefined ? 'GET' : 'POST' } = rest;
    whole(redirects, 0, 'redirects', 'request');
    if (body !== undefined && !isKept(body) && !isComing(body)) {
      throw new TypeError(`request: body must be text, bytes, or an async iterable, not ${show(body)}`);
    }
    const limits: WaitOptions = { timeout, signal };
    let asked: Asked = { url: target(url), method, headers, body };
    const refusing = refused(limits, () => title(asked));
    if (refusing !== null) return refusing;
    const deadline = timeout === undefined && signal === undefined ? undefined : new Deadline(limits);
    for (let left = redirects; ; left--) {
      const response = await this.ask(asked, deadline);
      const next = left > 0 ? redirected(asked, response) : undefined;
      if (next === undefined) return response;
      await response.skip(deadline?.left);
      asked = next;
    }
  }

  /** Closes the connections that are kept, and those in use. */
  close(): void {
    this.http.destroy();
    this.https.destroy();
  }

  /** {@link HttpClient.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  private async ask(asked: Asked, deadline: Deadline | undefined): Promise<HttpResponse> {
    const { url, method, headers, body } = asked;
    const secure = url.protocol === 'https:';
    const agent = secure ? this.https : this.http;
    const call = (secure ? https : http).request(url, { method, headers, agent });
    const answer: Channel<http.IncomingMessage> = line(title(asked));
    call.on('response', (message) => answer.closeWith(message));
    // For good: a late reset that nobody hears would end the program.
    call.on('error', (error) => answer.failWith(error));
    call.on('close', () => {
      if (!answer.closing) answer.failWith(new StreamClosedError(`${title(asked)} was closed`));
    });
    const upload = send(call, body);
    try {
      const message = await answer.receive(deadline?.left);
      if (upload !== null) message.on('close', () => upload.kill());
      return new HttpResponse(url.href, message);
    } catch (error) {
      upload?.kill();
      call.destroy();
      if (
        call.reusedSocket &&
        (method === 'GET' || method === 'HEAD') &&
        body === undefined &&
        isReset(error)
      ) {
        // It fails for good in the end: each failure has taken one of the kept connections away.
        return this.ask(asked, deadline);
      }
      throw error;
    }
  }
}

let common: HttpClient | undefined;

/** {@link HttpClient.request} of a client that all share. */
export function request(url: string | URL, options?: RequestOptions): Promise<HttpResponse> {
  common ??= new HttpClient();
  return common.request(url, options);
}

function target(url: string | URL): URL {
  const target = new URL(url);
  if (target.protocol === 'http:' || target.protocol === 'https:') return target;
  throw new TypeError(`request: ${show(target.href)} is no URL of http: or https:`);
}

function title({ method, url }: Asked): string {
  return `${method} ${url.href}`;
}

function isReset(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** Sends `body`. @returns the tasklet that does, if it takes one. */
function send(call: http.ClientRequest, body: HttpBody | undefined): Tasklet | null {
  if (body === undefined || isKept(body)) {
    call.end(body);
    return null;
  }
  const upload = async (): Promise<void> => {
    const sink = new ByteStream(call);
    try {
      for await (const piece of body) await sink.write(piece);
      await sink.end();
    } catch (error) {
      call.destroy(error as Error);
    }
  };
  return new Tasklet(upload, { name: 'upload' }).start();
}
