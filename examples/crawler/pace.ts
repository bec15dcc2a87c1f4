/**
 * How soon a host may be asked again.
 *
 * Every request takes a turn, retries and redirects too. Turns are handed out in the order they
 * are asked for, and each is a moment in time: nobody has to be woken by the one before, so a
 * visit that is killed while it waits holds up nobody.
 */
import { sleep } from 'evergreen-tasklets';

export class Pace {
  readonly #delay: number;
  readonly #delays = new Map<string, number>();
  readonly #next = new Map<string, number>();

  /** @param delay milliseconds between two requests to one host. */
  constructor(delay: number) {
    this.#delay = delay;
  }

  /** Asks a host, by one of its pages, less often than that. */
  slowDown(url: string, delay: number): void {
    this.#delays.set(new URL(url).host, Math.max(delay, this.#delay));
  }

  /** Waits until the host of `url` may be asked. */
  async turn(url: string): Promise<void> {
    const wait = this.reserve(url, performance.now());
    if (wait > 0) await sleep(wait);
  }

  /** Takes the next turn of the host of `url`; returns how long it is until then. */
  reserve(url: string, now: number): number {
    const { host } = new URL(url);
    const mine = Math.max(now, this.#next.get(host) ?? 0);
    this.#next.set(host, mine + (this.#delays.get(host) ?? this.#delay));
    return mine - now;
  }
}
