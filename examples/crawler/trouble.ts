/**
 * What can go wrong with a page: how to say it, and whether asking again may help.
 */
import { TimeoutError } from 'evergreen-tasklets';

import { AddressRefusedError } from './address.js';
import { BodyError } from './body.js';

/** Why a page could not be read. */
export interface Trouble {
  readonly problem: string;
  /** It may be different in a moment. */
  readonly passing: boolean;
}

const CONNECTION: ReadonlyMap<string, Trouble> = new Map([
  ['ECONNREFUSED', { problem: 'connection refused', passing: true }],
  ['ECONNRESET', { problem: 'connection broke off', passing: true }],
  ['EPIPE', { problem: 'connection broke off', passing: true }],
  ['ERR_STREAM_PREMATURE_CLOSE', { problem: 'connection broke off', passing: true }],
  ['ETIMEDOUT', { problem: 'no connection', passing: true }],
  ['EHOSTUNREACH', { problem: 'host unreachable', passing: true }],
  ['ENETUNREACH', { problem: 'network unreachable', passing: true }],
  ['EAI_AGAIN', { problem: 'name server did not answer', passing: true }],
  ['ENOTFOUND', { problem: 'no such host', passing: false }],
]);

/** The families of Node's codes that tell of the other side: HTTP, unpacking, TLS. */
const OTHER_SIDE =
  /^(HPE_|Z_|ERR_BROTLI|ERR_PADDING|ERR__ERROR|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|EPROTO$)/;

/** Statuses that mean "not now". */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 60_000;

/**
 * Says what an error means for the page.
 *
 * @returns `undefined` when it is no trouble of the web's: a kill, or a mistake of ours, which
 * must not be mistaken for a broken link.
 */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof TimeoutError) return { problem: 'no answer in time', passing: true };
  if (error instanceof AddressRefusedError || error instanceof BodyError) {
    return { problem: error.message, passing: false };
  }
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const known = CONNECTION.get(code);
  if (known !== undefined) return known;
  return OTHER_SIDE.test(code) ? { problem: `unreadable (${code})`, passing: false } : undefined;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isPassing(status: number | undefined): boolean {
  return status !== undefined && PASSING.has(status);
}

/**
 * How long to wait before asking again, in milliseconds: twice as long each time, and never
 * exactly, so that what failed together does not come back together.
 *
 * @param attempt how often one has asked, 1 for once.
 * @param retryAfter the header, when the site named a time itself.
 * @returns `undefined` when the site wants to be left alone for longer than is worth waiting.
 */
export function pauseBefore(
  attempt: number,
  retryAfter?: string,
  random: () => number = Math.random,
): number | undefined {
  const asked = retryAfter === undefined ? undefined : millisecondsUntil(retryAfter);
  if (asked !== undefined) return asked > LONGEST_PAUSE ? undefined : asked;
  const pause = Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE);
  return pause * (0.5 + random() / 2);
}

function millisecondsUntil(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
