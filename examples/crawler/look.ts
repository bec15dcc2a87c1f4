/**
 * A question to the web, asked as often as that may help.
 */
import { sleep, timeout } from 'evergreen-tasklets';

import type { Pace } from './pace.js';
import { isSuccess } from './page.js';
import { isPassing, pauseBefore, troubleOf } from './trouble.js';
import type { Web } from './web.js';

export interface LookOptions {
  /** Milliseconds for one attempt, from the first byte asked to the last one read. */
  readonly timeout: number;
  /** How often to ask again. */
  readonly retries: number;
}

/** What was learned, up to the point where something went wrong. */
export interface Look {
  /** `undefined` when no answer came. */
  status?: number;
  /** The media type, in small letters, without its parameters. */
  type?: string | undefined;
  contentType?: string | undefined;
  location?: string | undefined;
  /** `undefined` when it was not wanted. */
  body?: Buffer;
  /** What went wrong. */
  problem?: string;
  attempts: number;
  /** How long the last attempt took. */
  ms: number;
}

/**
 * Asks for `url`. Trouble of the web's is part of the answer, not an error.
 *
 * @param wants whether to read a body of that type.
 */
export async function look(
  url: string,
  web: Web,
  pace: Pace,
  options: LookOptions,
  wants: (type: string | undefined) => boolean,
): Promise<Look> {
  for (let attempt = 1; ; attempt += 1) {
    await pace.turn(url);
    const started = performance.now();
    const { passing, retryAfter, ...found } = await lookOnce(url, web, options.timeout, wants);
    const again = passing && attempt <= options.retries;
    const pause = again ? pauseBefore(attempt, retryAfter) : undefined;
    if (pause === undefined) {
      return { ...found, attempts: attempt, ms: Math.round(performance.now() - started) };
    }
    await sleep(pause);
  }
}

type Attempt = Omit<Look, 'attempts' | 'ms'> & {
  retryAfter?: string | undefined;
  /** Asking again may help. */
  passing: boolean;
};

async function lookOnce(
  url: string,
  web: Web,
  limit: number,
  wants: (type: string | undefined) => boolean,
): Promise<Attempt> {
  const found: Attempt = { passing: false };
  try {
    await timeout(limit, async () => {
      using answer = await web.ask(url);
      found.status = answer.status;
      found.contentType = answer.header('content-type');
      found.type = mediaType(found.contentType);
      found.location = answer.header('location');
      found.retryAfter = answer.header('retry-after');
      found.passing = isPassing(answer.status);
      // The words that come with a redirect or an error are read to keep the connection.
      if (wants(found.type) || !isSuccess(answer.status)) {
        found.body = await answer.read();
      }
    });
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === undefined) throw error;
    found.problem = trouble.problem;
    found.passing = trouble.passing;
  }
  return found;
}

function mediaType(contentType: string | undefined): string | undefined {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return type === '' ? undefined : type;
}
