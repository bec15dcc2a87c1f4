/**
 * A tasklet that asks the source of a map for values, as long as somebody waits for results.
 *
 * It is none of the pool's: a source may itself wait for work of that pool. No code of the source runs in the
 * middle of somebody's wait.
 */
import { here } from '../kernel/caller.js';
import { CancelledError, TaskletExit } from '../kernel/errors.js';
import { schedule } from '../kernel/schedule.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { inherited, type Locals } from '../tasklet/local.js';
import { current } from '../tasklet/spawn.js';
import { Tasklet } from '../tasklet/tasklet.js';
import type { Piece, Window } from './window.js';

export class Reader {
  private readonly window: Window;
  private readonly begin: (piece: Piece) => void;
  private readonly scheduler: Scheduler = here();
  private readonly locals: Locals | null = inherited(current());
  /** At work; `null` if it is to be started again when somebody wants more. */
  private tasklet: Tasklet | null = null;

  /** @param begin told of each value; must not throw. */
  constructor(window: Window, begin: (piece: Piece) => void) {
    this.window = window;
    this.begin = begin;
  }

  /** Somebody wants more. */
  want(): void {
    if (this.tasklet !== null || !this.wanted) return;
    const { scheduler } = this;
    const tasklet = new Tasklet(() => this.read(), { name: 'source of a map', daemon: true, scheduler });
    tasklet.locals = this.locals;
    tasklet.observe();
    tasklet.atEnd(() => {
      if (tasklet === this.tasklet) this.lost(new TaskletExit());
    });
    this.tasklet = tasklet.start();
  }

  stop(): void {
    this.tasklet?.kill();
  }

  /** Those at once are taken ahead, as many as there is room for; the others only while somebody waits. */
  private get wanted(): boolean {
    const { window } = this;
    return window.open && (window.wanted || !window.source.slow);
  }

  private async read(): Promise<void> {
    try {
      while (this.wanted || (await this.rest())) await this.ask();
    } catch (error) {
      this.lost(error);
      throw error;
    }
    this.tasklet = null;
  }

  private async ask(): Promise<void> {
    const { window } = this;
    const { source } = window;
    let step: IteratorResult<unknown>;
    try {
      step = source.slow ? await source.later() : source.now();
    } catch (error) {
      if (error instanceof TaskletExit) throw error;
      window.fail(error);
      return;
    }
    if (step.done === true) window.end();
    else if (!window.done) this.begin(window.put(step.value));
  }

  /** Those who take results have a turn; whether there is more to do then. */
  private async rest(): Promise<boolean> {
    if (!this.window.done) await schedule();
    return this.wanted;
  }

  /** It ends early. Somebody has to be told, unless nobody wants anything any more. */
  private lost(error: unknown): void {
    this.tasklet = null;
    if (!(error instanceof TaskletExit)) this.window.fail(error);
    else this.window.fail(new CancelledError(error.message, { cause: error.cause }));
  }
}
