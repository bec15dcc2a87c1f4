/**
 * The web as the crawler sees it: a question, an answer.
 *
 * One request is one request: no redirect is followed here, nothing is tried again, no cookie or
 * password is kept. So whatever is decided about a page (may it be asked, how soon, how often)
 * is decided for every hop of a redirect as well.
 */
import { HttpClient } from 'evergreen-tasklets/io';
import type { HttpResponse } from 'evergreen-tasklets/io';

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
  readonly #client: HttpClient;

  constructor(options: WebOptions) {
    this.#options = options;
    this.#client = new HttpClient({ lookup: checkedLookup(options.reach) });
  }

  /**
   * Asks for `url`; waits until the head of the answer is there.
   *
   * @param signal breaks the request off, also while the answer is still unread. A kill breaks it off too.
   * @throws {AddressRefusedError} it is not on that part of the web.
   * @throws {Error} there was no answer; Node's error, with its `code`.
   */
  async ask(url: string, signal?: AbortSignal): Promise<Answer> {
    const target = new URL(url);
    const { reach, userAgent, maxBody } = this.#options;
    checkLiteral(target.hostname, reach);
    const headers = {
      'user-agent': userAgent,
      accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1',
      'accept-encoding': ACCEPT_ENCODING,
    };
    const response = await this.#client.request(target, { headers, signal });
    signal?.addEventListener('abort', () => response.abort(), { once: true });
    return new Answer(response, maxBody);
  }

  /** Closes the connections that are kept for the next question. */
  [Symbol.dispose](): void {
    this.#client.close();
  }
}

/** An answer whose head has come. Disposing of it unread closes its connection. */
export class Answer {
  readonly #response: HttpResponse;
  readonly #maxBody: number;

  constructor(response: HttpResponse, maxBody: number) {
    this.#response = response;
    this.#maxBody = maxBody;
  }

  get status(): number {
    return this.#response.status;
  }

  /** A header, by its name in small letters. */
  header(name: 'content-type' | 'location' | 'retry-after'): string | undefined {
    return this.#response.headers[name];
  }

  /** Reads the body; see {@link readBody} for what it throws. */
  read(signal?: AbortSignal): Promise<Buffer> {
    return readBody(this.#response, this.#maxBody, signal);
  }

  [Symbol.dispose](): void {
    this.#response.abort();
  }
}
