import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { LimitExceededError } from '../kernel/errors.js';
import type { FrameOptions } from './reads.js';
import { ByteStream } from './stream.js';

/** So much of an answer that nobody wants is read, to keep its connection. */
const UNWANTED = 65_536;

/**
 * An answer whose head has come.
 *
 * Read to its end, it leaves its connection to the next request; closed before, it closes that too.
 */
export class HttpResponse implements AsyncDisposable {
  /** What was asked for: after redirects the last of them. */
  readonly url: string;
  readonly status: number;
  /** What it brings, packed as it comes. */
  readonly body: ByteStream;
  private readonly message: IncomingMessage;

  /** @internal */
  constructor(url: string, message: IncomingMessage) {
    this.url = url;
    this.status = message.statusCode as number;
    this.message = message;
    this.body = new ByteStream(message, { name: url });
  }

  /** By their names in small letters. */
  get headers(): IncomingHttpHeaders {
    return this.message.headers;
  }

  /** The status says that it went well: 200 to 299. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
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

  /** The body as JSON; otherwise as {@link HttpResponse.text}. @throws {SyntaxError} it is none. */
  async json(options?: FrameOptions): Promise<unknown> {
    return JSON.parse(await this.text(options)) as unknown;
  }

  /** Closes it; waits until it is closed. */
  close(): Promise<void> {
    return this.body.close();
  }

  /** Closes it at once and does not wait. */
  abort(): void {
    this.body.abort();
  }

  /** {@link HttpResponse.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Nobody wants the body. */
  async skip(options: FrameOptions | undefined): Promise<void> {
    try {
      await this.body.readAll({ ...options, maxBytes: UNWANTED });
    } catch (error) {
      this.abort();
      if (!(error instanceof LimitExceededError)) throw error;
    }
  }
}
