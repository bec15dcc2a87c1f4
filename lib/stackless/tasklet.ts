/** The handle of a tasklet, which can be called to set it up. */
import { callable, show } from '../kernel/options.js';
import { taskletBody } from './body.js';
import { Callable } from './callable.js';
import { caller, withTurn } from './calling.js';
import { RuntimeError, TaskletExit, type ErrorClass } from './errors.js';
import { Life } from './life.js';
import { payload } from './payload.js';
import { neighbourOf } from './ring.js';
import { throwAt, type ThrowOptions } from './throwing.js';

type Bound = (...args: never[]) => unknown;

/** A tasklet that is set up by calling it, with the arguments of its function. */
export type CallableTasklet<A extends unknown[]> = Tasklet & ((...args: A) => Tasklet);

/**
 * A tasklet that runs `fn`, by default none yet. It is neither alive nor in the ring before it is set up:
 * `tasklet(fn)(...args)`.
 *
 * @throws {TypeError} `fn` is no function. Source: Stackless `tasklet`.
 */
export function tasklet<A extends unknown[] = unknown[]>(fn?: (...args: A) => unknown): CallableTasklet<A> {
  return new Tasklet().bind(fn) as CallableTasklet<A>;
}

/**
 * The handle of a tasklet: who is told what to do, and asked how it is.
 *
 * What may switch returns a promise; the rest acts at once. Errors are {@link RuntimeError} unless said.
 * Source: Stackless `tasklet`.
 */
export class Tasklet extends Callable {
  /** An operation that would have to wait raises instead, and changes nothing. Source: `block_trap`. */
  blockTrap = false;
  #atomic = false;
  #fn: Bound | null = null;
  /** @internal The life it has, or had last. */
  life: Life | null = null;

  /**
   * Gives it a function, and with `args` also a life, paused. With neither, it loses both: a paused tasklet
   * is dropped, and not even its `finally` blocks run. `undefined` as `fn` keeps the function it has.
   *
   * @throws it has the turn, is scheduled or blocked, is main, or is inside `run()`. {TypeError} `fn` is no
   * function. Source: Stackless `bind`.
   */
  bind<A extends unknown[]>(fn?: (...args: A) => unknown, args?: A): this {
    if (fn !== undefined) callable(fn, 'fn', 'bind');
    if (args !== undefined && !Array.isArray(args)) {
      throw new TypeError(`bind: args must be an array, not ${show(args)}`);
    }
    const bound = args === undefined ? (fn ?? null) : (fn ?? this.#bound());
    if (this.life?.alive === true) this.#drop(this.life);
    this.#fn = bound;
    if (args !== undefined) this.#begin(args);
    return this;
  }

  /**
   * Gives it a life with `args`, last in the ring; the caller goes on. To call the tasklet is the same.
   *
   * @throws it is alive, or has no function. Source: Stackless `setup`.
   */
  override setup(...args: unknown[]): this {
    if (this.alive) throw new RuntimeError('tasklet is alive');
    this.#begin(args).enter();
    return this;
  }

  #begin(args: readonly unknown[]): Life {
    const fn = this.#bound();
    const { world } = this.life ?? caller();
    this.#fn = null;
    this.life = new Life(
      world,
      this,
      fn.name,
      taskletBody(() => fn(...(args as never[]))),
    );
    return this.life;
  }

  #bound(): Bound {
    if (this.#fn === null) throw new RuntimeError('the tasklet was not bound to a function');
    return this.#fn;
  }

  #drop(life: Life): void {
    const { world } = life;
    if (life.holds) throw new RuntimeError("can't (re)bind the current tasklet");
    if (life.inRing || life.blocked) throw new RuntimeError('tasklet is scheduled');
    if (life === world.main) throw new RuntimeError("can't (re)bind the main tasklet");
    if (world.watchdogs.includes(life)) throw new RuntimeError("can't (re)bind a tasklet inside run()");
    life.drop();
  }

  /**
   * Puts it last in the ring; one that is there stays where it is. Also wakes a caller of `run()` early.
   *
   * @throws it is blocked, or dead. Source: Stackless `insert`.
   */
  insert(): this {
    this.#runnable().enter();
    return this;
  }

  /**
   * Takes it out of the ring: it is paused, until it is inserted again. One that is not there stays as it is.
   *
   * @throws it is blocked, or has the turn. Source: Stackless `remove`.
   */
  remove(): this {
    const { life } = this;
    if (life === null || !life.alive) return this;
    if (life.blocked) throw new RuntimeError('You cannot remove a blocked tasklet.');
    if (life.holds) throw new RuntimeError('The current tasklet cannot be removed.');
    if (life.inRing) life.leave();
    return this;
  }

  /**
   * Gives it the turn now. The caller keeps its place in the ring.
   *
   * One that is in the ring keeps its place too: then it *and all that stand behind it* run before the
   * caller does. One that is paused goes last, so that the caller is next after it. To run oneself does
   * nothing.
   *
   * @returns the `tempval` of the caller, which is nothing unless somebody set it.
   * @throws it is blocked, or dead. Source: Stackless `tasklet.run`.
   */
  run(): Promise<unknown> {
    return withTurn((me) => {
      if (this.life === me) return Promise.resolve();
      const life = this.#runnable();
      me.world.guard(life.waiter);
      life.enter();
      return me.world.switch(me, life.waiter);
    });
  }

  /**
   * Like {@link Tasklet.run}, but the caller is paused until somebody inserts it again.
   *
   * @returns the `tempval` of the caller.
   * @throws it is blocked, or dead. Source: Stackless `tasklet.switch`.
   */
  switch(): Promise<unknown> {
    return withTurn((me) => {
      if (this.life === me) return Promise.resolve();
      const life = this.#runnable();
      me.world.guard(life.waiter);
      life.enter();
      return me.world.switchAway(me, life.waiter);
    });
  }

  /**
   * Raises {@link TaskletExit} in it, which ends it silently; see {@link Tasklet.throw}. To kill a dead one
   * does nothing. Source: Stackless `kill`.
   */
  kill(options?: ThrowOptions): Promise<void> {
    return this.throw(new TaskletExit(), options);
  }

  /**
   * Raises `error` in it: at once, it has the turn next; `pending`, when its turn comes.
   *
   * It leaves its channel before this returns. One that is in the ring keeps its place, so that those behind
   * it run before the caller does; another one goes last. Raised in the caller itself, it comes out of here.
   * Raised in one that has not begun, its function is never entered. One that awaits something foreign gets
   * it at its next operation, and the caller goes on.
   *
   * @throws {TypeError} `error` is no `Error`. It is dead, and the error not a {@link TaskletExit}.
   * Source: Stackless `throw`.
   */
  throw(error: Error, options?: ThrowOptions): Promise<void> {
    return throwAt(this, error, options);
  }

  /** `throw(new ErrorClass(...args))`. Source: Stackless `raise_exception`. */
  raiseException<A extends unknown[]>(ErrorClass: ErrorClass<A>, ...args: A): Promise<void> {
    try {
      callable(ErrorClass, 'the class of the error', 'raiseException');
      return this.throw(new ErrorClass(...args));
    } catch (mistake) {
      return Promise.reject(mistake);
    }
  }

  /** It was set up, and its function is not over. */
  get alive(): boolean {
    return this.life?.alive === true;
  }

  /** It waits at a channel, or for something that is not Stackless's. */
  get blocked(): boolean {
    return this.life?.blocked === true;
  }

  /** It is in the ring, or blocked. */
  get scheduled(): boolean {
    return this.alive && (this.blocked || this.life?.inRing === true);
  }

  /** It is alive, not in the ring and not blocked: removed, switched away from, or inside `run()`. */
  get paused(): boolean {
    return this.alive && !this.scheduled;
  }

  get isMain(): boolean {
    return this.life !== null && this.life === this.life.world.main;
  }

  get isCurrent(): boolean {
    return this.life?.holds === true;
  }

  /** Who stands behind it: in the ring, which goes round, or at its channel, `null` at the end. */
  get next(): Tasklet | null {
    return this.life === null ? null : neighbourOf(this.life, 'next');
  }

  /** Who stands before it. */
  get prev(): Tasklet | null {
    return this.life === null ? null : neighbourOf(this.life, 'prev');
  }

  /** What the operation it waits for will return; may be set by others. Source: Stackless `tempval`. */
  get tempval(): unknown {
    return this.life?.slot;
  }

  set tempval(value: unknown) {
    this.life?.store(payload(value, 'tempval'));
  }

  /** A mark without an effect: nothing here interrupts a tasklet between two waits. */
  get atomic(): boolean {
    return this.#atomic;
  }

  /** @returns what it was before. Source: Stackless `set_atomic`. */
  setAtomic(flag: boolean): boolean {
    const before = this.#atomic;
    this.#atomic = flag;
    return before;
  }

  #runnable(): Life {
    const { life } = this;
    if (life === null || !life.alive) throw new RuntimeError('You cannot run an unbound(dead) tasklet');
    if (life.blocked) throw new RuntimeError('You cannot run a blocked tasklet');
    return life;
  }
}
