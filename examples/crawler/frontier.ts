/**
 * The edge of what is known: pages that were named and not yet visited.
 *
 * Always true: a page is offered once, whoever names it and however often; no host has more
 * than its share of pages in hand; hosts take turns, so that a slow one holds up only itself.
 * Nothing here waits. Who waits for a page, or for a place, is the crawl's business.
 */

/** A page to visit. */
export interface Job {
  readonly url: string;
  readonly from?: string | undefined;
  readonly hops: number;
}

/** Why a link was not followed. */
export type Refusal =
  'another site' | 'robots.txt' | 'too many redirects' | 'the host stopped answering' | 'no room';

export interface FrontierOptions {
  /** Pages of one host that may be in hand at once. */
  readonly perHost: number;
  /** Pages to offer before the crawl ends. */
  readonly maxPages: number;
  /** Says why a link is not to be followed. */
  readonly refuse?: (url: string) => Refusal | undefined;
  /** Redirects in a row before one gives up; 5 by default. */
  readonly maxHops?: number;
  /** Visits in a row without an answer before one gives a host up; 10 by default. */
  readonly maxSilence?: number;
  /** Links that are remembered, followed or not; a million by default. */
  readonly capacity?: number;
}

export class Frontier {
  readonly #options: Required<FrontierOptions>;
  readonly #known = new Set<string>();
  readonly #hosts = new Map<string, Host>();
  readonly #refused = new Map<Refusal, number>();
  #waiting = 0;
  #inHand = 0;
  #offers: number;

  constructor(options: FrontierOptions) {
    this.#options = {
      refuse: () => undefined,
      maxHops: 5,
      maxSilence: 10,
      capacity: 1_000_000,
      ...options,
    };
    this.#offers = options.maxPages;
  }

  /** Pages waiting to be visited. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Pages being visited. */
  get inHand(): number {
    return this.#inHand;
  }

  /** Nothing more to visit, and nobody out who might still bring something. */
  get finished(): boolean {
    return (this.#waiting === 0 || this.#offers === 0) && this.#inHand === 0;
  }

  /** How many different links were not followed, by reason. */
  get refused(): ReadonlyMap<Refusal, number> {
    return this.#refused;
  }

  /** Notes a page that was visited in an earlier crawl: it is known, and not offered. */
  know(url: string): void {
    this.#known.add(url);
  }

  /** Adds a page unless it is known or refused; says whether it was added. */
  add(job: Job): boolean {
    if (this.#known.has(job.url)) return false;
    const refusal = this.#refusalOf(job);
    if (refusal !== undefined) this.#count(refusal, 1);
    // Beyond capacity nothing is remembered, or the memory would be the thing without bound.
    if (refusal !== 'no room') this.#known.add(job.url);
    if (refusal !== undefined) return false;
    this.#host(job.url).waiting.push(job);
    this.#waiting += 1;
    return true;
  }

  /** The page to visit next; it stays here until it is taken. */
  peek(): Job | undefined {
    if (this.#offers === 0) return undefined;
    for (const host of this.#hosts.values()) {
      if (host.inHand < this.#options.perHost && host.waiting.length > 0) return host.waiting.first;
    }
    return undefined;
  }

  /** Takes what {@link peek} names: somebody visits it. */
  take(): Job | undefined {
    const job = this.peek();
    if (job === undefined) return undefined;
    const host = this.#host(job.url);
    host.waiting.shift();
    host.inHand += 1;
    this.#waiting -= 1;
    this.#inHand += 1;
    this.#offers -= 1;
    // The others are asked first the next time.
    this.#hosts.delete(host.name);
    this.#hosts.set(host.name, host);
    return job;
  }

  /** The visit is over; `answered` says whether the host gave any sign of life. */
  finish(url: string, answered: boolean): void {
    const host = this.#host(url);
    host.inHand -= 1;
    this.#inHand -= 1;
    host.silence = answered ? 0 : host.silence + 1;
    if (host.silence >= this.#options.maxSilence) this.#giveUp(host);
  }

  #giveUp(host: Host): void {
    host.lost = true;
    this.#count('the host stopped answering', host.waiting.length);
    this.#waiting -= host.waiting.length;
    host.waiting.clear();
  }

  #refusalOf(job: Job): Refusal | undefined {
    if (this.#known.size >= this.#options.capacity) return 'no room';
    if (job.hops > this.#options.maxHops) return 'too many redirects';
    const refusal = this.#options.refuse(job.url);
    if (refusal !== undefined) return refusal;
    return this.#host(job.url).lost ? 'the host stopped answering' : undefined;
  }

  #count(refusal: Refusal, links: number): void {
    if (links > 0) this.#refused.set(refusal, (this.#refused.get(refusal) ?? 0) + links);
  }

  #host(url: string): Host {
    const name = new URL(url).host;
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { name, waiting: new Line(), inHand: 0, silence: 0, lost: false };
      this.#hosts.set(name, host);
    }
    return host;
  }
}

interface Host {
  readonly name: string;
  readonly waiting: Line<Job>;
  inHand: number;
  /** Visits in a row without an answer. */
  silence: number;
  lost: boolean;
}

/** First come, first served; an array alone would move a million entries for each that leaves. */
class Line<T> {
  #items: T[] = [];
  #gone = 0;

  get length(): number {
    return this.#items.length - this.#gone;
  }

  get first(): T | undefined {
    return this.#items[this.#gone];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): void {
    this.#gone += 1;
    if (this.#gone > 1024 && this.#gone * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#gone);
      this.#gone = 0;
    }
  }

  clear(): void {
    this.#items = [];
    this.#gone = 0;
  }
}
