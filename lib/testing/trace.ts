/**
 * The story of a run, as text that can be compared.
 *
 * It says which tasklet had the turn, waited for what, could go on, and how it ended. No time of the real clock
 * and no number that counts through the whole process is in it: the same turns are the same text.
 */
import { defaultScheduler } from '../kernel/caller.js';
import { readOptions } from '../kernel/options.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { observe } from '../tasklet/observe.js';
import type { RunOptions } from '../tasklet/run.js';
import type { Tasklet } from '../tasklet/tasklet.js';
import { VirtualClock } from './virtual-clock.js';

/** What goes on in a scheduler, line by line. */
export class Trace implements Disposable {
  private readonly told: string[] = [];
  private readonly known: WeakSet<Tasklet> = new WeakSet();
  private readonly titles: WeakMap<object, string> = new WeakMap();
  /** How many have had a name so far. */
  private readonly namesakes: Map<string, number> = new Map();
  private readonly names: Map<string, string> = new Map();
  private readonly counts: Map<string, number> = new Map();
  private readonly scheduler: Scheduler;
  private readonly end: () => void;
  private time: number;

  /** @internal */
  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler;
    this.time = scheduler.clock.now();
    this.end = observe(
      {
        switched: (_from, to) => {
          this.meet(to);
          this.note(`${this.nameOf(to)} runs`);
        },
        blocked: (tasklet, what) => {
          if (tasklet !== undefined) this.note(`${this.nameOf(tasklet)} waits: ${what}`);
        },
        woken: (tasklet) => {
          if (tasklet === undefined) return;
          this.meet(tasklet);
          this.note(`${this.nameOf(tasklet)} can go on`);
        },
      },
      { scheduler },
    );
  }

  /** What was told so far. */
  get lines(): readonly string[] {
    return this.told;
  }

  get text(): string {
    return this.told.join('\n');
  }

  /** Tells `line` among the others. */
  note(line: string): void {
    const { clock } = this.scheduler;
    if (clock instanceof VirtualClock && clock.now() !== this.time) {
      this.time = clock.now();
      this.told.push(`at ${this.time} ms`);
    }
    this.told.push(this.renumber(line));
  }

  /** @internal What it is called here: of several with one name, the second is `worker (2)`. */
  nameOf(tasklet: { readonly name: string }): string {
    let title = this.titles.get(tasklet);
    if (title === undefined) {
      const { name } = tasklet;
      const count = (this.namesakes.get(name) ?? 0) + 1;
      this.namesakes.set(name, count);
      title = count === 1 ? name : `${name} (${count})`;
      this.titles.set(tasklet, title);
    }
    return title;
  }

  /** Tells no more. */
  stop(): void {
    this.end();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  private meet(tasklet: Tasklet): void {
    if (this.known.has(tasklet)) return;
    this.known.add(tasklet);
    tasklet.atEnd(() => {
      this.note(`${this.nameOf(tasklet)} is ${tasklet.state}`);
    });
  }

  /** Names that were made by counting are counted from 1 in each story. */
  private renumber(line: string): string {
    return line.replace(/\b(tasklet|channel|inbox)-\d+\b/g, (name, kind: string) => {
      let short = this.names.get(name);
      if (short === undefined) {
        const count = (this.counts.get(kind) ?? 0) + 1;
        this.counts.set(kind, count);
        short = `${kind}-${count}`;
        this.names.set(name, short);
      }
      return short;
    });
  }
}

/**
 * Tells the story of a scheduler from now on. The same order of turns gives the same text, on every version of
 * Node; with a {@link VirtualClock} it also says when.
 *
 * @param options `scheduler`: whose; the common one by default.
 * @example
 * using story = trace();
 * await run(program);
 * expect(story.lines).to.deep.equal(['main runs', "main waits: receive on channel 'jobs'"]);
 */
export function trace(options?: RunOptions): Trace {
  const { scheduler = defaultScheduler } = readOptions(options, ['scheduler'], 'trace');
  return new Trace(scheduler);
}
