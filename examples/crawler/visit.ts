/**
 * One visit: a page is asked for, read, and its links are found.
 *
 * A redirect is not followed here. It is a page whose only link is the one it names, and goes
 * back to the frontier like any other: known pages are not read twice, loops end by themselves,
 * and every hop is checked against robots.txt, the site and the address afresh.
 */
import { decode } from './charset.js';
import type { Job } from './frontier.js';
import { outline } from './links.js';
import { look } from './look.js';
import type { Look, LookOptions } from './look.js';
import type { Pace } from './pace.js';
import { isHtml, isRedirect, isSuccess } from './page.js';
import type { Page } from './page.js';
import { resolveUrl } from './url.js';
import type { Web } from './web.js';

/** Visits a page and says what there is; a page that cannot be read says why. */
export async function visit(job: Job, web: Web, pace: Pace, options: LookOptions): Promise<Page> {
  return describe(job, await look(job.url, web, pace, options, isHtml));
}

function describe(job: Job, found: Look): Page {
  const { status, type, problem, body, ms, attempts } = found;
  const { url, from, hops } = job;
  const page = { url, from, hops, status, type, bytes: body?.length ?? 0, ms, attempts };
  if (isRedirect(status)) {
    const location = found.location && resolveUrl(found.location, url);
    return location
      ? { ...page, location, links: [location] }
      : { ...page, links: [], problem: 'a redirect to nowhere' };
  }
  const readable = problem === undefined && isSuccess(status) && isHtml(type);
  if (!readable || body === undefined) return { ...page, links: [], problem };
  return { ...page, ...outline(decode(body, found.contentType), url) };
}
