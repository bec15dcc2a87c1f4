/**
 * The web as the crawler sees it: a question, an answer.
 *
 * One request is one request: no redirect is followed here, nothing is tried again, no cookie or
 * password is kept. So whatever is decided about a page (may it be asked, how soon, how often)
 * is decided for every hop of a redirect as well.
 */
import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { IncomingMessage } from 'node:http';

import { checkLiteral, checkedLookup } from './address.js';
import type { Reach } from './address.js';
import { ACCEPT_ENCODING, readBody } from './body.js';

export interface WebOptions {
  readonly userAgent: string;
  /** The largest body that will be read, in bytes. */
  readonly maxBody: number;
  readonly reach: Reach;
}

export class Web {
  readonly #options: WebOptions;
  readonly #http = new http.Agent({ keepAlive: true });
  readonly #https = new https.Agent({ keepAlive: true });

  constructor(options: WebOptions) {
    this.#options = options;
  }

  /**
   * Asks for `url`; resolves when the head of the answer is there.
   *
   * @param signal breaks the request off, also while the answer is still unread.
   * @throws {AddressRefusedError} it is not on that part of the web.
   * @throws {Error} there was no answer; Node's error, with its `code`.
   */
  async ask(url: string, signal: AbortSignal): Promise<Answer> {
    const target = new URL(url);
    const { reach, userAgent, maxBody } = this.#options;
    checkLiteral(target.hostname, reach);
    const secure = target.protocol === 'https:';
    const request = (secure ? https : http).request(target, {
      agent: secure ? this.#https : this.#http,
      lookup: checkedLookup(reach),
      headers: {
        'user-agent': userAgent,
        accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1',
        'accept-encoding': ACCEPT_ENCODING,
      },
      signal,
    });
    // Until the socket closes somebody must listen, or a late reset would end the program.
    request.on('error', () => undefined);
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new Answer(response, maxBody);
  }

  /** Closes the connections that are kept for the next question. */
  [Symbol.dispose](): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

/** An answer whose head has come. Disposing of it unread closes its connection. */
export class Answer {
  readonly #response: IncomingMessage;
  readonly #maxBody: number;

  constructor(response: IncomingMessage, maxBody: number) {
    this.#response = response;
    this.#maxBody = maxBody;
    response.on('error', () => undefined);
  }

  get status(): number {
    return this.#response.statusCode ?? 0;
  }

  /** A header, by its name in small letters. */
  header(name: 'content-type' | 'location' | 'retry-after'): string | undefined {
    return this.#response.headers[name];
  }

  /** Reads the body; see {@link readBody} for what it throws. */
  read(signal: AbortSignal): Promise<Buffer> {
    return readBody(this.#response, this.#maxBody, signal);
  }

  [Symbol.dispose](): void {
    // A body that was read to its end leaves its connection for the next request.
    if (!this.#response.readableEnded) this.#response.destroy();
  }
}
