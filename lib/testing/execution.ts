/**
 * One run of a program in which every decision is somebody else's.
 *
 * Nothing happens that was not decided: time is virtual, and whoever awaits something that is not ours is found
 * out when all microtasks have run. So the list of decisions is the run: the same list leads the same way again.
 */
import type { Body, Supervisor } from '../kernel/body.js';
import { Channel } from '../kernel/channel.js';
import { forgetDry } from '../kernel/deadlock.js';
import { DeadlockError, StateError, UncontrolledError } from '../kernel/errors.js';
import { soon } from '../kernel/host.js';
import { whole } from '../kernel/options.js';
import { Scheduler } from '../kernel/scheduler.js';
import { TASKLET, type Waiter } from '../kernel/waiter.js';
import { run } from '../tasklet/run.js';
import type { Decide } from './decide.js';
import type { Outcome, Program, World } from './program.js';
import { Steering } from './steering.js';
import { trace, type Trace } from './trace.js';
import { VirtualClock } from './virtual-clock.js';

export interface ExecutionOptions {
  /** More steps than this are a program that never ends. */
  readonly steps: number;
  /** Whether its story is told. */
  readonly told?: boolean;
  /** Called at every step, while the world has the turn. */
  readonly inspect?: (scheduler: Scheduler) => void;
}

function nothing(): void {
  // Whatever it is, nobody wants to know.
}
const INDIFFERENT: Supervisor = { ended: nothing, crashed: nothing, deadlocked: nothing };

/** Runs that are under way: whichever is so when all microtasks have run has come to a stand. */
const underWay = new Set<{ stalled(): void }>();
let watching = false;

function watch(): void {
  if (watching) return;
  watching = true;
  soon(() => {
    watching = false;
    for (const each of underWay) each.stalled();
    if (underWay.size > 0) watch();
  });
}

export class Execution<R> {
  private readonly clock: VirtualClock = new VirtualClock({ jump: false });
  private readonly scheduler: Scheduler = new Scheduler({ clock: this.clock });
  private readonly steering: Steering;
  private readonly story: Trace | null;
  /** Ends with what the program came to. */
  private readonly end: Channel<R> = new Channel();
  private over = false;

  constructor(decide: Decide, { steps, told = false, inspect }: ExecutionOptions) {
    const { scheduler, clock } = this;
    this.story = told ? trace({ scheduler }) : null;
    this.steering = new Steering(scheduler, clock, decide, steps, {
      step: () => inspect?.(scheduler),
      event: (what, tasklet) => {
        const { story } = this;
        story?.note(tasklet === undefined ? what : `${story.nameOf(tasklet)} ${what}`);
      },
      tooLong: () => {
        this.stop(new StateError(`it has not ended after ${steps} steps`));
      },
    });
  }

  /** Runs `program` to its end; never rejects. */
  async run(program: Program<R>): Promise<Outcome<R>> {
    let value: R | undefined;
    let failure: Outcome<R>['failure'];
    underWay.add(this);
    watch();
    try {
      this.start(program);
      value = await this.end.receive();
      if (this.clock.next !== undefined) throw new StateError('it ended and left a timer behind');
    } catch (error) {
      failure = { error };
    }
    this.over = true;
    underWay.delete(this);
    const { picks, counts } = this.steering;
    return { value, failure, picks, counts, story: this.story === null ? '' : this.story.text };
  }

  /** All microtasks have run, and it is not over. */
  stalled(): void {
    if (this.over) return;
    const { scheduler } = this;
    const { current } = scheduler;
    if (current.kind === TASKLET) {
      // With another operation in flight it awaits that one: as good as a wait.
      if (hasGuests(current)) scheduler.leave();
      else this.stop(uncontrolled(current.owner as Body));
      return;
    }
    const stray = Array.from(scheduler.live).find(awaitsForeign);
    if (stray !== undefined) this.stop(uncontrolled(stray.owner as Body));
    else {
      const left = scheduler.tasklets().filter(({ daemon }) => !daemon);
      scheduler.supervisor?.deadlocked(new DeadlockError(left));
    }
  }

  private start(program: Program<R>): void {
    const { scheduler, clock, steering, end } = this;
    const world: World = {
      scheduler,
      clock,
      killable: (tasklet) => {
        steering.mortal.add(tasklet);
        return tasklet;
      },
      choose: (count) => steering.draw(whole(count, 1, 'count', 'choose')),
    };
    run(() => program(world), { scheduler }).then(
      (value) => {
        end.closeWith(value);
      },
      (error: unknown) => {
        end.failWith(error);
      },
    );
    this.listen(scheduler.supervisor as Supervisor);
  }

  /** Learns when the program is over, before what is left of it is ended. */
  private listen(program: Supervisor): void {
    const { scheduler, steering } = this;
    scheduler.supervisor = {
      ended: () => {
        if (scheduler.essential === 0) steering.over = true;
        program.ended();
      },
      crashed: (error) => {
        steering.over = true;
        program.crashed(error);
      },
      deadlocked: (error) => {
        steering.over = true;
        program.deadlocked(error);
      },
    };
  }

  /** Gives the program up. What is left of it is killed and let go: some of it may never come to an end. */
  private stop(error: Error): void {
    const { scheduler } = this;
    this.over = true;
    this.end.failWith(error);
    scheduler.supervisor = INDIFFERENT;
    for (const tasklet of scheduler.tasklets()) tasklet.kill();
    forgetDry(scheduler);
    this.steering.stop();
  }
}

function hasGuests({ extra }: Waiter): boolean {
  return extra !== null && extra.guests.size > 0;
}

/** Whether what a tasklet waits for, while nobody can run, is none of ours. */
function awaitsForeign(waiter: Waiter): boolean {
  const { state, blockedOn } = waiter.owner as Body;
  return (state === 'waiting' && !hasGuests(waiter)) || blockedOn === 'wait for a promise';
}

function uncontrolled({ name }: Body): UncontrolledError {
  return new UncontrolledError(
    `uncontrolled: tasklet '${name}' awaits something that is not ours, so its order of turns decides nothing`,
  );
}
