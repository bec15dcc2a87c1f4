import type { Channel } from '../kernel/channel.js';
import { here } from '../kernel/caller.js';
import { line } from '../kernel/line.js';
import { callable, duration, readOptions, whole } from '../kernel/options.js';
import { Tasklet } from './tasklet.js';

export interface SuperviseOptions {
  /** How many restarts are borne within a stretch of time, from 0; 1 by default. */
  intensity?: number;
  /** How long that stretch is, in milliseconds; 5000 by default. */
  within?: number;
}

/**
 * Runs `children` and starts each one again that fails, until all have ended well or were killed.
 *
 * When there are more failures than `intensity` within `within` milliseconds, to start again is no help: the
 * last one's error is raised. Then, and when the supervisor is killed, the other children are killed in
 * reverse order, each when the one after it has ended. Source: Erlang's supervisors, one for one.
 *
 * @param children functions, each a tasklet at a time.
 * @throws the error that was one too many. {TypeError | RangeError} a wrong or unknown option.
 * @example
 * spawn(() => supervise([listen, clean], { intensity: 3, within: 10_000 }));
 */
export async function supervise(
  children: (() => unknown) | readonly (() => unknown)[],
  options?: SuperviseOptions,
): Promise<void> {
  const list = typeof children === 'function' ? [children] : [...children];
  for (const child of list) callable(child, 'a child', 'supervise');
  const given = readOptions(options, ['intensity', 'within'], 'supervise');
  const { intensity = 1, within = 5000 } = given;
  whole(intensity, 0, 'intensity', 'supervise');
  duration(within, 'within', 'supervise');
  const family = new Family(list);
  try {
    await family.watch(intensity, within);
  } finally {
    await family.stop();
  }
}

class Family {
  private readonly fns: readonly (() => unknown)[];
  private readonly living: Tasklet[];
  /** The places of those that have ended. */
  private readonly ends: Channel<number> = line('the end of a child');

  constructor(fns: readonly (() => unknown)[]) {
    this.fns = fns;
    this.living = fns.map((_, place) => this.begin(place));
  }

  async watch(intensity: number, within: number): Promise<void> {
    const { clock } = here();
    let failures: number[] = [];
    for (let left = this.fns.length; left > 0;) {
      const place = await this.ends.receive();
      const child = this.living[place] as Tasklet;
      const { failure } = child;
      if (failure === undefined) {
        left--;
        continue;
      }
      child.observe();
      const now = clock.now();
      failures = failures.filter((time) => now - time < within);
      if (failures.length >= intensity) throw failure.error;
      failures.push(now);
      this.living[place] = this.begin(place);
    }
  }

  /** An error of their clean-up is nobody's, and reported. */
  async stop(): Promise<void> {
    for (const child of this.living.toReversed()) {
      child.kill();
      try {
        while (child.alive) await this.ends.receive();
      } catch (error) {
        // Killed again: no time is left to do it one after the other.
        for (const each of this.living) each.kill();
        throw error;
      }
    }
  }

  private begin(place: number): Tasklet {
    const child = new Tasklet(this.fns[place] as () => unknown);
    child.atEnd(() => this.ends.post(place));
    return child.start();
  }
}
