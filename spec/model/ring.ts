/**
 * The contract of turns and of what one waits for, as a program: whose turn it is, who stands where, who is served.
 *
 * It was written from the contract and shares no code with the library. There is one order, that of the ring, and
 * selects take the first of their cases. Whoever is woken goes to the end of the ring; only the meeting of two at a
 * channel may give the turn to the other one.
 */
import {
  CHANNELS,
  PERMITS,
  ROOM,
  SIGNALS,
  type Command,
  type Deed,
  type Operation,
  type Preference,
  type View,
} from './command.js';

interface Actor {
  readonly name: string;
  readonly script: readonly Operation[];
  at: number;
  state: 'fresh' | 'blocked' | 'ready' | 'yielding' | 'over' | 'killed';
  /** What its present operation came to. */
  outcome: string;
  /** To be killed at its next wait. */
  doomed: boolean;
  due: number;
  /** When it began its present wait: a number that only grows. */
  since: number;
  signal: number | undefined;
}

/** Who stands in a queue: with which case of a select, with which value. A posted value is nobody's. */
interface Stand {
  readonly who: Actor | null;
  readonly prefix: string;
  readonly value: string;
}

/** In the ring: somebody, or the deadline of 0 of a wait of somebody's. */
type Member = Actor | { readonly of: Actor; readonly since: number };

export class Ring {
  private readonly log: string[] = [];
  private readonly main: Actor = this.actor('main', []);
  private readonly ring: Member[] = [this.main];
  private readonly actors: Actor[] = [];
  private readonly queues = new Map<string, Stand[]>();
  private readonly preferences: Preference[] = Array<Preference>(CHANNELS).fill('receiver');
  private readonly closed: boolean[] = Array<boolean>(CHANNELS).fill(false);
  private readonly free = { lock: 1, semaphore: PERMITS };
  private isSet = false;
  private readonly items: string[] = [];
  private unfinished = 0;
  private closing = false;
  private now = 0;
  private count = 0;
  private values = 0;

  private actor(name: string, script: readonly Operation[]): Actor {
    const state = 'fresh';
    return {
      name,
      script,
      at: 0,
      state,
      outcome: '',
      doomed: false,
      due: Infinity,
      since: 0,
      signal: undefined,
    };
  }

  /** How many tasklets there were. */
  get size(): number {
    return this.actors.length;
  }

  /** Does what main is told to. */
  do(command: Command): void {
    switch (command[0]) {
      case 'spawn': {
        const actor = this.actor(String(this.actors.length), command[1]);
        this.actors.push(actor);
        this.ring.push(actor);
        return;
      }
      case 'turn':
        this.ring.push(this.ring.shift()!);
        while (this.ring[0] !== this.main) this.turn(this.ring[0]!);
        return;
      case 'kill': {
        const victim = this.actors[command[1]];
        if (victim !== undefined) this.kill(victim);
        return;
      }
      case 'abort':
        for (const who of this.waiting(({ signal }) => signal === command[1])) this.wake(who, 'aborted');
        return;
      case 'advance': {
        const due = this.waiting((who) => who.due <= this.now + command[1]);
        for (const who of due.sort((a, b) => a.due - b.due)) this.wake(who, 'timeout');
        this.now += command[1];
        return;
      }
      case 'close':
        if (this.closed[command[1]]) return;
        this.closed[command[1]] = true;
        this.wakeAll(`receive ${command[1]}`, 'closed');
        return;
      case 'post': {
        const value = this.value();
        if (this.closed[command[1]]) this.say('main', 'closed');
        else if (!this.hand(`receive ${command[1]}`, `got ${value}`)) {
          this.queue(`send ${command[1]}`).push({ who: null, prefix: '', value });
        }
        return;
      }
      case 'trySend': {
        const value = this.value();
        if (this.closed[command[1]]) this.say('main', 'closed');
        else this.say('main', this.hand(`receive ${command[1]}`, `got ${value}`) ? 'sent' : 'no');
        return;
      }
      case 'tryReceive': {
        const from = this.queue(`send ${command[1]}`)[0];
        if (from === undefined) this.say('main', this.closed[command[1]] ? 'closed' : 'no');
        else {
          this.served(`send ${command[1]}`, 'sent');
          this.say('main', `got ${from.value}`);
        }
        return;
      }
      case 'prefer':
        this.preferences[command[1]] = command[2];
        return;
      case 'tryTake':
        if (this.free[command[1]] > 0) this.free[command[1]]--;
        else this.say('main', 'no');
        return;
      case 'release':
        if (command[1] === 'lock' && this.free.lock > 0) this.say('main', 'not held');
        else if (!this.hand(`take ${command[1]}`, 'took')) this.free[command[1]]++;
        return;
      case 'set':
        this.isSet = true;
        this.wakeAll('wait event', 'passed');
        return;
      case 'clear':
        this.isSet = false;
        return;
      case 'tryPut': {
        const value = this.value();
        if (this.closing) this.say('main', 'closed');
        else if (this.items.length >= ROOM) this.say('main', 'no');
        else this.keep(value);
        return;
      }
      case 'tryGet':
        if (this.items.length > 0) this.say('main', `got ${this.takeItem()}`);
        else this.say('main', this.closing ? 'closed' : 'no');
        return;
      case 'empty': {
        const all: string[] = [];
        while (this.items.length > 0) all.push(this.takeItem());
        // Some of them may have been reported done before.
        this.unfinished = Math.max(0, this.unfinished - all.length);
        this.say('main', `emptied ${all.join(' ')}`);
        if (this.unfinished === 0) this.wakeAll('finish queue', 'finished');
        return;
      }
      case 'done':
        if (this.unfinished === 0) this.say('main', 'too many');
        else if (--this.unfinished === 0) this.wakeAll('finish queue', 'finished');
        return;
      case 'closeQueue':
        this.closing = true;
        this.wakeAll('get queue', 'closed');
    }
  }

  /** What main offers. */
  private value(): string {
    return `m${this.values++}`;
  }

  // Turns -------------------------------------------------------------------------------------------------

  private turn(member: Member): void {
    if ('of' in member) {
      this.ring.shift();
      if (member.of.state === 'blocked' && member.of.since === member.since) this.wake(member.of, 'timeout');
      return;
    }
    if (member.state !== 'fresh') this.say(member.name, member.outcome);
    const killed = member.state !== 'fresh' && member.outcome === 'killed';
    member.state = 'ready';
    while (!killed && member.at < member.script.length) {
      const at = member.at++;
      if (!this.begin(member, member.script[at]!, at)) return;
      this.say(member.name, member.outcome);
    }
    this.end(member, killed ? 'killed' : 'over');
    this.ring.shift();
  }

  /** Begins an operation of `me`, who has the turn: true if it goes on at once. */
  private begin(me: Actor, { deeds, default: never, timeout, signal }: Operation, at: number): boolean {
    if (me.doomed) return this.last(me, 'ready', 'killed');
    if (deeds.length === 0) return this.last(me, 'yielding', 'went on');
    if (signal === SIGNALS - 1) return this.last(me, 'ready', 'aborted');
    const selects = deeds.length > 1;
    const offers = deeds.map((deed, i) => {
      return {
        deed,
        prefix: selects ? `${i} ` : '',
        value: selects ? `${me.name}.${at}.${i}` : `${me.name}.${at}`,
      };
    });
    const ready = offers.find(({ deed }) => this.isReady(deed));
    if (ready !== undefined) return this.act(me, ready.deed, ready.prefix, ready.value);
    if (never === true && selects) {
      me.outcome = 'else';
      return true;
    }
    this.ring.shift();
    me.state = 'blocked';
    me.since = ++this.count;
    me.signal = signal;
    for (const { deed, prefix, value } of offers) this.queue(deed.join(' ')).push({ who: me, prefix, value });
    // A deadline of 0 has no turn: one that is next has come before the limits of this wait are set.
    while ('of' in this.ring[0]!) this.turn(this.ring[0]);
    if (timeout === 0) this.ring.push({ of: me, since: me.since });
    else if (timeout !== undefined) me.due = this.now + timeout;
    return false;
  }

  /** `me` goes last, and then to `outcome`. */
  private last(me: Actor, state: 'ready' | 'yielding', outcome: string): false {
    me.state = state;
    me.outcome = outcome;
    this.ring.push(this.ring.shift()!);
    return false;
  }

  private end(who: Actor, state: 'over' | 'killed'): void {
    who.state = state;
    this.wakeAll(`join ${who.name}`, state === 'killed' ? 'was killed' : 'joined');
  }

  private kill(victim: Actor): void {
    switch (victim.state) {
      case 'fresh':
        this.ring.splice(this.ring.indexOf(victim), 1);
        this.end(victim, 'killed');
        return;
      case 'blocked':
        this.wake(victim, 'killed');
        return;
      case 'yielding':
        // It keeps its place; what comes after this finds its wait settled.
        victim.state = 'ready';
        victim.outcome = 'killed';
        return;
      case 'ready':
        victim.doomed = true;
        return;
      case 'over':
      case 'killed':
    }
  }

  /** Ends the wait of `who`, who leaves every queue and goes last. */
  private wake(who: Actor, outcome: string): void {
    this.settle(who, outcome);
    this.ring.push(who);
  }

  private settle(who: Actor, outcome: string): void {
    for (const [place, stands] of this.queues) {
      this.queues.set(
        place,
        stands.filter((stand) => stand.who !== who),
      );
    }
    who.state = 'ready';
    who.outcome = outcome;
    who.due = Infinity;
    who.signal = undefined;
  }

  /** Those who wait, and of whom `is` holds, in the order in which they began to. */
  private waiting(is: (who: Actor) => boolean): Actor[] {
    const all = this.actors.filter((who) => who.state === 'blocked' && is(who));
    return all.sort((a, b) => a.since - b.since);
  }

  // What one waits for ------------------------------------------------------------------------------------

  private isReady(deed: Deed): boolean {
    switch (deed[0]) {
      case 'send':
        return this.closed[deed[1]]! || this.queue(`receive ${deed[1]}`).length > 0;
      case 'receive':
        return this.closed[deed[1]]! || this.queue(`send ${deed[1]}`).length > 0;
      case 'take':
        return this.free[deed[1]] > 0;
      case 'wait':
        return this.isSet;
      case 'put':
        return this.closing || this.items.length < ROOM;
      case 'get':
        return this.closing || this.items.length > 0;
      case 'finish':
        return this.unfinished === 0;
      case 'join':
        return this.target(deed[1]) === undefined;
    }
  }

  /** Who can be joined by that number, and has not ended. */
  private target(number: number): Actor | undefined {
    const actor = this.actors[number];
    return actor === undefined || actor.state === 'over' || actor.state === 'killed' ? undefined : actor;
  }

  /** Does what can be done now: true if `me` goes on, false if somebody else does. */
  private act(me: Actor, deed: Deed, prefix: string, value: string): boolean {
    const goOn = (outcome: string): true => {
      me.outcome = outcome;
      return true;
    };
    switch (deed[0]) {
      case 'send': {
        const to = this.queue(`receive ${deed[1]}`)[0];
        if (to === undefined) return goOn('closed');
        return this.meet(me, to, `got ${value}`, `${prefix}sent`, this.preferences[deed[1]] === 'receiver');
      }
      case 'receive': {
        const from = this.queue(`send ${deed[1]}`)[0];
        if (from === undefined) return goOn('closed');
        const got = `${prefix}got ${from.value}`;
        if (from.who === null) {
          this.queue(`send ${deed[1]}`).shift();
          return goOn(got);
        }
        return this.meet(me, from, 'sent', got, this.preferences[deed[1]] === 'sender');
      }
      case 'take':
        this.free[deed[1]]--;
        return goOn(`${prefix}took`);
      case 'wait':
        return goOn(`${prefix}passed`);
      case 'put':
        if (this.closing) return goOn('closed');
        this.keep(value);
        return goOn(`${prefix}put`);
      case 'get':
        return goOn(this.items.length > 0 ? `${prefix}got ${this.takeItem()}` : 'closed');
      case 'finish':
        return goOn(`${prefix}finished`);
      case 'join':
        return goOn(this.actors[deed[1]]?.state === 'killed' ? 'was killed' : `${prefix}joined`);
    }
  }

  /** `me` meets who stands there; it goes last, and the other one next, if that is `preferred`. */
  private meet(me: Actor, { who, prefix }: Stand, theirs: string, mine: string, preferred: boolean): boolean {
    me.outcome = mine;
    if (!preferred) {
      this.wake(who!, prefix + theirs);
      return true;
    }
    this.settle(who!, prefix + theirs);
    this.ring.shift();
    this.ring.unshift(who!);
    this.ring.push(me);
    return false;
  }

  /** Puts `value` into the queue, or gives it to who waits for it. */
  private keep(value: string): void {
    this.unfinished++;
    if (!this.hand('get queue', `got ${value}`)) this.items.push(value);
  }

  private takeItem(): string {
    const item = this.items.shift()!;
    const next = this.queue('put queue')[0];
    if (next !== undefined) {
      this.served('put queue', 'put');
      this.keep(next.value);
    }
    return item;
  }

  // Who stands where --------------------------------------------------------------------------------------

  private queue(place: string): Stand[] {
    const queue = this.queues.get(place) ?? [];
    this.queues.set(place, queue);
    return queue;
  }

  /** Gives what is there to the first who waits for it, if anybody does. */
  private hand(place: string, outcome: string): boolean {
    if (this.queue(place).length === 0) return false;
    this.served(place, outcome);
    return true;
  }

  /** The first who stands there is served. */
  private served(place: string, outcome: string): void {
    const { who, prefix } = this.queue(place)[0]!;
    if (who === null) this.queue(place).shift();
    else this.wake(who, prefix + outcome);
  }

  private wakeAll(place: string, outcome: string): void {
    const failed = outcome === 'closed' || outcome === 'was killed';
    for (let first = this.queue(place)[0]; first !== undefined; first = this.queue(place)[0]) {
      this.wake(first.who!, failed ? outcome : first.prefix + outcome);
    }
  }

  // From outside ------------------------------------------------------------------------------------------

  private say(who: string, what: string): void {
    this.log.push(`${who}: ${what}`);
  }

  view(): View {
    const standing = (place: string): string[] =>
      this.queue(place).map(({ who, value }) => who?.name ?? value);
    const queues: Record<string, string[]> = {};
    const states: Record<string, unknown> = {};
    for (let channel = 0; channel < CHANNELS; channel++) {
      const senders = (queues[`send ${channel}`] = standing(`send ${channel}`));
      const receivers = (queues[`receive ${channel}`] = standing(`receive ${channel}`));
      states[`channel ${channel}`] = {
        balance: senders.length - receivers.length,
        closing: this.closed[channel],
        closed: this.closed[channel]! && senders.length === 0,
      };
    }
    for (const place of [
      'take lock',
      'take semaphore',
      'wait event',
      'put queue',
      'get queue',
      'finish queue',
    ]) {
      queues[place] = standing(place);
    }
    for (const { name } of this.actors) queues[`join ${name}`] = standing(`join ${name}`);
    states['lock'] = this.free.lock === 0;
    states['semaphore'] = this.free.semaphore;
    states['event'] = this.isSet;
    states['queue'] = { size: this.items.length, next: this.items[0], closing: this.closing };
    states['alive'] = this.actors.map(({ state }) => state !== 'over' && state !== 'killed');
    const ring = this.ring.map((each) => ('of' in each ? 'deadline' : each.name));
    return { log: this.log, ring, queues, states };
  }
}
