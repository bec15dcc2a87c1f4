/**
 * What a redirect asks for next: the rules of browsers.
 */
import type { OutgoingHttpHeaders } from 'node:http';
import { isKept, type HttpBody } from './http-body.js';
import type { HttpResponse } from './http-response.js';

/** One request, apart from how long one waits for its answer. */
export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: HttpBody | undefined;
}

/** What is for the first host only. */
const SECRETS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'host']);

/** What `response` to `asked` asks for, if it is a redirect that can be followed. */
export function redirected(asked: Asked, response: HttpResponse): Asked | undefined {
  const { status } = response;
  const { location } = response.headers;
  const { body, headers, method, url: from } = asked;
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  if (!URL.canParse(location, from.href)) return undefined;
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const away = url.origin !== from.origin;
  const plain = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  const kept = Object.entries(headers).filter(([name]) => {
    const small = name.toLowerCase();
    return !(away && SECRETS.has(small)) && !(plain && small.startsWith('content-'));
  });
  if (plain) return { url, method: 'GET', headers: Object.fromEntries(kept), body: undefined };
  // What was sent from a stream cannot be sent again.
  if (body !== undefined && !isKept(body)) return undefined;
  return { url, method, headers: Object.fromEntries(kept), body };
}
