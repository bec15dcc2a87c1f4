/**
 * The contract of channels, as a program: who may do what, in every order there is.
 *
 * It was written from the contract and shares no code with the library. A tasklet is a list of operations. What it
 * came to is told in words, so that the library's words can be compared with them.
 */

export type Arm = readonly ['send' | 'receive', channel: number];

export type Operation =
  | readonly ['send' | 'receive', channel: number, limit?: 'limited']
  | readonly ['select', ...arms: Arm[]]
  | readonly ['close', channel: number]
  | readonly ['kill', tasklet: number]
  | readonly ['yield'];

export interface Plan {
  readonly tasklets: readonly (readonly Operation[])[];
  /** Who may be killed from outside, once, at any time. */
  readonly mortal?: readonly number[];
}

export const CHANNELS = 2;
/** How long a limited wait lasts. */
export const LIMIT = 10;

/** Somebody who stands in a queue: which tasklet, with which arm of a select, and what it offers. */
interface Stand {
  readonly who: Actor;
  readonly arm: number;
  readonly value: string;
}

interface Actor {
  readonly id: number;
  readonly plan: readonly Operation[];
  /** How far it is in its plan. */
  at: number;
  state: 'fresh' | 'ready' | 'yielding' | 'blocked' | 'over';
  /** What its present operation came to; told when its turn comes. */
  result: string | null;
  doomed: boolean;
  due: number;
  readonly log: string[];
}

/** Decides: a number from 0 to `count` - 1. */
export type Choose = (count: number) => number;

/** Plays `plan` once. */
export function play(plan: Plan, choose: Choose): string {
  const actors = plan.tasklets.map((each, id): Actor => {
    return { id, plan: each, at: 0, state: 'fresh', result: null, doomed: false, due: Infinity, log: [] };
  });
  const senders: Stand[][] = Array.from({ length: CHANNELS }, () => []);
  const receivers: Stand[][] = Array.from({ length: CHANNELS }, () => []);
  const closed: boolean[] = Array.from({ length: CHANNELS }, () => false);
  const mortal = new Set(plan.mortal?.map((id) => actors[id]!));
  let now = 0;

  /** Ends the wait of `who`: it leaves every queue, and nothing that comes later changes the result. */
  const wake = (who: Actor, result: string): void => {
    for (const queue of [...senders, ...receivers]) {
      for (let i = queue.length - 1; i >= 0; i--) if (queue[i]!.who === who) queue.splice(i, 1);
    }
    who.state = 'ready';
    who.result = result;
    who.due = Infinity;
  };

  const kill = (who: Actor): void => {
    if (who.state === 'over') return;
    if (who.state === 'fresh') {
      who.state = 'over';
      who.log.push('never');
    } else if (who.state === 'blocked' || who.state === 'yielding') wake(who, 'killed');
    // Its wait is settled, or it has the turn: the kill is for its next wait.
    else who.doomed = true;
  };

  const fire = (): void => {
    now = Math.min(...actors.map(({ due }) => due));
    for (const who of actors) if (who.due === now) wake(who, 'timeout');
  };

  /**
   * Things that may happen before `others`, one of whom is next. A timer, a kill from outside; at the end of all
   * things, nothing. Whoever is next is returned.
   */
  const next = (others: () => Actor[]): Actor | undefined => {
    for (;;) {
      const able = others();
      const timer = actors.some(({ due }) => due < Infinity);
      const victims = [...mortal].filter(({ state }) => state !== 'over');
      const ways: (() => Actor | undefined | 'again')[] = able.map((who) => () => who);
      if (able.length === 0 && !timer) ways.push(() => undefined);
      if (timer) ways.push(() => (fire(), 'again'));
      for (const victim of victims) ways.push(() => (mortal.delete(victim), kill(victim), 'again'));
      const chosen = ways[ways.length === 1 ? 0 : choose(ways.length)]!();
      if (chosen !== 'again') return chosen;
    }
  };

  /** What `me` could do at once with `arm`. */
  const isReady = ([deed, channel]: Arm): boolean =>
    closed[channel]! || (deed === 'send' ? receivers : senders)[channel]!.length > 0;

  /** Does it: true if `me` goes on without waiting. */
  const meet = (me: Actor, [deed, channel]: Arm, value: string, arm: number): boolean => {
    const name = arm < 0 ? '' : `case ${arm} `;
    const partner = (deed === 'send' ? receivers : senders)[channel]![0];
    if (partner === undefined) {
      me.log.push('closed');
      return true;
    }
    const other = partner.arm < 0 ? '' : `case ${partner.arm} `;
    if (deed === 'send') {
      // The receiver goes on, and the sender when its turn comes.
      wake(partner.who, `${other}got ${value}`);
      me.state = 'ready';
      me.result = `${name}sent`;
      return false;
    }
    wake(partner.who, `${other}sent`);
    me.log.push(`${name}got ${partner.value}`);
    return true;
  };

  /** Begins an operation: true if `me` goes on without waiting. */
  const begin = (me: Actor, [deed, ...rest]: Operation, value: string): boolean => {
    if (deed === 'yield') {
      if (!actors.some((who) => who !== me && runnable(who))) return me.log.push('went on') > 0;
      me.state = 'yielding';
      me.result = 'went on';
      return false;
    }
    const arms = deed === 'select' ? (rest as Arm[]) : [[deed, rest[0]] as Arm];
    const ready = arms.flatMap((arm, i) => (isReady(arm) ? [i] : []));
    const numbered = (i: number): number => (deed === 'select' ? i : -1);
    if (ready.length > 0) {
      const i = ready[ready.length === 1 ? 0 : choose(ready.length)]!;
      return meet(me, arms[i]!, value, numbered(i));
    }
    for (const [i, [way, channel]] of arms.entries()) {
      (way === 'send' ? senders : receivers)[channel]!.push({ who: me, arm: numbered(i), value });
    }
    me.state = 'blocked';
    if (rest[1] === 'limited') me.due = now + LIMIT;
    return false;
  };

  /** `me` has the turn until it waits or ends. */
  const turn = (me: Actor): void => {
    if (me.result !== null) me.log.push(me.result);
    const killed = me.result === 'killed';
    me.result = null;
    me.state = 'ready';
    while (!killed && me.at < me.plan.length) {
      const operation = me.plan[me.at++]!;
      const [deed, target] = operation;
      if (deed === 'close') {
        closed[target] = true;
        for (const { who } of [...receivers[target]!]) wake(who, 'closed');
      } else if (deed === 'kill') kill(actors[target]!);
      else if (me.doomed) {
        me.log.push('killed');
        break;
      } else if (!begin(me, operation, `${me.id}.${me.at - 1}`)) return;
      // Nobody comes in between, but time and kills from outside.
      else next(() => [me]);
    }
    me.state = 'over';
  };

  for (let who = next(() => actors.filter(runnable)); who !== undefined;) {
    turn(who);
    who = next(() => actors.filter(runnable));
  }
  return actors
    .map((who) => [...who.log, ...(who.state === 'blocked' ? ['waits'] : [])].join(', '))
    .join(' | ');
}

function runnable({ state }: Actor): boolean {
  return state === 'fresh' || state === 'ready' || state === 'yielding';
}

/** All that `plan` can come to; `undefined` when there are more than `limit` orders. */
export function outcomes(plan: Plan, limit = Infinity): Set<string> | undefined {
  const found = new Set<string>();
  const picks: number[] = [];
  const counts: number[] = [];
  for (let runs = 1; ; runs++) {
    let at = 0;
    found.add(
      play(plan, (count) => {
        if (at === picks.length) picks.push(0);
        counts[at] = count;
        return picks[at++]!;
      }),
    );
    counts.length = at;
    while (picks.length > 0 && picks.at(-1)! + 1 >= counts[picks.length - 1]!) picks.pop();
    if (picks.length === 0) return found;
    if (runs === limit) return undefined;
    picks[picks.length - 1]!++;
  }
}
