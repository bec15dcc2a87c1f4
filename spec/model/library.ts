/** The library plays the plans of the model, under exploration, and is looked at after every step. */
import { Channel, TaskletExit, schedule, select, spawn, DeadlockError } from '../../lib/index.js';
import type { Case, Tasklet, WaitOptions } from '../../lib/index.js';
import { replay, type Decide } from '../../lib/testing/decide.js';
import { Execution } from '../../lib/testing/execution.js';
import type { Outcome, World } from '../../lib/testing/program.js';
import { successor } from '../../lib/testing/exhaust.js';
import { ARM, SELECTING, type Side, type Waiter } from '../../lib/kernel/waiter.js';
import { CHANNELS, LIMIT, type Operation, type Plan } from './model.js';

const STEPS = 10_000;

/** One play: what it came to, in the model's words. */
export class Play {
  readonly channels: Channel<string>[] = Array.from(
    { length: CHANNELS },
    (_, i) => new Channel<string>({ name: `c${i}` }),
  );
  private readonly plan: Plan;
  private readonly logs: string[][];
  private readonly tasklets: Tasklet<void>[] = [];
  /** Who was killed by the plan, not because it waits for ever. */
  private readonly killed: Set<number> = new Set();

  constructor(plan: Plan) {
    this.plan = plan;
    this.logs = plan.tasklets.map(() => []);
  }

  /** Plays it as `decide` says. */
  async run(decide: Decide): Promise<Outcome<void>> {
    const outcome = await new Execution<void>(decide, {
      steps: STEPS,
      inspect: () => this.inspect(),
    }).run((world) => this.main(world));
    const { failure } = outcome;
    // To wait for ever is an outcome like any other.
    if (failure !== undefined && !(failure.error instanceof DeadlockError)) throw failure.error;
    return outcome;
  }

  /** What it came to. */
  get story(): string {
    return this.logs.map((log) => log.join(', ')).join(' | ');
  }

  private main({ killable }: World): void {
    for (const [id, operations] of this.plan.tasklets.entries()) {
      const tasklet = spawn(() => this.play(id, operations));
      this.tasklets.push(tasklet);
      // Overwritten when its first turn comes.
      this.logs[id]!.push('never');
      if (this.plan.mortal?.includes(id) !== true) continue;
      killable({
        name: tasklet.name,
        get alive() {
          return tasklet.alive;
        },
        kill: () => this.kill(id),
      });
    }
  }

  private kill(id: number): void {
    this.killed.add(id);
    this.tasklets[id]!.kill();
  }

  private async play(id: number, operations: readonly Operation[]): Promise<void> {
    const log = this.logs[id]!;
    log.length = 0;
    for (const [at, operation] of operations.entries()) {
      const [deed, target] = operation;
      if (deed === 'close') this.channels[target]!.close();
      else if (deed === 'kill') this.kill(target);
      else {
        const place = log.push('waits') - 1;
        try {
          log[place] = await this.wait(operation, `${id}.${at}`);
        } catch (error) {
          if (error instanceof TaskletExit) {
            if (this.killed.has(id)) log[place] = 'killed';
            throw error;
          }
          log[place] = (error as Error).name === 'TimeoutError' ? 'timeout' : 'closed';
        }
      }
    }
  }

  private async wait([deed, ...rest]: Operation, value: string): Promise<string> {
    if (deed === 'yield') {
      await schedule();
      return 'went on';
    }
    if (deed === 'select') {
      const cases: Record<string, Case<unknown>> = {};
      for (const [i, [way, channel]] of (rest as ['send' | 'receive', number][]).entries()) {
        const on = this.channels[channel]!;
        cases[`case ${i}`] = way === 'send' ? on.sending(value) : on.receiving();
      }
      const hit = (await select(cases)) as { case: string; value: string | undefined };
      return hit.value === undefined ? `${hit.case} sent` : `${hit.case} got ${hit.value}`;
    }
    const [channel, limit] = rest as [number, string?];
    const options: WaitOptions | undefined = limit === undefined ? undefined : { timeout: LIMIT };
    if (deed === 'send') {
      await this.channels[channel]!.send(value, options);
      return 'sent';
    }
    return `got ${await this.channels[channel]!.receive(options)}`;
  }

  /** [INV-4] [INV-5] Nobody stands who could pair, or who does not wait any more, and all are counted. */
  private inspect(): void {
    for (const channel of this.channels) {
      const senders = standing(channel.senders);
      const receivers = standing(channel.receivers);
      if (channel.balance !== senders.length - receivers.length) throw new Error('balance is wrong');
      if (channel.closing && receivers.length > 0) throw new Error('a receiver stands on a closed channel');
      for (const sender of senders) {
        if (receivers.some((receiver) => receiver !== sender)) throw new Error('two stand who could pair');
      }
      for (const waiter of [...senders, ...receivers]) {
        if (!(waiter.owner as Tasklet).alive) throw new Error('one stands who is over');
      }
    }
  }
}

/** Those who stand on `side`, an arm as who selects; what is linked and what is counted must agree. */
function standing(side: Side): Waiter[] {
  const found: Waiter[] = [];
  let waiter = side.first;
  while (waiter !== null) {
    if (waiter.side !== side) throw new Error('one stands where it does not know of');
    if (waiter.kind === ARM && (waiter.owner as Waiter).doing !== SELECTING) throw new Error('a stale arm');
    found.push(waiter.kind === ARM ? (waiter.owner as Waiter) : waiter);
    waiter = waiter.next === side.first ? null : waiter.next;
  }
  if (found.length !== side.size) throw new Error('some stand who are not counted');
  return found;
}

/** All that `plan` comes to, in every order; `undefined` when there are more than `limit`. */
export async function outcomesOf(
  plan: Plan,
  limit = Infinity,
): Promise<{ found: Set<string>; runs: number } | undefined> {
  const found = new Set<string>();
  let runs = 0;
  for (let ahead: readonly number[] | undefined = []; ahead !== undefined;) {
    if (runs++ === limit) return undefined;
    const played = new Play(plan);
    const { picks, counts } = await played.run(replay(ahead));
    found.add(played.story);
    ahead = successor(picks, counts);
  }
  return { found, runs };
}
