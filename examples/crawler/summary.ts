/**
 * What a crawl has found, kept small while it runs and told at its end.
 */
import type { Refusal } from './frontier.js';
import { isBroken, isDocument } from './page.js';
import type { Page } from './page.js';
import { printable } from './printable.js';

/** A link that leads nowhere. */
export interface Broken {
  readonly url: string;
  /** The status, or why there is none. */
  readonly problem: string;
  /** A page that names it. */
  readonly from: string | undefined;
  /** How many other pages do. */
  readonly others: number;
}

const SLOWEST = 5;
const MAX_HOPS = 5;
/** How many broken links are kept, and how many are printed. */
const MAX_BROKEN = 10_000;
const PRINTED_BROKEN = 50;
/** How many links are counted, unless told otherwise; beyond that new ones are not. */
const MAX_COUNTED = 100_000;

export class Summary {
  readonly #capacity: number;
  readonly #statuses = new Map<string, number>();
  readonly #mentions = new Map<string, number>();
  readonly #redirects = new Map<string, Page>();
  readonly #broken: Page[] = [];
  #slowest: Page[] = [];
  #visits = 0;
  #documents = 0;
  #bytes = 0;
  #brokenCount = 0;

  /** @param capacity how many links are counted; beyond that, new ones are not. */
  constructor(capacity: number = MAX_COUNTED) {
    this.#capacity = capacity;
  }

  /** Everything that was asked for, redirects and broken links too. */
  get visits(): number {
    return this.#visits;
  }

  /** Pages that were read to their end. */
  get documents(): number {
    return this.#documents;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Broken links so far; loops of redirects show only at the end. */
  get brokenCount(): number {
    return this.#brokenCount;
  }

  get statuses(): ReadonlyMap<string, number> {
    return this.#statuses;
  }

  /** The slowest pages, the slowest first. */
  get slowest(): readonly Page[] {
    return this.#slowest;
  }

  add(page: Page): void {
    this.#visits += 1;
    this.#bytes += page.bytes;
    count(this.#statuses, page.status === undefined ? 'no answer' : String(page.status));
    if (isDocument(page)) this.#documents += 1;
    if (isBroken(page)) {
      this.#brokenCount += 1;
      if (this.#broken.length < MAX_BROKEN) this.#broken.push(page);
    } else if (page.location !== undefined) {
      this.#redirects.set(page.url, page);
    }
    this.#slowest = [...this.#slowest, page].sort((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    for (const link of page.links) {
      if (this.#mentions.size < this.#capacity || this.#mentions.has(link)) {
        count(this.#mentions, link);
      }
    }
  }

  /** Links that lead nowhere, in the order of their URLs. */
  broken(): readonly Broken[] {
    const broken = this.#broken.map((page) => this.#asBroken(page, page.problem ?? String(page.status)));
    for (const page of this.#redirects.values()) {
      // Only the first of a row: the others are not links of a page.
      const problem = page.hops === 0 ? this.#problemOfRow(page) : undefined;
      if (problem !== undefined) broken.push(this.#asBroken(page, problem));
    }
    return broken.sort((a, b) => (a.url < b.url ? -1 : 1));
  }

  /**
   * What people read at the end.
   *
   * @param ms how long it took.
   * @param refused links that were not followed.
   */
  render(ms: number, refused: ReadonlyMap<Refusal, number>): string {
    const rate = ms > 0 ? (this.#documents / ms) * 1000 : 0;
    const statuses = [...this.#statuses].sort(([a], [b]) => (a < b ? -1 : 1));
    const lines = [
      '',
      `  pages      ${number(this.#documents)} of ${number(this.#visits)} URLs`,
      `  bytes      ${size(this.#bytes)}`,
      `  statuses   ${statuses.map(([status, n]) => `${status} × ${number(n)}`).join('   ')}`,
    ];
    if (refused.size > 0) {
      const reasons = [...refused].map(([reason, n]) => `${number(n)} (${reason})`);
      lines.push(`  left out   ${reasons.join('   ')}`);
    }
    lines.push(`  time       ${duration(ms)}, ${rate.toFixed(rate < 10 ? 1 : 0)} pages a second`);
    lines.push(...this.#renderBroken(), ...this.#renderSlowest(), '');
    return lines.join('\n');
  }

  #renderBroken(): string[] {
    const broken = this.broken();
    if (broken.length === 0) return ['', '  no broken links'];
    const lines = ['', `  broken links (${number(broken.length)})`];
    for (const { url, problem, from, others } of broken.slice(0, PRINTED_BROKEN)) {
      const more = others > 0 ? ` and ${number(others)} more` : '';
      lines.push(`    ${printable(url)}: ${printable(problem)}`);
      if (from !== undefined) lines.push(`      on ${printable(from)}${more}`);
    }
    const hidden = broken.length - PRINTED_BROKEN;
    if (hidden > 0) lines.push(`    and ${number(hidden)} more`);
    return lines;
  }

  #renderSlowest(): string[] {
    if (this.#slowest.length === 0) return [];
    return [
      '',
      '  slowest',
      ...this.#slowest.map(({ ms, url }) => `    ${duration(ms).padStart(7)}  ${printable(url)}`),
    ];
  }

  #asBroken(page: Page, problem: string): Broken {
    const others = Math.max(0, (this.#mentions.get(page.url) ?? 0) - 1);
    return { url: page.url, problem, from: page.from, others };
  }

  /** What is wrong with a row of redirects. */
  #problemOfRow(first: Page): string | undefined {
    const passed = new Set<string>();
    let page: Page | undefined = first;
    while (page?.location !== undefined) {
      if (passed.has(page.url)) return 'redirects in a circle';
      passed.add(page.url);
      if (passed.size > MAX_HOPS) return 'too many redirects';
      page = this.#redirects.get(page.location);
    }
    return undefined;
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function number(n: number): string {
  return n.toLocaleString('en');
}

/** Bytes, as people say them. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(amount) : amount.toFixed(amount < 10 ? 1 : 0)} ${units[unit] ?? ''}`;
}

/** Milliseconds, as people say them. */
export function duration(ms: number): string {
  if (ms < 1000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}
