/** The library under the commands, and how it looks from outside: queues and ring are read where they are. */
import {
  Channel,
  ChannelClosedError,
  Event,
  Lock,
  Queue,
  Semaphore,
  StateError,
  TaskletExit,
  TaskletKilledError,
  TimeoutError,
  current,
  schedule,
  select,
  spawn,
  type Case,
  type Scheduler,
  type Tasklet,
  type WaitOptions,
} from '../../lib/index.js';
import type { VirtualClock } from '../../lib/testing/index.js';
import { ARM, ERRAND, POSTED, SELECTING, WORLD, type Side, type Waiter } from '../../lib/kernel/waiter.js';
import {
  CHANNELS,
  PERMITS,
  ROOM,
  SIGNALS,
  type Command,
  type Deed,
  type Operation,
  type View,
} from './command.js';

/** A deed, in each of the ways to do it. */
interface Way {
  wait(options: WaitOptions): Promise<unknown>;
  case(): Case<unknown>;
  /** What it came to. */
  says(got: unknown): string;
}

export class House {
  private readonly log: string[] = [];
  private readonly main = current()!;
  private readonly tasklets: Tasklet<void>[] = [];
  private readonly channels = Array.from({ length: CHANNELS }, () => new Channel<string>());
  private readonly signals = Array.from({ length: SIGNALS }, () => new AbortController());
  private readonly lock = new Lock();
  private readonly semaphore = new Semaphore(PERMITS);
  private readonly event = new Event();
  private readonly queue = new Queue<string>({ maxSize: ROOM });
  private readonly scheduler: Scheduler;
  private readonly clock: VirtualClock;
  private values = 0;

  constructor(scheduler: Scheduler, clock: VirtualClock) {
    this.scheduler = scheduler;
    this.clock = clock;
    this.signals[SIGNALS - 1]!.abort(new Error('aborted'));
  }

  /** Does what main is told to. */
  async do(command: Command): Promise<void> {
    if (command[0] === 'turn') await schedule();
    else if (command[0] === 'spawn') {
      const name = String(this.tasklets.length);
      this.tasklets.push(spawn(() => this.play(name, command[1])));
    } else {
      const said = this.tell(command);
      if (said !== undefined) this.log.push(`main: ${said}`);
    }
  }

  /** Ends everything, so that nobody is left. */
  async end(): Promise<void> {
    for (const tasklet of this.tasklets) tasklet.kill();
    while (this.tasklets.some(({ alive }) => alive)) await schedule();
  }

  private tell(
    command: Exclude<Command, readonly ['turn'] | readonly ['spawn', unknown]>,
  ): string | undefined {
    try {
      switch (command[0]) {
        case 'kill':
          this.tasklets[command[1]]?.kill();
          return undefined;
        case 'abort':
          this.signals[command[1]]!.abort(new Error('aborted'));
          if (command[1] < SIGNALS - 1) this.signals[command[1]] = new AbortController();
          return undefined;
        case 'advance':
          this.clock.advance(command[1]);
          return undefined;
        case 'close':
          this.channels[command[1]]!.close();
          return undefined;
        case 'post':
          this.channels[command[1]]!.post(`m${this.values++}`);
          return undefined;
        case 'trySend':
          return this.channels[command[1]]!.trySend(`m${this.values++}`) ? 'sent' : 'no';
        case 'tryReceive':
          return answer(this.channels[command[1]]!.tryReceive());
        case 'prefer':
          this.channels[command[1]]!.preference = command[2];
          return undefined;
        case 'tryTake':
          return this[command[1]].tryAcquire() === undefined ? 'no' : undefined;
        case 'release':
          this[command[1]].release();
          return undefined;
        case 'set':
          this.event.set();
          return undefined;
        case 'clear':
          this.event.clear();
          return undefined;
        case 'tryPut':
          return this.queue.tryPut(`m${this.values++}`) ? undefined : 'no';
        case 'tryGet':
          return answer(this.queue.tryGet());
        case 'empty':
          return `emptied ${this.queue.clear().join(' ')}`;
        case 'done':
          this.queue.taskDone();
          return undefined;
        case 'closeQueue':
          this.queue.close();
          return undefined;
      }
    } catch (error) {
      if (error instanceof ChannelClosedError) return 'closed';
      if (error instanceof StateError) return command[0] === 'done' ? 'too many' : 'not held';
      throw error;
    }
  }

  private async play(name: string, script: readonly Operation[]): Promise<void> {
    for (const [at, operation] of script.entries()) {
      try {
        this.log.push(`${name}: ${await this.wait(operation, `${name}.${at}`)}`);
      } catch (error) {
        this.log.push(`${name}: ${wording(error)}`);
        if (error instanceof TaskletExit) throw error;
      }
    }
  }

  private async wait({ deeds, default: never, timeout, signal }: Operation, value: string): Promise<string> {
    const [first] = deeds;
    if (first === undefined) {
      await schedule();
      return 'went on';
    }
    const options: WaitOptions = {
      ...(timeout === undefined ? {} : { timeout }),
      ...(signal === undefined ? {} : { signal: this.signals[signal]!.signal }),
    };
    if (deeds.length === 1) {
      const way = this.way(first, value);
      return way.says(await way.wait(options));
    }
    const ways = deeds.map((deed, i) => this.way(deed, `${value}.${i}`));
    const cases = Object.fromEntries(ways.map((way, i): [string, Case<unknown>] => [`${i}`, way.case()]));
    const hit = (await select(never === true ? { ...cases, default: 'else' } : cases, {
      ...options,
      order: 'listed',
    })) as { case: string; value: unknown };
    return hit.case === 'default' ? 'else' : `${hit.case} ${ways[Number(hit.case)]!.says(hit.value)}`;
  }

  private way(deed: Deed, value: string): Way {
    const got = (what: unknown): string => `got ${what as string}`;
    switch (deed[0]) {
      case 'send': {
        const channel = this.channels[deed[1]]!;
        return {
          wait: (options) => channel.send(value, options),
          case: () => channel.sending(value),
          says: () => 'sent',
        };
      }
      case 'receive': {
        const channel = this.channels[deed[1]]!;
        return { wait: (options) => channel.receive(options), case: () => channel.receiving(), says: got };
      }
      case 'take': {
        const lock = this[deed[1]];
        return { wait: (options) => lock.acquire(options), case: () => lock.acquiring(), says: () => 'took' };
      }
      case 'wait':
        return {
          wait: (options) => this.event.wait(options),
          case: () => this.event.waiting(),
          says: () => 'passed',
        };
      case 'put':
        return {
          wait: (options) => this.queue.put(value, options),
          case: () => this.queue.putting(value),
          says: () => 'put',
        };
      case 'get':
        return { wait: (options) => this.queue.get(options), case: () => this.queue.getting(), says: got };
      case 'finish':
        return {
          wait: (options) => this.queue.join(options),
          case: () => this.queue.joining(),
          says: () => 'finished',
        };
      case 'join': {
        const tasklet = this.tasklets[deed[1]]!;
        return {
          wait: (options) => tasklet.join(options),
          case: () => tasklet.joining(),
          says: () => 'joined',
        };
      }
    }
  }

  // From outside ------------------------------------------------------------------------------------------

  /** What `waiter` is called, who stands somewhere or is in the ring. */
  private name(waiter: Waiter): string {
    if (waiter.kind === ARM) {
      const selector = waiter.owner as Waiter;
      if (selector.doing !== SELECTING) throw new Error('the arm of one who does not select any more');
      return this.name(selector);
    }
    if (waiter.kind === POSTED) return waiter.value as string;
    if (waiter.kind === ERRAND) return 'deadline';
    const tasklet = waiter.owner as Tasklet<void>;
    if (!tasklet.alive) throw new Error('one who is over stands somewhere');
    return tasklet === this.main ? 'main' : String(this.tasklets.indexOf(tasklet));
  }

  view(): View {
    const names = (side: Side): string[] => standing(side).map((waiter) => this.name(waiter));
    const queues: Record<string, string[]> = {};
    const states: Record<string, unknown> = {};
    for (const [i, { senders, receivers, balance, closing, closed }] of this.channels.entries()) {
      queues[`send ${i}`] = names(senders);
      queues[`receive ${i}`] = names(receivers);
      states[`channel ${i}`] = { balance, closing, closed };
    }
    queues['take lock'] = names(this.lock.acquiring().channel.receivers);
    queues['take semaphore'] = names(this.semaphore.acquiring().channel.receivers);
    queues['wait event'] = names(this.event.waiting().channel.receivers);
    queues['put queue'] = names(this.queue.putting('').channel.senders);
    queues['get queue'] = names(this.queue.getting().channel.receivers);
    queues['finish queue'] = names(this.queue.joining().channel.receivers);
    for (const [i, tasklet] of this.tasklets.entries()) {
      queues[`join ${i}`] = names(tasklet.joining().channel.receivers);
    }
    states['lock'] = this.lock.locked;
    states['semaphore'] = this.semaphore.available;
    states['event'] = this.event.isSet;
    states['queue'] = { size: this.queue.size, next: this.queue.peek()?.value, closing: this.queue.closing };
    states['alive'] = this.tasklets.map(({ alive }) => alive);
    const ring = [this.scheduler.current];
    for (let member = ring[0]!.next; member !== ring[0]; member = member.next) ring.push(member);
    // The event loop has its turns too; when they come is not the program's business.
    const told = ring.filter(({ kind }) => kind !== WORLD).map((waiter) => this.name(waiter));
    return { log: this.log, ring: told, queues, states };
  }
}

function answer(got: { value: string } | undefined): string {
  return got === undefined ? 'no' : `got ${got.value}`;
}

function wording(error: unknown): string {
  if (error instanceof TaskletExit) return 'killed';
  if (error instanceof TimeoutError) return 'timeout';
  if (error instanceof ChannelClosedError) return 'closed';
  if (error instanceof TaskletKilledError) return 'was killed';
  return (error as Error).message;
}

/** Those who stand on `side`; what is linked and what is counted must agree. */
function standing(side: Side): Waiter[] {
  const found: Waiter[] = [];
  let waiter = side.first;
  while (waiter !== null) {
    if (waiter.side !== side) throw new Error('one stands where it does not know of');
    found.push(waiter);
    waiter = waiter.next === side.first ? null : waiter.next;
  }
  if (found.length !== side.size) throw new Error('some stand who are not counted');
  return found;
}
