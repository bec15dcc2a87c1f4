/**
 * Who waits, and the circles they stand in.
 *
 * A waiter is a tasklet, a guest (an operation that no tasklet can carry), one arm of a select, or a
 * posted value. It stands in at most one circle at a time: the ring of its scheduler, or one side of one
 * channel. That is why leaving costs the same from the middle as from the front, and why nothing is
 * allocated to wait or left behind after a million timeouts.
 *
 * All of them are one class on purpose: the hot paths then see objects of a single shape.
 */
import type { Extra } from './extra.js';
import type { Limit } from './limit.js';
import type { Scheduler } from './scheduler.js';

/** What kind of waiter it is. */
export const TASKLET = 0;
/** Carries one operation for code that holds no turn. */
export const GUEST = 1;
/** A value from a callback: nobody waits for it to be taken. */
export const POSTED = 2;
/** One case of a select. */
export const ARM = 3;
/** A small deed of the kernel's own that waits for its turn in the ring. */
export const ERRAND = 4;
/** The event loop: has the turn while nobody else can, or while it must. */
export const WORLD = 5;

/** It goes on by itself: it has the turn, or awaits something foreign. */
export const RUNNING = 0;
/** Not yet begun. */
export const FRESH = 1;
/** In the ring, its wait settled: nothing can change the outcome any more. */
export const READY = 2;
/** In the ring by its own wish (`schedule`); it can still be interrupted there. */
export const YIELDING = 3;
export const SENDING = 4;
export const RECEIVING = 5;
/** Receiving, and the answer is an iterator's result. */
export const NEXTING = 6;
export const SELECTING = 7;
/** Its tasklet is over. */
export const ENDED = 8;

type Settle = (outcome: unknown) => void;

/**
 * Settling a promise with this rejects it. So a waiter need not hold a second function, which nearly none will
 * call; and no promise is ever rejected before somebody looks at it, which Node would write down.
 */
class Thrown {
  private readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }

  then(_: Settle, reject: Settle): void {
    reject(this.error);
  }
}

export class Waiter {
  next: Waiter = this;
  prev: Waiter = this;
  /** Its neighbours among the live tasklets of its scheduler. */
  older: Waiter | null = null;
  newer: Waiter | null = null;
  /** The side of a channel it stands in; `null` in the ring and nowhere. */
  side: Side | null = null;
  doing: number = RUNNING;
  readonly kind: number;
  /** What it offers while it sends; afterwards what its wait came to. */
  value: unknown = undefined;
  /** `value` is an error, to be raised. */
  failed = false;
  /**
   * The promise of its last wait, if it could be interrupted. It and `settle` stay until the next one: to clear
   * them costs, and nobody looks.
   */
  wait: Promise<unknown> | null = null;
  private settle: Settle | null = null;
  /** A deadline or an abort signal on the present wait. */
  limit: Limit | null = null;
  /** Everything rare: what is to be raised, guests, being paused. `null` for nearly everybody. */
  extra: Extra | null = null;
  /** The arms of a select, kept for the next one; of an arm, `null`. */
  arms: Waiter[] | null = null;
  /**
   * Whose it is: a tasklet's own object; of a guest the tasklet's waiter; of an arm the selecting one; of a
   * posted value who offers it, if anybody wants to know at once that it was taken.
   */
  owner: unknown;
  readonly scheduler: Scheduler;
  /** When it began to wait, in whole milliseconds of the scheduler's coarse clock. */
  since = 0;
  /**
   * The name of a select's case; the deed of an errand; what to call when a posted value was taken; of a
   * tasklet of Stackless, its life there.
   */
  tag: unknown = undefined;

  constructor(kind: number, scheduler: Scheduler, owner: unknown) {
    this.kind = kind;
    this.scheduler = scheduler;
    this.owner = owner;
  }

  /** The promise of a new wait. Exactly one {@link go} will settle it. */
  park(): Promise<unknown> {
    const promise = this.begin();
    this.wait = promise;
    return promise;
  }

  /** The promise of a wait whose outcome is fixed already: nothing else can be raised in it. */
  turn(): Promise<unknown> {
    this.wait = null;
    return this.begin();
  }

  /** Another promise for the wait it is in. */
  again(): Promise<unknown> {
    const settle = this.settle as Settle;
    return new Promise<unknown>((resolve) => {
      this.settle = (outcome) => {
        settle(outcome);
        resolve(outcome);
      };
    });
  }

  private begin(): Promise<unknown> {
    this.since = this.scheduler.coarse;
    // A closure, not one function for all: V8 makes the promise without calling it.
    return new Promise<unknown>((settle) => {
      this.settle = settle;
    });
  }

  /** Ends the wait: what stands behind the `await` goes on in a microtask of its own. */
  go(): void {
    const { value } = this;
    this.doing = RUNNING;
    this.value = undefined;
    if (this.failed) this.raise(value);
    else (this.settle as Settle)(value);
  }

  private raise(error: unknown): void {
    this.failed = false;
    (this.settle as Settle)(new Thrown(error));
  }

  /** Forgets its last wait. */
  clear(): void {
    this.wait = null;
    this.settle = null;
  }
}

/** Puts `waiter` just before `mark` in the circle of `mark`. */
export function insertBefore(waiter: Waiter, mark: Waiter): void {
  const { prev } = mark;
  waiter.prev = prev;
  waiter.next = mark;
  prev.next = waiter;
  mark.prev = waiter;
}

/** Takes `waiter` out of the circle it stands in. */
export function unlink(waiter: Waiter): void {
  const { prev, next } = waiter;
  prev.next = next;
  next.prev = prev;
  waiter.prev = waiter;
  waiter.next = waiter;
}

/** One side of a channel: those who send, or those who receive, first come first served. */
export class Side {
  first: Waiter | null = null;
  size = 0;
  /** What those who stand here wait for, in words; asked for only when somebody wants to know. */
  readonly channel: { describe(sending: boolean): string };
  readonly sending: boolean;
  /** Told when the last one leaves; only sides that must know set it. */
  emptied: (() => void) | null = null;

  constructor(channel: { describe(sending: boolean): string }, sending: boolean) {
    this.channel = channel;
    this.sending = sending;
  }

  push(waiter: Waiter): void {
    const { first } = this;
    if (first === null) this.first = waiter;
    else insertBefore(waiter, first);
    waiter.side = this;
    this.size++;
  }

  /** Takes out `waiter`, who stands here. */
  remove(waiter: Waiter): void {
    const { next } = waiter;
    if (next === waiter) this.first = null;
    else {
      if (this.first === waiter) this.first = next;
      unlink(waiter);
    }
    waiter.side = null;
    if (--this.size === 0 && this.emptied !== null) this.emptied();
  }
}
