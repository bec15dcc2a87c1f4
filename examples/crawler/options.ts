/**
 * What the crawler is told on its command line, and nothing else: no settings are read from the
 * directory it happens to stand in.
 */
import { parseArgs } from 'node:util';

import type { Reach } from './address.js';
import { resolveUrl } from './url.js';

/** The command line makes no sense; `message` says what of it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'ERR_USAGE';
}

export interface Options {
  /** `undefined`: the embedded site. */
  readonly start: string | undefined;
  /** Pages of other sites that belong to the crawl as well. */
  readonly also: readonly string[];
  readonly concurrency: number;
  readonly perHost: number;
  readonly maxPages: number;
  /** Milliseconds. */
  readonly delay: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly retries: number;
  /** Bytes. */
  readonly maxBody: number;
  readonly output: string | undefined;
  readonly resume: boolean;
  readonly reach: Reach;
  readonly userAgent: string;
  readonly port: number;
  readonly help: boolean;
}

export const USAGE = `Usage: crawler [options] [URL]

Crawls the site at URL and reports what it found. Without a URL it starts a small
site of its own on loopback and crawls that.

  --concurrency N     pages visited at once (8)
  --per-host N        of these, from one host (as many as --concurrency)
  --max-pages N       stop after so many (10000)
  --delay MS          between two requests to one host (200; 0 on loopback); what
                      robots.txt asks for counts if it is more
  --timeout MS        for one request, to the last byte (10000)
  --retries N         after what may pass: 429, 503, a broken connection (2)
  --max-body BYTES    the largest page to read, also when unpacked (5000000)
  --also URL          another site that belongs to the crawl; may be repeated
  --output FILE       write each page as a line of JSON
  --resume            go on with a FILE that an earlier crawl has left
  --allow-loopback    this machine may be crawled
  --allow-private     private networks and this machine may be crawled
  --user-agent NAME   how to introduce oneself, also to robots.txt
  --port N            where the embedded site listens (any free port)
  --help              show this

Ctrl-C ends a crawl and keeps what it has; pressed twice, it ends at once.
Exit codes: 0 crawled, whatever was found; 1 nothing could be crawled, the site
stopped answering, or the system failed; 2 wrong usage; 130 interrupted.
`;

const USER_AGENT = 'evergreen-crawler/0.1';

/**
 * Reads the arguments.
 *
 * @throws {UsageError} one is unknown or makes no sense.
 */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  if (positionals.length > 1) throw new UsageError(`one URL, not ${positionals.length}`);
  const [url] = positionals;
  const start = url === undefined ? undefined : site(url, 'URL');
  const concurrency = whole(values.concurrency, '--concurrency', 8, 1, 1000);
  const reach = reachOf(values['allow-loopback'], values['allow-private']);
  if (values.resume === true && values.output === undefined) {
    throw new UsageError('--resume needs --output, the file to go on with');
  }
  if (url !== undefined && values.port !== undefined) {
    throw new UsageError('--port is for the embedded site, not for a URL');
  }
  return {
    start,
    also: (values.also ?? []).map((other) => site(other, '--also')),
    concurrency,
    perHost: whole(values['per-host'], '--per-host', concurrency, 1, 1000),
    maxPages: whole(values['max-pages'], '--max-pages', 10_000, 1, 10_000_000),
    delay: whole(values.delay, '--delay', isLoopback(start) ? 0 : 200, 0, 3_600_000),
    timeout: whole(values.timeout, '--timeout', 10_000, 1, 3_600_000),
    retries: whole(values.retries, '--retries', 2, 0, 20),
    maxBody: whole(values['max-body'], '--max-body', 5_000_000, 1, 1_000_000_000),
    output: text(values.output, '--output'),
    resume: values.resume ?? false,
    reach: start === undefined && reach === 'public' ? 'loopback' : reach,
    userAgent: text(values['user-agent'], '--user-agent') ?? USER_AGENT,
    port: whole(values.port, '--port', 0, 0, 65_535),
    help: values.help ?? false,
  };
}

// What is declared here is all there is; parseArgs refuses the rest by name.
const DECLARED = {
  also: { type: 'string', multiple: true },
  concurrency: { type: 'string' },
  'per-host': { type: 'string' },
  'max-pages': { type: 'string' },
  delay: { type: 'string' },
  timeout: { type: 'string' },
  retries: { type: 'string' },
  'max-body': { type: 'string' },
  output: { type: 'string' },
  resume: { type: 'boolean' },
  'allow-loopback': { type: 'boolean' },
  'allow-private': { type: 'boolean' },
  'user-agent': { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean' },
} as const;

function parse(args: readonly string[]): ReturnType<typeof parseDeclared> {
  try {
    return parseDeclared(args);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    // The first sentence names the option; the next ones explain parseArgs.
    throw new UsageError(error.message.split(/[.\n]\s/, 1)[0] ?? '', { cause: error });
  }
}

// What it returns is inferred from what is declared.
function parseDeclared(args: readonly string[]) {
  return parseArgs({ args: [...args], options: DECLARED, allowPositionals: true });
}

function site(url: string, where: string): string {
  const resolved = resolveUrl(url);
  if (resolved !== undefined) return resolved;
  // What stands there may be a secret, and this may end up in a log.
  const given = url.includes('@') ? 'without a user name or a password' : `not '${url}'`;
  throw new UsageError(`${where} must be an http or https URL, ${given}`);
}

function isLoopback(url: string | undefined): boolean {
  if (url === undefined) return true;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

function whole(value: string | undefined, name: string, otherwise: number, min: number, max: number): number {
  if (value === undefined) return otherwise;
  const n = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (n >= min && n <= max) return n;
  const range = `from ${min} to ${max}`;
  throw new UsageError(`${name} must be a whole number ${range}, not '${value}'`);
}

function text(value: string | undefined, name: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (value === undefined || /^[^\u0000-\u001f\u007f]+$/.test(value)) return value;
  throw new UsageError(`${name} must be a text without control characters`);
}

function reachOf(loopback = false, privately = false): Reach {
  if (privately) return 'private';
  return loopback ? 'loopback' : 'public';
}
