/**
 * Events, received like anything else.
 *
 * An emitter cannot be paused, so what is not received in time waits in a bounded inbox, and what happens at
 * the bound is said beforehand.
 */
import type { EventEmitter } from 'node:events';
import { next } from '../kernel/host.js';
import { readOptions, show } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import { Inbox, type InboxOptions, type InboxSource } from './inbox.js';

/** The name of an event. */
export type EventName = string | symbol;

/** One event: which, and with what it was emitted. Of an `EventTarget` that is the event object. */
export interface Emitted<N, A extends readonly unknown[]> {
  readonly name: N;
  readonly args: A;
}

/** What may be said about how events are kept; see {@link Inbox}. */
export type EventsOptions = Pick<InboxOptions, 'limit' | 'overflow'>;

/** What an emitter declares of the arguments of event `N`, where it does. */
export type EventArgs<E, N> =
  E extends EventEmitter<infer M>
    ? N extends keyof M
      ? M[N] extends infer A extends unknown[]
        ? 0 extends A & 1
          ? unknown[]
          : A
        : unknown[]
      : unknown[]
    : [event: Event];

/** What is received of the events `N` of an emitter; told apart by `name`. */
export type EventOf<E, N extends EventName> = { [K in N]: Emitted<K, EventArgs<E, K>> }[N];

/**
 * The events `names` of `emitter`, in the order in which they were emitted.
 *
 * Up to `limit` of them (1024) wait to be received. One more, and the inbox ends with `OverflowError`; or, with
 * `overflow: 'drop-oldest'` or `'drop-newest'`, one is dropped and counted in `dropped`. When an `EventEmitter`
 * emits `'error'`, and that is none of `names`, the inbox ends with that error.
 *
 * It listens until it is closed, by {@link Inbox.close} or `using`, or has ended with an error; made in a
 * tasklet, no longer than that one lives. It does not keep the program alive.
 *
 * @param emitter an `EventEmitter` or an `EventTarget`.
 * @param names at least one; after them, options if there are any.
 * @throws {TypeError | RangeError} no emitter, no name, a wrong or unknown option; what the emitter throws when
 * it is listened to.
 * @example
 * using presses = events(process, 'SIGINT', 'SIGTERM');
 * const { name } = await presses.receive();
 *
 * using changes = events(watcher, 'change', { limit: 1, overflow: 'drop-oldest' });
 * for await (const { args } of changes) if (!(await rebuild(...args))) break;
 */
export function events<E extends EventEmitter | EventTarget, N extends EventName>(
  emitter: E,
  ...names: [N, ...N[]]
): Inbox<EventOf<E, N>>;
export function events<E extends EventEmitter | EventTarget, N extends EventName>(
  emitter: E,
  ...names: [N, ...N[], EventsOptions]
): Inbox<EventOf<E, N>>;
export function events(
  emitter: EventEmitter | EventTarget,
  ...rest: (EventName | EventsOptions)[]
): Inbox<Emitted<EventName, unknown[]>> {
  const last = rest.at(-1);
  const options = isName(last) ? undefined : (rest.pop() as EventsOptions | undefined);
  const names = new Set(rest as EventName[]);
  for (const name of names)
    if (!isName(name)) throw new TypeError(`events: ${show(name)} is no name of an event`);
  if (names.size === 0) throw new TypeError('events: without a name there is nothing to wait for');
  const { limit, overflow } = readOptions(options, ['limit', 'overflow'], 'events');

  const ears = new Ears(emitter);
  const inbox = new Inbox<Emitted<EventName, unknown[]>>(ears, {
    ...(limit === undefined ? {} : { limit }),
    ...(overflow === undefined ? {} : { overflow }),
  });
  inbox.channel.label = `event ${[...names].map((name) => `'${String(name)}'`).join(' or ')}`;
  try {
    for (const name of names) ears.listen(name, (...args) => inbox.put({ name, args }));
    if (!names.has('error') && isEmitter(emitter)) {
      ears.listen('error', (error) => inbox.end(error ?? new Error("'error' was emitted without an error")));
    }
  } catch (error) {
    ears.stop();
    throw error;
  }
  // Not at once: a tasklet ends in the middle of a switch, and an emitter may have somebody listen to that.
  ears.release = current()?.atEnd(() => next(() => inbox.close()));
  return inbox;
}

type Listener = (...args: unknown[]) => void;

/** The listeners of one inbox. */
class Ears implements InboxSource {
  /** Takes back that it is told of the end of its tasklet. */
  release: (() => void) | undefined = undefined;
  private readonly emitter: EventEmitter | EventTarget;
  private readonly listeners: Map<EventName, Listener> = new Map();

  constructor(emitter: EventEmitter | EventTarget) {
    if (
      !isEmitter(emitter) &&
      typeof (emitter as Partial<EventTarget> | null)?.addEventListener !== 'function'
    ) {
      throw new TypeError(`events: takes an EventEmitter or an EventTarget, not ${show(emitter)}`);
    }
    this.emitter = emitter;
  }

  listen(name: EventName, listener: Listener): void {
    const { emitter } = this;
    if (isEmitter(emitter)) emitter.on(name, listener);
    else emitter.addEventListener(name as string, listener);
    this.listeners.set(name, listener);
  }

  stop(): void {
    const { emitter } = this;
    this.release?.();
    for (const [name, listener] of this.listeners) {
      if (isEmitter(emitter)) emitter.removeListener(name, listener);
      else emitter.removeEventListener(name as string, listener);
    }
  }
}

function isName(value: unknown): value is EventName {
  return typeof value === 'string' || typeof value === 'symbol';
}

function isEmitter(emitter: EventEmitter | EventTarget | null | undefined): emitter is EventEmitter {
  const { on, removeListener } = (emitter ?? {}) as Partial<EventEmitter>;
  return typeof on === 'function' && typeof removeListener === 'function';
}
