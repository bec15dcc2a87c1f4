import type { Scheduler } from '../kernel/scheduler.js';
import type { VirtualClock } from './virtual-clock.js';

/** What is explored: run as `main`, again and again, each time from the beginning. */
export type Program<R> = (world: World) => R | PromiseLike<R>;

/** What a program under exploration can ask for. */
export interface World {
  readonly scheduler: Scheduler;
  readonly clock: VirtualClock;
  /** Lets `tasklet` be killed once, at any step while it lives. @returns `tasklet`. */
  readonly killable: <T extends Mortal>(tasklet: T) => T;
  /** A number from 0 to `count` - 1: every one of them, in some run. */
  readonly choose: (count: number) => number;
}

/** Who may be killed. */
export interface Mortal {
  readonly name: string;
  readonly alive: boolean;
  kill(): void;
}

/** How a run went. */
export interface Outcome<R> {
  readonly value: R | undefined;
  /** What went wrong. */
  readonly failure: { readonly error: unknown } | undefined;
  /** What was decided each time, and among how many. */
  readonly picks: readonly number[];
  readonly counts: readonly number[];
  readonly story: string;
}
