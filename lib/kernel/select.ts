/**
 * Waiting for whichever of several operations can be done first.
 *
 * 1. Look at all cases. If some can be done now, one of them is, like the plain operation.
 * 2. Otherwise stand in the queues of all of them at once, one arm each.
 * 3. Whoever meets one arm takes the others out of their queues in the same step.
 *
 * So exactly one case is committed, and the others leave no trace. A select never meets itself: it looks
 * before it stands anywhere.
 */
import { Case } from './case.js';
import { alarm, latch } from './foreign.js';
import { admit, type Limit } from './limit.js';
import { boxed, collect, deliver, ending, isReady, queue, refusal } from './meeting.js';
import { isThenable, oneOf, readOptions, show, type WaitOptions } from './options.js';
import { caller, isPlain } from './caller.js';
import type { Scheduler } from './scheduler.js';
import { ARM, SELECTING, SENDING, Waiter } from './waiter.js';
import { block, proceed, raise } from './park.js';

/** What may stand in a select: an operation on a channel, a promise, an abort signal. */
export type Selectable = Case<unknown> | PromiseLike<unknown> | AbortSignal;

/** What comes of a {@link Selectable}. */
export type Outcome<C> =
  C extends Case<infer T>
    ? T
    : C extends PromiseLike<infer T>
      ? Awaited<T>
      : C extends AbortSignal
        ? unknown
        : C;

/** Which case was done, and what came of it; told apart by `case`. */
export type Hit<C extends object> = {
  [K in keyof C & string]: {
    readonly case: K;
    readonly value: K extends 'default' ? C[K] : Outcome<C[K]>;
  };
}[keyof C & string];

export interface SelectOptions extends WaitOptions {
  /** When several cases are ready: any of them with equal chances (`'fair'`), or the first (`'listed'`). */
  order?: 'fair' | 'listed';
}

/** The cases in their order; `null` for the default. */
type Choices = (Case<unknown> | null)[];

/** What the cases of a select must be: each a {@link Selectable}, but `default`, which is any value. */
export type Cases<C> = { readonly [K in keyof C]: K extends 'default' ? unknown : Selectable };

/**
 * Does exactly one of `cases`, the first that can be done; waits until one can.
 *
 * Sends and receives mix, two selects can meet, and a channel may stand in it several times, on both sides.
 * With a key `default` it never waits: when nothing is ready that is the hit, with its value. The case that
 * is done schedules like the plain operation. Killed, timed out or aborted while it waits, nothing was done.
 * Source: Go `select`.
 *
 * @param cases by name: `channel.receiving()`, `channel.sending(value)`, `channel.nexting()`,
 * `tasklet.joining()`, a promise, an abort signal.
 * @param options `timeout` in milliseconds, `signal`, `order`.
 * @returns the name of the case as `case`, and its `value`, typed by the name.
 * @throws what the case itself raises: {ChannelClosedError} for a channel that has ended (a `nexting` case
 * makes that a value), an error sent, a promise rejected. {TypeError} for no cases at all.
 * @example
 * const hit = await select({ job: jobs.receiving(), late: after(100).receiving() });
 * if (hit.case === 'job') console.log(hit.value);
 */
export function select<C extends object>(cases: C & Cases<C>, options?: SelectOptions): Promise<Hit<C>> {
  const me = caller();
  let limit: Limit | null = null;
  let names: string[];
  let choices: Choices;
  let listed = false;
  try {
    names = Object.keys(cases);
    choices = toCases(names, Object.values(cases));
    if (!isPlain(me, options)) {
      const { order = 'fair', ...waiting } = readOptions(options, ['timeout', 'signal', 'order'], 'select');
      listed = oneOf(order, ['fair', 'listed'], 'order', 'select') === 'listed';
      limit = admit(me, waiting, () => 'select');
    }
  } catch (error) {
    return raise(me, error) as Promise<never>;
  }
  const ready = pick(me, choices, listed);
  if (ready >= 0)
    return commit(me, names[ready] as string, choices[ready] as Case<unknown>) as Promise<Hit<C>>;
  if (choices.includes(null)) {
    const value = (cases as { default?: unknown }).default;
    return proceed(me, { case: 'default', value }) as Promise<Hit<C>>;
  }
  stand(me, names, choices as Case<unknown>[]);
  const wait = block(me, null) as Promise<Hit<C>>;
  return limit === null ? wait : limit.on(me, wait);
}

/** Makes a case of each of `given`, in its place; `null` of the default. */
function toCases(names: readonly string[], given: unknown[]): Choices {
  if (names.length === 0) throw new TypeError('select: without a case it would wait for ever');
  for (let i = 0; i < names.length; i++) {
    if (names[i] === 'default') given[i] = null;
    else if (!(given[i] instanceof Case)) given[i] = toCase(names[i] as string, given[i]);
  }
  return given as Choices;
}

function toCase(name: string, given: unknown): Case<unknown> {
  if (isThenable(given)) return latch(given).receiving();
  if (given instanceof AbortSignal) return alarm(given).receiving();
  throw new TypeError(
    `select: case '${name}' must be an operation such as channel.receiving(), a promise or an AbortSignal, ` +
      `not ${show(given)}`,
  );
}

/** Which of the cases that can be done now is done: the first, or any with equal chances; -1 if there is none. */
function pick(me: Waiter, choices: Choices, listed: boolean): number {
  const first = nextReady(choices, 0);
  if (listed || first < 0) return first;
  let count = 1;
  for (let i = nextReady(choices, first + 1); i >= 0; i = nextReady(choices, i + 1)) count++;
  let chosen = first;
  for (let skip = count === 1 ? 0 : draw(me.scheduler, count); skip > 0; skip--) {
    chosen = nextReady(choices, chosen + 1);
  }
  return chosen;
}

/** The first of the cases from `start` that can be done now; -1 if there is none. */
function nextReady(choices: Choices, start: number): number {
  for (let i = start; i < choices.length; i++) {
    const choice = choices[i] as Case<unknown> | null;
    if (choice !== null && isReady(choice.channel, choice.doing)) return i;
  }
  return -1;
}

/** The next of a fixed sequence of well-mixed numbers, from 0 to `count` - 1. */
function draw(scheduler: Scheduler, count: number): number {
  if (scheduler.policy !== null) return scheduler.policy.draw(count);
  let { seed } = scheduler;
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  scheduler.seed = seed;
  return (seed >>> 0) % count;
}

/** Does a case that is ready, as `me`. */
function commit(me: Waiter, name: string, { channel, doing, value }: Case<unknown>): Promise<unknown> {
  if (doing === SENDING) {
    const peer = channel.receivers.first;
    const outcome = { case: name, value: undefined };
    if (peer !== null) return deliver(channel, me, peer, value, false, outcome);
    if (channel.final !== null) return proceed(me, refusal(channel, value), true);
    channel.sink?.accept(value);
    return proceed(me, outcome);
  }
  const peer = channel.senders.first;
  const got = peer === null ? ending(channel, doing) : { value: boxed(peer, doing), failed: peer.failed };
  const outcome = got.failed ? got.value : { case: name, value: got.value };
  if (peer === null) return proceed(me, outcome, got.failed);
  return collect(channel, me, peer, outcome, got.failed);
}

/** Stands in all queues at once. The arms are kept and used again. */
function stand(me: Waiter, names: readonly string[], choices: readonly Case<unknown>[]): void {
  me.arms ??= [];
  for (let i = 0; i < choices.length; i++) {
    const { channel, doing, value } = choices[i] as Case<unknown>;
    const arm = (me.arms[i] ??= new Waiter(ARM, me.scheduler, me));
    arm.doing = doing;
    arm.value = value;
    arm.tag = names[i];
    queue(channel, arm);
  }
  me.doing = SELECTING;
}
