/**
 * Waits that are given up: by their time, by a kill, by an abort, by losing a select. Whatever they waited at lives
 * on through all of them, so that what one of them leaves there is still there at the end.
 */
import { getEventListeners } from 'node:events';
import {
  Channel,
  Condition,
  Event,
  idle,
  joinAll,
  Lock,
  Queue,
  run,
  select,
  Semaphore,
  spawn,
  TimeoutError,
  type Case,
  type WaitOptions,
} from 'evergreen-tasklets';
import type { Work } from './endure.js';

/** Where one waits, and never gets anything. */
interface Silent {
  readonly at: object;
  wait(options?: WaitOptions): Promise<unknown>;
  /** Left out where a wait cannot be a case. */
  selecting?(): Case<unknown>;
}

function silence(): Silent[] {
  const taken = new Channel<Uint8Array>({ name: 'taken' });
  const given = new Channel<Uint8Array>({ name: 'given' });
  const event = new Event();
  const lock = new Lock();
  lock.tryAcquire();
  const semaphore = new Semaphore(0);
  const condition = new Condition();
  const empty = new Queue<Uint8Array>();
  const full = new Queue<Uint8Array>({ maxSize: 1 });
  full.tryPut(new Uint8Array(1));
  // What a wait that is kept would hold.
  const value = (): Uint8Array => new Uint8Array(1024);
  return [
    { at: taken, wait: (options) => taken.receive(options), selecting: () => taken.receiving() },
    { at: given, wait: (options) => given.send(value(), options), selecting: () => given.sending(value()) },
    { at: event, wait: (options) => event.wait(options), selecting: () => event.waiting() },
    { at: lock, wait: (options) => lock.acquire(options), selecting: () => lock.acquiring() },
    { at: semaphore, wait: (options) => semaphore.acquire(options), selecting: () => semaphore.acquiring() },
    { at: condition, wait: (options) => condition.with(() => condition.wait(options)) },
    { at: empty, wait: (options) => empty.get(options), selecting: () => empty.getting() },
    { at: full, wait: (options) => full.put(value(), options), selecting: () => full.putting(value()) },
  ];
}

/** How many stand at `thing`: at itself or at a channel that it has for its waits. */
function waitersAt(thing: object): number {
  let count = 0;
  for (const channel of [thing, ...(Object.values(thing) as unknown[])]) {
    if (!(channel instanceof Channel)) continue;
    // Not its balance: that would not tell a sender and a receiver from nobody.
    const { senders, receivers } = channel as unknown as Record<'senders' | 'receivers', { size: number }>;
    count += senders.size + receivers.size;
  }
  return count;
}

/** So many wait at a time. */
const CROWD = 2000;

abstract class Abandoned implements Work {
  abstract readonly name: string;
  readonly count = 1_000_000;
  // A quarter of a byte a wait.
  readonly limit = 250_000;
  protected readonly silent: readonly Silent[] = silence();
  /** A queue that is full has something to offer, and that stands there. */
  private readonly before: readonly number[] = this.silent.map(({ at }) => waitersAt(at));
  /** Many have waited with it; it is never aborted. */
  protected readonly signal: AbortSignal = new AbortController().signal;

  async go(count: number): Promise<void> {
    await run(async () => {
      for (let left = count; left > 0; left -= CROWD) await this.crowd(Math.min(left, CROWD));
    });
  }

  /** Begins `count` waits together, which are given up. */
  protected abstract crowd(count: number): Promise<void>;

  protected place(i: number): Silent {
    return this.silent[i % this.silent.length] as Silent;
  }

  left(): string[] {
    const found: string[] = [];
    for (const [i, { at }] of this.silent.entries()) {
      const count = waitersAt(at) - (this.before[i] as number);
      if (count > 0) found.push(`${count} stand at a ${at.constructor.name}`);
    }
    const listeners = getEventListeners(this.signal, 'abort').length;
    if (listeners > 0) found.push(`${listeners} listeners at the signal`);
    return found;
  }
}

/** Raises an error unless `wait` is given up with one that `isRight`. */
async function givenUp(wait: Promise<unknown>, isRight: (error: unknown) => boolean): Promise<void> {
  try {
    await wait;
  } catch (error) {
    if (isRight(error)) return;
    throw error;
  }
  throw new Error('a wait for what never comes has come to an end');
}

class TimedOut extends Abandoned {
  readonly name = 'timed-out waits';

  protected async crowd(count: number): Promise<void> {
    const { signal } = this;
    const waiters = Array.from({ length: count }, (_, i) =>
      spawn(() =>
        givenUp(this.place(i).wait({ timeout: i % 4, signal }), (error) => error instanceof TimeoutError),
      ),
    );
    await joinAll(waiters);
  }
}

class Killed extends Abandoned {
  readonly name = 'killed waits';

  protected async crowd(count: number): Promise<void> {
    const { signal } = this;
    let cleaned = 0;
    const victims = Array.from({ length: count }, (_, i) =>
      spawn(async () => {
        try {
          await this.place(i).wait(i % 2 === 0 ? { signal } : { timeout: 60_000 });
        } finally {
          cleaned++;
        }
      }),
    );
    await idle();
    // First the last, then the first, and so on to the middle; so heads, tails and middles of lines go.
    for (let i = 0; i < count; i++) victims.at(i % 2 === 0 ? -1 - (i >> 1) : i >> 1)?.kill();
    await idle();
    if (cleaned !== count) throw new Error(`${cleaned} of ${count} have cleaned up`);
  }
}

class Aborted extends Abandoned {
  readonly name = 'aborted waits';

  protected async crowd(count: number): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const waiters = Array.from({ length: count }, (_, i) =>
      spawn(() => givenUp(this.place(i).wait({ signal }), (error) => error === signal.reason)),
    );
    await idle();
    controller.abort();
    await joinAll(waiters);
  }
}

class Lost extends Abandoned {
  readonly name = 'waits that lost a select';

  protected async crowd(count: number): Promise<void> {
    const { signal } = this;
    const line = new Channel<number>();
    const choosing = this.silent.filter(({ selecting }) => selecting !== undefined);
    const choosers = Array.from({ length: 16 }, (_, i) =>
      spawn(async () => {
        for (;;) {
          const other = choosing[(i + 3) % choosing.length];
          const cases = {
            one: choosing[i % choosing.length]?.selecting?.() ?? line.receiving(),
            won: line.nexting(),
            other: other?.selecting?.() ?? line.receiving(),
          };
          const hit = await select(cases, { signal, timeout: 60_000 });
          if (hit.case !== 'won') throw new Error('a case that is never ready was chosen');
          if (hit.value.done === true) return;
        }
      }),
    );
    await idle();
    for (let i = 0; i < count; i++) await line.send(i);
    line.close();
    await joinAll(choosers);
  }
}

export const abandoned: readonly Work[] = [new TimedOut(), new Killed(), new Aborted(), new Lost()];
