// An exploration: tasklets whose body is a generator, on the kernel of the library as it is.
//
// Always true: such a tasklet is an ordinary one. It stands in the same ring and on the same channels, has its turns
// in the same order, can be killed, paused and joined, and meets tasklets whose body is async. Only how it goes on is
// different: no promise is settled, the trampoline calls `next` of its body. When the turn goes from one generator to
// the next, no microtask passes either.
//
// The frequent cases are written out on the kernel's own primitives. Every rare one (limits, a kill that is to be
// raised, an observer, an ended channel) goes the ordinary way, by a promise: a body may yield any promise, which is
// what `await` is to an async function.

import type { Case } from '../../lib/kernel/case.js';
import type { Channel } from '../../lib/kernel/channel.js';
import type { Tasklet } from '../../lib/tasklet/tasklet.js';
import type { Waiter } from '../../lib/kernel/waiter.js';
import type { Library } from '../harness/question.js';
import type { Kernel } from './kernel.js';

/** What a body may yield: a promise to wait for; nothing, if it is parked. */
type Yielded = PromiseLike<unknown> | undefined;

export type Body<R> = Generator<Yielded, R, unknown>;

/** An operation, for `yield*`: does nothing before. */
export interface Operation<T> {
  [Symbol.iterator](): Iterator<Yielded, T, unknown>;
}

export interface Generators {
  /** Makes a tasklet of `body`, like `spawn`. */
  readonly spawnGenerator: <R>(body: () => Body<R>) => Tasklet<R>;
  readonly receive: <T>(channel: Channel<T>) => Operation<T>;
  readonly send: <T>(channel: Channel<T>, value: T) => Operation<void>;
  readonly schedule: () => Operation<void>;
  readonly select: <T>(
    cases: Readonly<Record<string, Case<T>>>,
  ) => Operation<{ readonly case: string; readonly value: T }>;
  /** Waits for any other operation of the library, or for a foreign promise, whose code stays this tasklet's. */
  readonly wait: <T>(begin: () => PromiseLike<T>) => Operation<T>;
}

/** What is private in a waiter, and would be a part of it. */
interface Parking {
  settle: (outcome: unknown) => void;
}

const RECEIVE = 0;
const SEND = 1;
const SCHEDULE = 2;
const SELECT = 3;
const WAIT = 4;

/** The step of a body that has to wait. */
const PARKED = { done: false, value: undefined } as const;

export function generators(library: Library, kernel: Kernel): Generators {
  const { identity, Waiter, grant, insertBefore, isReady, isThenable, letGo, meet, queue } = kernel;
  const { ARM, POSTED, READY, RECEIVING, SELECTING, SENDING, TASKLET, YIELDING } = kernel;
  const Thrown = thrown(new Waiter(TASKLET, library.defaultScheduler, null));

  /** Whose body is running, its code on the stack. */
  let running: Runner | null = null;
  /** Who has the turn, and is yet to be resumed. */
  let next: Runner | null = null;
  let bouncing = false;
  let live = 0;

  // Who is calling, asked by code on the stack of a body. In the kernel this would be a line of `identity`: to say it
  // to the platform at every switch would cost more than the switch.
  const outside = identity.current.bind(identity);
  const inside = (): Waiter | undefined => (running === null ? outside() : running.waiter);

  const settled = Promise.resolve();

  /** `runner` goes on when whoever runs has let go: its body is never run inside an operation of another one. */
  function enqueue(runner: Runner): void {
    next = runner;
    if (bouncing) return;
    bouncing = true;
    void settled.then(bounce);
  }

  /** One microtask for a whole chain of generators: as long as each gives the turn to another one. */
  function bounce(): void {
    for (let runner = next; runner !== null; runner = next) {
      next = null;
      run(runner);
    }
    bouncing = false;
  }

  function run(runner: Runner): IteratorResult<Yielded, unknown> {
    running = runner;
    const got = runner.step();
    running = null;
    return got;
  }

  /** A generator tasklet, and its operation: it has one at a time. */
  class Runner implements Operation<unknown>, Iterator<Yielded, unknown, unknown> {
    readonly waiter: Waiter;
    private readonly body: Body<unknown>;
    private outcome: unknown = undefined;
    private end: ((value: unknown) => void) | null = null;
    private begun = false;
    doing = RECEIVE;
    channel: Channel<unknown> | null = null;
    /** What it sends; the cases it selects from; what begins its wait. */
    given: unknown = undefined;

    constructor(waiter: Waiter, body: Body<unknown>) {
      this.waiter = waiter;
      this.body = body;
    }

    /** Its first step, on the turn it has. @returns what its tasklet comes to. */
    start(): unknown {
      if (live++ === 0) identity.current = inside;
      const first = run(this);
      if (first.done === true) return first.value;
      return new Promise((end) => {
        this.end = end;
      });
    }

    /** What settles its waits: made once. */
    private readonly resume = (outcome: unknown): void => {
      this.outcome = outcome;
      enqueue(this);
    };

    step(): IteratorResult<Yielded, unknown> {
      const { outcome, body } = this;
      this.outcome = undefined;
      let got: IteratorResult<Yielded, unknown>;
      try {
        got = outcome instanceof Thrown ? body.throw(errorOf(outcome)) : body.next(outcome);
      } catch (error) {
        got = { done: true, value: Promise.reject(error) };
      }
      if (got.done === true) {
        if (--live === 0) identity.current = outside;
        if (this.end !== null) this.end(got.value);
      } else if (got.value !== undefined) this.expect(got.value);
      return got;
    }

    /** When `promise` is settled it goes on in that microtask, with or without the turn, as an async function does. */
    private expect(promise: PromiseLike<unknown>): void {
      const arrive = (outcome: unknown): void => {
        this.outcome = outcome;
        run(this);
      };
      Promise.resolve(promise).then(arrive, (error: unknown) => {
        arrive(new Thrown(error));
      });
    }

    // Its operation ---------------------------------------------------------------------------------------------

    [Symbol.iterator](): this {
      this.begun = false;
      return this;
    }

    next(outcome: unknown): IteratorResult<Yielded, unknown> {
      if (this.begun) return { done: true, value: outcome };
      this.begun = true;
      const { waiter } = this;
      const { scheduler } = waiter;
      const plain = waiter === scheduler.current && waiter.extra === null && scheduler.observer === null;
      return (plain ? this.shortly() : null) ?? { done: false, value: this.atLength() };
    }

    throw(error: unknown): never {
      throw error;
    }

    /** The operation as long as nothing about it is rare; `null`, with nothing done, if something is. */
    private shortly(): IteratorResult<Yielded, unknown> | null {
      const { waiter, channel } = this;
      if (channel !== null) return this.doing === SEND ? this.send(channel) : this.receive(channel);
      if (this.doing === SELECT) return this.select(this.given as Record<string, Case<unknown>>);
      if (this.doing !== SCHEDULE || waiter.next === waiter) return null;
      waiter.doing = YIELDING;
      this.park();
      waiter.scheduler.give(waiter.next);
      return PARKED;
    }

    private receive(channel: Channel<unknown>): IteratorResult<Yielded, unknown> | null {
      const { waiter } = this;
      if (channel.source !== null || channel.final !== null) return null;
      const peer = channel.senders.first;
      if (peer === null) {
        waiter.doing = RECEIVING;
        this.park();
        waiter.scheduler.leave(channel.receivers);
        return PARKED;
      }
      if (peer.failed) return null;
      const { value } = peer;
      if (channel.prefers === 'sender' && peer.kind !== POSTED)
        return this.handOver(peer, grant, undefined, value);
      letGo(peer);
      return this.proceed(value);
    }

    private send(channel: Channel<unknown>): IteratorResult<Yielded, unknown> | null {
      const { waiter, given } = this;
      if (channel.sink !== null || channel.final !== null || isThenable(given)) return null;
      const peer = channel.receivers.first;
      if (peer !== null) {
        if (channel.prefers === 'receiver') return this.handOver(peer, meet, given, undefined);
        const taker = meet(peer, given, false);
        taker.scheduler.wake(taker);
        return this.proceed(undefined);
      }
      waiter.doing = SENDING;
      waiter.value = given;
      this.park();
      waiter.scheduler.leave(channel.senders);
      return PARKED;
    }

    private select(cases: Readonly<Record<string, Case<unknown>>>): IteratorResult<Yielded, unknown> | null {
      const { waiter } = this;
      for (const name in cases) {
        const { channel, doing } = cases[name] as Case<unknown>;
        if (isReady(channel, doing)) return null;
      }
      const arms = (waiter.arms ??= []);
      let count = 0;
      for (const name in cases) {
        const { channel, doing, value } = cases[name] as Case<unknown>;
        const arm = (arms[count++] ??= new Waiter(ARM, waiter.scheduler, waiter));
        arm.doing = doing;
        arm.value = value;
        arm.tag = name;
        queue(channel, arm);
      }
      waiter.doing = SELECTING;
      this.park();
      waiter.scheduler.leave();
      return PARKED;
    }

    /** `peer` is settled with `got` and goes on now; this one goes last, with `outcome`. */
    private handOver(
      peer: Waiter,
      pair: typeof grant,
      got: unknown,
      outcome: unknown,
    ): IteratorResult<Yielded, unknown> | null {
      const { waiter } = this;
      const taker = peer.kind === ARM ? (peer.owner as Waiter) : peer;
      if (taker.extra !== null || taker.scheduler !== waiter.scheduler) return null;
      pair(peer, got, false);
      waiter.doing = READY;
      waiter.value = outcome;
      this.park();
      insertBefore(taker, waiter.next);
      waiter.scheduler.give(taker);
      return PARKED;
    }

    /** It goes on without waiting, unless the time slice is over. */
    private proceed(value: unknown): IteratorResult<Yielded, unknown> {
      const { waiter } = this;
      const { scheduler } = waiter;
      if (--scheduler.budget >= 0 || !scheduler.mustRest()) return { done: true, value };
      waiter.doing = READY;
      waiter.value = value;
      this.park();
      scheduler.rest(waiter);
      return PARKED;
    }

    private park(): void {
      const { waiter } = this;
      waiter.since = waiter.scheduler.coarse;
      waiter.wait = null;
      (waiter as unknown as Parking).settle = this.resume;
    }

    /** The operation as the library has it, with a promise. */
    private atLength(): PromiseLike<unknown> {
      const { channel, given } = this;
      if (channel !== null) return this.doing === SEND ? channel.send(given) : channel.receive();
      if (this.doing === SCHEDULE) return library.schedule();
      if (this.doing === SELECT) return library.select(given as Record<string, Case<unknown>>);
      let begun: PromiseLike<unknown> = settled;
      identity.run(this.waiter, () => {
        begun = (given as () => PromiseLike<unknown>)();
      });
      return begun;
    }
  }

  function operation<T>(doing: number, channel: Channel<T> | null, given: unknown): Operation<T> {
    if (running === null)
      throw new TypeError('an operation of generators is for the body of a generator tasklet');
    running.doing = doing;
    running.channel = channel;
    running.given = given;
    return running as Operation<T>;
  }

  return {
    spawnGenerator(body) {
      const tasklet: Tasklet = library.spawn((): unknown => new Runner(tasklet.waiter, body()).start());
      return tasklet as Tasklet<never>;
    },
    receive: (channel) => operation(RECEIVE, channel, undefined),
    send: (channel, value) => operation(SEND, channel, value) as Operation<unknown> as Operation<void>,
    schedule: () => operation(SCHEDULE, null, undefined),
    select: (cases) => operation<never>(SELECT, null, cases),
    wait: (begin) => operation<never>(WAIT, null, begin),
  };
}

interface Failure {
  then(value: () => void, error: (error: unknown) => void): void;
}

/** The class of what a wait is settled with that fails: private to the kernel, and looked at once. */
function thrown(waiter: Waiter): new (error: unknown) => Failure {
  let seen: object = {};
  (waiter as unknown as Parking).settle = (outcome) => {
    seen = outcome as object;
  };
  waiter.failed = true;
  waiter.go();
  return seen.constructor as new (error: unknown) => Failure;
}

function errorOf(failure: Failure): unknown {
  let raised: unknown;
  failure.then(
    () => undefined,
    (error) => {
      raised = error;
    },
  );
  return raised;
}
