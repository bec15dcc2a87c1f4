/**
 * How a tasklet ends, and who wants to know.
 *
 * It ends once. An error belongs to whoever waits for the end when it comes, or asks afterwards; one that nobody
 * joins is reported when everybody who could run has had a turn. Who has given up before answers for nothing.
 */
import type { Channel } from '../kernel/channel.js';
import { TaskletKilledError } from '../kernel/errors.js';
import { crash, soon } from '../kernel/host.js';
import { line } from '../kernel/line.js';
import type { Source } from '../kernel/meeting.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { ERRAND, Waiter } from '../kernel/waiter.js';

export const NEW = 0;
export const ALIVE = 1;
export const DONE = 2;
export const FAILED = 3;
export const KILLED = 4;

export class Ending<R> implements Source {
  phase: number = NEW;
  /** The value of its function, or what it has thrown. */
  outcome: unknown = undefined;
  /** Its error is somebody's: of who has it in a group, or has asked. */
  observed = false;
  /** How many answer for its error until they give up, and wait for several ends at once. */
  private answering = 0;
  /** Closed when it ends; made when somebody wants to know. */
  private end: Channel<R> | null = null;
  /** Who is told when it has ended. */
  private tasks: Set<() => void> | null = null;

  /** Over, one way or the other. */
  get over(): boolean {
    return this.phase > ALIVE;
  }

  /** The channel that ends when the tasklet does; what joins it waits for is `label`. */
  channel(label: () => string): Channel<R> {
    if (this.end === null) {
      this.end = line<R>(label()).feed(this);
      if (this.over) this.announce(this.end);
    }
    return this.end;
  }

  /** Calls `task`, which must not throw, when it has ended. @returns how to take that back. */
  tell(task: () => void): () => void {
    const tasks = (this.tasks ??= new Set());
    tasks.add(task);
    return () => tasks.delete(task);
  }

  /**
   * {@link Ending.tell}, by somebody who answers for its error meanwhile, whether it has ended or not.
   * @returns how to take that back; an error that nobody else has asked for is reported then.
   */
  answer(task: () => void, scheduler: Scheduler): () => void {
    this.answering++;
    const undo = this.over ? null : this.tell(task);
    return () => {
      undo?.();
      if (--this.answering > 0 || !this.crashed) return;
      scheduler.essential++;
      this.reportSoon(scheduler);
    };
  }

  settle(phase: number, outcome: unknown, scheduler: Scheduler): void {
    this.phase = phase;
    this.outcome = outcome;
    if (this.isAwaited) this.observed = true;
    const { crashed } = this;
    // Before anybody is told that it has ended: until its error is reported the program is not over.
    if (crashed) scheduler.essential++;
    if (this.end !== null) this.announce(this.end);
    if (this.tasks !== null) {
      for (const task of this.tasks) task();
      this.tasks = null;
    }
    if (crashed) this.reportSoon(scheduler);
  }

  /** Its error is nobody's. */
  private get crashed(): boolean {
    return this.phase === FAILED && !this.observed && this.answering === 0;
  }

  /** Not at once: everybody who can run may still join it. */
  private reportSoon(scheduler: Scheduler): void {
    const report = (): void => {
      this.report(scheduler);
    };
    if (scheduler.isIdle) soon(report);
    else scheduler.wake(new Waiter(ERRAND, scheduler, { fire: report }));
  }

  private announce(end: Channel<R>): void {
    if (this.phase === DONE) end.closeWith(this.outcome);
    else if (this.phase === FAILED) end.failWith(this.outcome);
    else {
      const { message, cause } = this.outcome as Error;
      end.failWith(new TaskletKilledError(message, cause === undefined ? undefined : { cause }));
    }
  }

  private report(scheduler: Scheduler): void {
    const { supervisor } = scheduler;
    scheduler.essential--;
    if (this.crashed) {
      this.observed = true;
      if (supervisor === null) crash(this.outcome);
      else supervisor.crashed(this.outcome);
    }
    supervisor?.ended();
  }

  /** Somebody waits for the end. An errand that does has no use for an error. */
  private get isAwaited(): boolean {
    const first = this.end?.receivers.first ?? null;
    for (let waiter = first; waiter !== null;) {
      if (waiter.kind !== ERRAND) return true;
      waiter = waiter.next === first ? null : waiter.next;
    }
    return false;
  }

  // How it feeds its channel: it does not, but it is told who wants to know ---------------------------------

  /** Somebody asks now. */
  poll(): void {
    if (this.over) this.observed = true;
  }

  arm(): void {
    // It ends by itself.
  }

  disarm(): void {
    // Who waits is looked at in the end.
  }
}
