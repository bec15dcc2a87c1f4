/**
 * A line while it runs: every stage a tasklet, every arrow a channel.
 *
 * - A stage that has ended well closes its arrow, and those before it are killed: nothing is wanted of them.
 * - A stage that has failed, or was killed by somebody else, ends the whole line.
 * - A line is over when all its tasklets are, and not before: every `finally` block has run.
 *
 * The receivers are started before the senders, so that the first value meets somebody.
 */
import { Channel } from '../kernel/channel.js';
import { TaskletExit, TaskletKilledError } from '../kernel/errors.js';
import { cover, uncover } from '../kernel/extra.js';
import { line } from '../kernel/line.js';
import type { WaitOptions } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import { Tasklet } from '../tasklet/tasklet.js';
import type { Progress } from './progress.js';
import type { AnyStage, Drain, Outlet, Source } from './stage.js';
import { pour } from './pour.js';

/** The way from one stage to the next. */
export class Arrow implements Outlet<unknown> {
  readonly channel: Channel<unknown>;
  /** How many values were put in, the one that waits included. */
  count = 0;

  constructor(from: string, to: string) {
    this.channel = new Channel({ name: `${from} → ${to}` });
  }

  send(value: unknown): Promise<void> {
    this.count++;
    return this.channel.send(value);
  }
}

/** One stage at work. */
export interface Post {
  readonly name: string;
  readonly tasklet: Tasklet;
  /** Where its values go; `null` for the last one. */
  readonly arrow: Arrow | null;
}

export class Line {
  private readonly posts: Post[] = [];
  private living = 0;
  /** The first from whom something is still wanted. */
  private wanted = 0;
  private cancelled = false;
  private result: unknown = undefined;
  private readonly errors: unknown[] = [];
  private readonly over: Channel<void>;

  /** Puts a line together and starts it. */
  constructor(
    source: Source<unknown>,
    stages: readonly AnyStage[],
    drain: Drain<never, unknown>,
    progress?: Progress,
  ) {
    const names = [...stages, drain].map(({ name }) => name);
    this.over = line(`pipeline to '${drain.name}'`);
    let input: Channel<unknown>;
    if (source instanceof Channel) {
      // Read where it is: somebody between them could be left with a value in his hands.
      input = source;
    } else {
      const arrow = new Arrow('source', names[0] as string);
      this.post('source', arrow, () => pour(source, arrow));
      input = arrow.channel;
    }
    stages.forEach((stage, i) => {
      const from = input as Channel<never>;
      const arrow = new Arrow(stage.name, names[i + 1] as string);
      const place = this.posts.length;
      this.post(stage.name, arrow, () => stage.run(from, arrow, () => this.dismiss(place)));
      input = arrow.channel;
    });
    this.post(drain.name, null, async () => {
      this.result = await drain.run(input as Channel<never>);
    });
    this.living = this.posts.length;
    progress?.follow(this.posts);
    for (const { tasklet } of this.posts.toReversed()) tasklet.start();
  }

  /** A channel that ends when the line does. */
  get ending(): Channel<void> {
    return this.over;
  }

  /** Kills every stage; does not wait for them. */
  cancel(reason: unknown): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const { tasklet } of this.posts) tasklet.kill({ reason });
  }

  /** Waits for the end of the line; interrupted while it waits, it ends the line first. */
  async join(options?: WaitOptions): Promise<unknown> {
    const me = current()?.waiter;
    let interruption: { error: unknown } | undefined;
    while (this.living > 0) {
      try {
        await this.over.next(interruption === undefined ? options : undefined);
      } catch (error) {
        this.cancel(error);
        // More can be done no more. A kill whose grace is over would come back at every wait, and this would never rest.
        if (interruption === undefined && me !== undefined) cover(me);
        interruption ??= { error };
      }
    }
    if (interruption !== undefined && me !== undefined) uncover(me);
    const { errors } = this;
    if (interruption !== undefined && (errors.length === 0 || interruption.error instanceof TaskletExit)) {
      throw interruption.error;
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} stages of a pipeline failed`);
    return this.result;
  }

  private post(name: string, arrow: Arrow | null, run: () => PromiseLike<unknown>): void {
    const place = this.posts.length;
    const tasklet = new Tasklet(run, { name });
    tasklet.observe();
    tasklet.atEnd(() => this.ended(place));
    this.posts.push({ name, tasklet, arrow });
  }

  private ended(place: number): void {
    const { name, tasklet, arrow } = this.posts[place] as Post;
    this.living--;
    if (tasklet.failure !== undefined) this.fail(tasklet.failure.error);
    else if (tasklet.state === 'done') {
      this.dismiss(place);
      arrow?.channel.close();
    } else if (place >= this.wanted && !this.cancelled) {
      this.fail(new TaskletKilledError(`stage '${name}' of a pipeline was killed`));
    }
    if (this.living === 0) this.over.close();
  }

  private fail(error: unknown): void {
    this.errors.push(error);
    this.cancel(error);
  }

  /** Nothing is wanted any more from those before `place`. */
  private dismiss(place: number): void {
    while (this.wanted < place) (this.posts[this.wanted++] as Post).tasklet.kill();
  }
}
