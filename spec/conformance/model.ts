/**
 * The ring: Stackless's whole scheduler as a synchronous model that fits on a few pages.
 *
 * It exists to be compared with: it knows nothing of promises, the library or the event loop,
 * and is written from the rules alone. A tasklet is a generator; it yields where Stackless
 * would switch, and whoever is `current` then is resumed.
 *
 * `ring[0]` is always the front: the current tasklet, or, for the moment in which the current
 * tasklet has just left, its successor. The end of the queue is the end of the array.
 */

import { Player, SKIP, type Request, type Script } from './script.js';

class RuntimeError extends Error {}
class ValueError extends Error {}
class StopIteration extends Error {}
class TaskletExit extends Error {}

/** What a tasklet is handed when it gets the turn back. */
type Slot = { readonly value: unknown } | { readonly error: Error };

const NONE: Slot = { value: undefined };

type Switching<T> = Generator<void, T, void>;

interface Task {
  readonly name: string;
  body: Switching<void> | undefined; // undefined: not alive
  slot: Slot;
  channel: Channel | undefined; // the one it is blocked on
  blockTrap: boolean;
}

interface Channel {
  readonly number: number;
  queue: Task[];
  side: 'send' | 'recv'; // of those who queue
  preference: number;
  scheduleAll: boolean;
  closing: boolean;
}

export function runModel(script: Script): string[] {
  return new World(script).run();
}

class World {
  readonly #player: Player;
  readonly #channels: readonly Channel[];
  readonly #tasks = new Map<string, Task>();
  readonly #main: Task;
  #ring: Task[];
  #current: Task;
  #watchdogs: Task[] = [];
  #trap = 0;
  #handler: 'none' | 'quiet' | 'raising' = 'none';

  constructor(script: Script) {
    this.#player = new Player(script);
    this.#channels = script.channels.map((preference, number) => ({
      number,
      queue: [],
      side: 'send',
      preference,
      scheduleAll: false,
      closing: false,
    }));
    this.#main = this.#task('M');
    this.#main.body = this.#mainLife();
    this.#ring = [this.#main];
    this.#current = this.#main;
  }

  /** Resumes whoever is current, until main is over; the others are left where they are. */
  run(): string[] {
    while (this.#main.body !== undefined) this.#current.body?.next();
    return this.#player.log;
  }

  #task(name: string): Task {
    const task: Task = { name, body: undefined, slot: NONE, channel: undefined, blockTrap: false };
    this.#tasks.set(name, task);
    return task;
  }

  /** Plays the owner's script; every request is carried out here. */
  *#drive(owner: string): Switching<void> {
    const play = this.#player.play(owner);
    let step = play.next();
    while (step.done !== true) {
      let result: unknown;
      try {
        result = yield* this.#perform(step.value);
      } catch (error) {
        step = play.throw(error);
        continue;
      }
      step = play.next(result);
    }
  }

  *#mainLife(): Switching<void> {
    try {
      yield* this.#drive('M');
    } catch (error) {
      if (!(error instanceof TaskletExit)) throw error;
    } finally {
      this.#main.body = undefined;
    }
  }

  /** A tasklet from its first turn to its end. */
  *#life(task: Task): Switching<void> {
    let failure: Error | undefined;
    try {
      this.#claim(); // an error that was thrown at it before it ever ran
      yield* this.#drive(task.name);
    } catch (error) {
      if (!(error instanceof TaskletExit)) failure = error as Error;
    }
    if (failure !== undefined && this.#handler !== 'none') {
      this.#player.log.push(`handler ${failure.message}`);
      failure = this.#handler === 'raising' ? new ValueError(`handler of ${failure.message}`) : undefined;
    }
    this.#end(task, failure);
  }

  // ---- the ring

  get #wake(): Task {
    return this.#watchdogs.at(-1) ?? this.#main;
  }

  #append(task: Task): void {
    if (!this.#ring.includes(task)) this.#ring.push(task);
  }

  #leave(task: Task): void {
    this.#ring = this.#ring.filter((other) => other !== task);
  }

  #unblock(task: Task): void {
    if (task.channel === undefined) return;
    task.channel.queue = task.channel.queue.filter((other) => other !== task);
    task.channel = undefined;
  }

  #turnTo(task: Task): void {
    if (this.#player.script.watched) this.#player.log.push(`${this.#current.name}>${task.name}`);
    this.#unblock(task);
    this.#append(task);
    const at = this.#ring.indexOf(task);
    this.#ring = [...this.#ring.slice(at), ...this.#ring.slice(0, at)];
    this.#current = task;
  }

  /** Gives the turn to `task`; returns what is in the caller's slot when it comes back. */
  *#switch(task: Task): Switching<unknown> {
    if (task !== this.#current) {
      this.#turnTo(task);
      yield;
    }
    return this.#claim();
  }

  #claim(): unknown {
    const slot = this.#current.slot;
    this.#current.slot = NONE;
    if ('error' in slot) throw slot.error;
    return slot.value;
  }

  /** Called before anything is changed: a raised trap refuses every switch to another. */
  #guard(task: Task | undefined): void {
    if (this.#trap > 0 && task !== this.#current) throw new RuntimeError('switch_trap');
  }

  get #next(): Task {
    return this.#ring[1] ?? this.#current;
  }

  /** The current tasklet leaves the ring, through `go`, for whoever is next. */
  *#blockAway(go: () => void): Switching<unknown> {
    const me = this.#current;
    let target = this.#ring[1];
    if (target === undefined) {
      const wake = this.#wake;
      if (wake === me || wake.channel !== undefined) {
        throw new RuntimeError('Deadlock: the last runnable tasklet cannot be blocked.');
      }
      target = wake;
    }
    this.#guard(target);
    this.#leave(me);
    go();
    return yield* this.#switch(target);
  }

  #end(task: Task, failure: Error | undefined): void {
    task.body = undefined;
    this.#leave(task);
    const wake = this.#wake;
    const next = this.#ring[0];
    if (failure !== undefined) {
      wake.slot = { error: failure };
      this.#turnTo(wake);
    } else if (next !== undefined) {
      this.#turnTo(next);
    } else {
      if (wake.channel !== undefined) {
        const what =
          wake.channel.side === 'recv' ? 'receiving without a sender' : 'sending without a receiver';
        wake.slot = { error: new RuntimeError(`the main tasklet is ${what} available.`) };
      }
      this.#turnTo(wake);
    }
  }

  *#run(): Switching<void> {
    const me = this.#current;
    const target = this.#ring[1];
    if (target === undefined) return;
    this.#guard(target);
    this.#watchdogs.push(me);
    this.#leave(me);
    try {
      yield* this.#switch(target);
    } finally {
      if (this.#watchdogs.includes(me)) {
        for (
          let inner = this.#watchdogs.pop();
          inner !== me && inner !== undefined;
          inner = this.#watchdogs.pop()
        ) {
          this.#append(inner);
        }
      }
    }
  }

  *#scheduleRemove(value: unknown): Switching<unknown> {
    const me = this.#current;
    if (this.#ring.length === 1 && this.#wake === me) {
      // Floating, and woken at once.
      me.slot = { value };
      return this.#claim();
    }
    return yield* this.#blockAway(() => {
      me.slot = { value };
    });
  }

  // ---- channels

  *#transfer(channel: Channel, side: 'send' | 'recv', offer: Slot): Switching<unknown> {
    const me = this.#current;
    const peer = channel.side === side ? undefined : channel.queue[0];
    if (this.#player.script.watched) {
      this.#player.log.push(`${channel.number}:${me.name} ${side}${peer === undefined ? ' blocks' : ''}`);
    }
    if (peer === undefined) return yield* this.#wait(channel, side, offer);

    const peerPreferred = channel.preference === (side === 'send' ? -1 : 1);
    if (channel.scheduleAll) this.#guard(this.#ring[1] ?? peer);
    else if (peerPreferred) this.#guard(peer);

    this.#unblock(peer);
    me.slot = side === 'recv' ? peer.slot : NONE;
    peer.slot = offer;
    if (channel.scheduleAll) {
      this.#append(peer);
      return yield* this.#switch(this.#next);
    }
    if (peerPreferred) {
      this.#ring.splice(1, 0, peer);
      return yield* this.#switch(peer);
    }
    this.#append(peer);
    return this.#claim();
  }

  *#wait(channel: Channel, side: 'send' | 'recv', offer: Slot): Switching<unknown> {
    const me = this.#current;
    if (me.blockTrap) throw new RuntimeError('this tasklet does not like to be blocked.');
    if (channel.closing) throw new ValueError('Send/receive operation on a closed channel');
    return yield* this.#blockAway(() => {
      me.slot = offer;
      me.channel = channel;
      channel.side = side;
      channel.queue.push(me);
    });
  }

  *#iterate(channel: Channel): Switching<unknown> {
    if (channel.closing && (channel.queue.length === 0 || channel.side === 'recv')) return undefined;
    try {
      return yield* this.#transfer(channel, 'recv', NONE);
    } catch (error) {
      if (error instanceof StopIteration) return undefined;
      throw error;
    }
  }

  // ---- tasklets

  #insert(task: Task): void {
    if (task.channel !== undefined) throw new RuntimeError('You cannot run a blocked tasklet');
    if (task.body === undefined) throw new RuntimeError('You cannot run an unbound(dead) tasklet');
    this.#append(task);
  }

  #remove(task: Task): void {
    if (task.channel !== undefined) throw new RuntimeError('You cannot remove a blocked tasklet.');
    if (task === this.#current) throw new RuntimeError('The current tasklet cannot be removed.');
    this.#leave(task);
  }

  *#runOne(task: Task, pause: boolean): Switching<unknown> {
    if (task === this.#current) return undefined;
    if (task.channel !== undefined || task.body === undefined) this.#insert(task); // raises
    this.#guard(task);
    this.#insert(task);
    if (pause) this.#leave(this.#current);
    return yield* this.#switch(task);
  }

  *#throw(task: Task, error: Error, pending: boolean): Switching<void> {
    if (task === this.#current) throw error;
    if (task.body === undefined) {
      if (error instanceof TaskletExit) return;
      throw new RuntimeError('You cannot throw to a dead tasklet');
    }
    if (!pending) this.#guard(task);
    this.#unblock(task);
    this.#append(task);
    task.slot = { error };
    if (!pending) yield* this.#switch(task);
  }

  #bind(task: Task, how: 'none' | 'arguments' | 'setup'): void {
    if (task === this.#current) throw new RuntimeError("can't (re)bind the current tasklet");
    if (this.#ring.includes(task) || task.channel !== undefined)
      throw new RuntimeError('tasklet is scheduled');
    if (task === this.#main) throw new RuntimeError("can't (re)bind the main tasklet");
    if (this.#watchdogs.includes(task)) throw new RuntimeError("can't (re)bind a tasklet inside run()");
    task.slot = NONE;
    task.body = how === 'none' ? undefined : this.#life(task);
    if (how === 'setup') this.#append(task);
  }

  #names(tasks: readonly Task[]): string {
    return tasks.map((task) => task.name).join('');
  }

  // ---- requests

  *#perform(request: Request): Switching<unknown> {
    switch (request[0]) {
      case 'spawn': {
        const task = this.#task(request[1]);
        task.body = this.#life(task);
        this.#append(task);
        return undefined;
      }
      case 'yield':
      case 'yieldvalue':
        this.#guard(this.#next);
        this.#current.slot = { value: request[1] };
        return yield* this.#switch(this.#next);
      case 'park':
      case 'parkvalue':
        return yield* this.#scheduleRemove(request[1]);
      case 'run':
        return yield* this.#run();
      case 'runcount':
        return this.#ring.length;
      case 'balance':
        return this.#channels.map((c) => (c.side === 'send' ? c.queue.length : -c.queue.length)).join(',');
      case 'blocktrap':
        this.#current.blockTrap = request[1];
        return undefined;
      case 'switchtrap':
        this.#trap += request[1];
        return undefined;
      case 'error':
        return new ValueError(String(request[1]));
      case 'handler':
        this.#handler = request[1];
        return undefined;
      case 'ring':
        return this.#names(this.#ring);
      case 'send':
      case 'recv':
      case 'sendexc':
      case 'stop':
      case 'seq':
      case 'next':
      case 'pref':
      case 'all':
      case 'close':
      case 'open':
      case 'queue':
        return yield* this.#atChannel(request);
      case 'trapped':
      case 'iter':
      case 'die':
        throw new Error(`${request[0]} is taken apart by the player`);
      default:
        return yield* this.#withTask(request);
    }
  }

  *#atChannel(request: ChannelRequest): Switching<unknown> {
    const channel = this.#channels[request[1]];
    if (channel === undefined) throw new Error(`no channel ${request[1]}`);
    switch (request[0]) {
      case 'send':
        yield* this.#transfer(channel, 'send', { value: request[2] });
        return undefined;
      case 'recv':
        return yield* this.#transfer(channel, 'recv', NONE);
      case 'sendexc':
        yield* this.#transfer(channel, 'send', { error: new ValueError(String(request[2])) });
        return undefined;
      case 'stop':
        yield* this.#transfer(channel, 'send', { error: new StopIteration('') });
        return undefined;
      case 'seq':
        for (const value of request[2]) yield* this.#transfer(channel, 'send', { value });
        return request[2].length;
      case 'next':
        return yield* this.#iterate(channel);
      case 'pref':
        channel.preference = Math.sign(request[2]);
        return undefined;
      case 'all':
        channel.scheduleAll = request[2];
        return undefined;
      case 'close':
        channel.closing = true;
        return `${channel.closing} ${channel.queue.length === 0}`;
      case 'open':
        channel.closing = false;
        return undefined;
      case 'queue':
        return this.#names(channel.queue);
    }
  }

  *#withTask(request: TaskRequest): Switching<unknown> {
    const task = this.#tasks.get(request[1]);
    if (task === undefined) return SKIP;
    switch (request[0]) {
      case 'insert':
        this.#insert(task);
        return undefined;
      case 'remove':
        this.#remove(task);
        return undefined;
      case 'trun':
      case 'trunvalue':
        return yield* this.#runOne(task, false);
      case 'tswitch':
        return yield* this.#runOne(task, true);
      case 'kill':
        return yield* this.#throw(task, new TaskletExit(), false);
      case 'pkill':
        return yield* this.#throw(task, new TaskletExit(), true);
      case 'throw':
        return yield* this.#throw(task, new ValueError(String(request[2])), false);
      case 'pthrow':
        return yield* this.#throw(task, new ValueError(String(request[2])), true);
      case 'bind':
        this.#bind(task, 'setup');
        return undefined;
      case 'bindargs':
        this.#bind(task, 'arguments');
        return undefined;
      case 'unbind':
        this.#bind(task, 'none');
        return undefined;
      case 'slot':
        task.slot = { value: request[2] };
        return undefined;
      case 'flags': {
        const alive = task.body !== undefined;
        const blocked = task.channel !== undefined;
        const scheduled = blocked || this.#ring.includes(task);
        return [alive, scheduled, blocked, alive && !scheduled].map(Number).join('');
      }
    }
  }
}

type ChannelRequest = Extract<
  Request,
  readonly [
    'send' | 'recv' | 'sendexc' | 'stop' | 'seq' | 'next' | 'pref' | 'all' | 'close' | 'open' | 'queue',
    ...unknown[],
  ]
>;
type TaskRequest = Extract<
  Request,
  readonly [
    (
      | 'insert'
      | 'remove'
      | 'trun'
      | 'trunvalue'
      | 'tswitch'
      | 'kill'
      | 'pkill'
      | 'throw'
      | 'pthrow'
      | 'bind'
      | 'bindargs'
      | 'unbind'
      | 'slot'
      | 'flags'
    ),
    ...unknown[],
  ]
>;
