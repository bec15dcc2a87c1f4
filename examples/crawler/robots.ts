/**
 * What a site asks of crawlers (RFC 9309), read by a library that knows the wildcards.
 */
import parserModule from 'robots-parser';

import { decode } from './charset.js';
import { look } from './look.js';
import type { LookOptions } from './look.js';
import type { Pace } from './pace.js';
import { isRedirect, isSuccess } from './page.js';
import { resolveUrl } from './url.js';
import type { Web } from './web.js';

/** Rules beyond this are not read: matching a long hostile list costs time for every link. */
const MAX_LENGTH = 128 * 1024;

/** A site that asks for more than a minute between two pages is given a minute. */
const MAX_DELAY = 60_000;

const MAX_REDIRECTS = 5;

/** What one site asks of one crawler. */
export interface Robots {
  allows(url: string): boolean;
  /** Milliseconds between two pages; 0 when nothing is asked. */
  readonly delay: number;
}

/** The rules of a site that has none. */
export const EVERYTHING: Robots = { allows: () => true, delay: 0 };

/** The rules of a site in trouble: it is left alone until it can say what it wishes. */
export const NOTHING: Robots = { allows: () => false, delay: 0 };

/** Asks a site for its rules. */
export async function askRobots(
  origin: string,
  web: Web,
  pace: Pace,
  options: LookOptions & { readonly userAgent: string },
): Promise<Robots> {
  const url = `${origin}/robots.txt`;
  let next: string | undefined = url;
  for (let hops = 0; next !== undefined && hops <= MAX_REDIRECTS; hops += 1) {
    const { status, problem, body, contentType, location } = await look(next, web, pace, options, anyType);
    if (isRedirect(status)) {
      next = location === undefined ? undefined : resolveUrl(location, next);
    } else {
      if (status === undefined || status >= 500) return NOTHING;
      if (!isSuccess(status)) return EVERYTHING;
      if (problem !== undefined || body === undefined) return NOTHING;
      return parseRobots(url, decode(body, contentType), options.userAgent);
    }
  }
  return EVERYTHING;
}

function anyType(): boolean {
  return true;
}

/** Reads a robots.txt found at `url`, for the crawler that calls itself `userAgent`. */
export function parseRobots(url: string, text: string, userAgent: string): Robots {
  const rules = robotsParser(url, text.slice(0, MAX_LENGTH));
  const seconds = rules.getCrawlDelay(userAgent) ?? 0;
  return {
    allows: (page) => rules.isAllowed(page, userAgent) ?? true,
    delay: seconds > 0 ? Math.min(seconds * 1000, MAX_DELAY) : 0,
  };
}

// The package's types promise a default export; what it has is a function (CommonJS).
const robotsParser = parserModule as unknown as typeof parserModule.default;
