/**
 * What the kernel asks of those above it, whom it does not know: tasklets, a program that runs, observers.
 */
import type { DeadlockError, Waiting } from './errors.js';
import type { Side, Waiter } from './waiter.js';

/** A tasklet, as the kernel sees it. */
export interface Body extends Waiting {
  readonly daemon: boolean;
  readonly alive: boolean;
  readonly parent: Body | undefined;
  /** @internal Its first turn has come. */
  begin(): void;
  kill(): void;
  /** @internal Calls `task`, which must not throw, when it has ended. @returns how to take that back. */
  atEnd(task: () => void): () => void;
}

/** Who answers for the tasklets of a scheduler while a `run()` is active. */
export interface Supervisor {
  /** A tasklet has ended. */
  ended(): void;
  /** A tasklet failed, and nobody joins it. */
  crashed(error: unknown): void;
  /** The event loop has run dry while tasklets wait. */
  deadlocked(error: DeadlockError): void;
}

/** What wants to know about turns. Told after the fact, and must not throw. */
export interface Observer {
  switched?(from: Waiter, to: Waiter): void;
  /** Told before it stands on `side`. */
  blocked?(waiter: Waiter, side: Side | null): void;
  woken?(waiter: Waiter): void;
}

/** Decides who has the next turn, and when the world has one. */
export interface Policy {
  /**
   * `waiter` is about to have the turn; if it is RUNNING, it has it, and goes on without waiting. Whether the world
   * is to have a turn first.
   */
  holds(waiter: Waiter): boolean;
  /** The world has the turn, although somebody can run; `depart` of the scheduler ends it. */
  rested(): void;
  /** A number from 0 to `count` - 1, for a select of which `count` cases are ready. */
  draw(count: number): number;
}
