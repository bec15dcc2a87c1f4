/**
 * Which links belong to the crawl: those of the sites it was sent to, as far as these allow it.
 */
import type { Refusal } from './frontier.js';
import { NOTHING } from './robots.js';
import type { Robots } from './robots.js';
import { originOf } from './url.js';

export class Scope {
  /** A site that has not said what it allows has allowed nothing. */
  readonly #sites: Map<string, Robots>;

  /** @param urls a page of each site; its scheme, host and port are the site. */
  constructor(urls: readonly string[]) {
    this.#sites = new Map(urls.map((url) => [originOf(url), NOTHING]));
  }

  get origins(): readonly string[] {
    return [...this.#sites.keys()];
  }

  /** Notes what a site allows. */
  learn(origin: string, robots: Robots): void {
    this.#sites.set(origin, robots);
  }

  /** Why `url` is not to be visited; `undefined` when it may be. */
  refuse(url: string): Refusal | undefined {
    const robots = this.#sites.get(originOf(url));
    if (robots === undefined) return 'another site';
    return robots.allows(url) ? undefined : 'robots.txt';
  }
}
