import type { TaskletState } from '../tasklet/tasklet.js';
import type { Post } from './line.js';

/** How far one stage has come. */
export interface StageProgress {
  readonly name: string;
  /** How many values it has passed on, the one it offers just now included; 0 for the last one. */
  readonly count: number;
  readonly state: TaskletState;
  /** What it waits for, in words. */
  readonly blockedOn: string | undefined;
}

/**
 * A look at a line while it runs: given to {@link pipeline}, it tells how far each stage has come.
 *
 * It costs nothing: who wants to know asks.
 *
 * @example
 * const progress = new Progress();
 * spawn(async () => {
 *   for await (const _ of every(1000)) console.error(progress.stages);
 * });
 * await pipeline(lines, map(parse), collect(), { progress });
 */
export class Progress {
  private posts: readonly Post[] = [];

  /** Its stages, the source first (a channel is none); empty before the line has begun. */
  get stages(): StageProgress[] {
    return this.posts.map(({ name, tasklet, arrow }) => ({
      name,
      count: arrow?.count ?? 0,
      state: tasklet.state,
      blockedOn: tasklet.blockedOn,
    }));
  }

  /** @internal */
  follow(posts: readonly Post[]): void {
    this.posts = posts;
  }
}
