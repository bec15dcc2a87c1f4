/**
 * Values of a tasklet's own.
 *
 * A tasklet shares its parent's table until one of the two sets a value; then it gets its own copy. So to
 * spawn costs nothing, and what a child sets its parent never sees.
 */
import { identity } from '../kernel/identity.js';

export type Locals = ReadonlyMap<Local<unknown>, unknown>;

interface Holder {
  locals: Locals | null;
}

/** Code outside tasklets has values too. */
const outside: Holder = { locals: null };

function holder(): Holder {
  return (identity.current()?.owner as Holder | undefined) ?? outside;
}

/** @internal What a tasklet starts with whose parent is `parent`. */
export function inherited(parent: Holder | undefined): Locals | null {
  return (parent ?? outside).locals;
}

/**
 * A value that each tasklet has for itself, inherited at spawn: a request's id, a logger, a transaction.
 *
 * It is the tasklet's wherever its code runs, after any `await`. Source: Python's `threading.local` and
 * `contextvars`.
 *
 * @example
 * const user = new Local('nobody');
 * spawn(async () => {
 *   user.set('ada');
 *   await spawn(() => user.get()).join(); // 'ada': inherited
 * });
 * user.get(); // 'nobody'
 */
export class Local<T> {
  private readonly initial: T;

  /** @param initial what it is where nobody has set it. */
  constructor(initial: T) {
    this.initial = initial;
  }

  /** The running tasklet's value. */
  get(): T {
    const { locals } = holder();
    const self = this as Local<unknown>;
    return locals?.has(self) === true ? (locals.get(self) as T) : this.initial;
  }

  /** Sets the running tasklet's value; those it spawns from now on inherit it. */
  set(value: T): void {
    const mine = holder();
    mine.locals = new Map(mine.locals).set(this, value);
  }
}
