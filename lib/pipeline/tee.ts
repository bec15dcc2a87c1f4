import { Channel } from '../kernel/channel.js';
import { TaskletExit } from '../kernel/errors.js';
import { select } from '../kernel/select.js';
import { drainOf, lastWord, type Sink } from './drain.js';
import { Line } from './line.js';
import { staged, type AnyStage, type Drain, type Stage } from './stage.js';

/** The end of a branch, whose result nobody asks for. */
export type BranchEnd<T> = Drain<T, unknown> | Sink<T>;

/**
 * A stage that passes every value on and gives it to a branch as well: stages and a sink, like the end of a
 * {@link pipeline}.
 *
 * The slower of the two sets the pace. When the branch ends early the values go on without it; when it fails,
 * the line fails. The line is not over before the branch is.
 *
 * @example
 * await pipeline(lines, tee(filter(isError), log), map(parse), collect());
 */
export function tee<T>(sink: BranchEnd<T>): Stage<T, T>;
export function tee<T, A>(first: Stage<T, A>, sink: BranchEnd<A>): Stage<T, T>;
export function tee<T, A, B>(first: Stage<T, A>, second: Stage<A, B>, sink: BranchEnd<B>): Stage<T, T>;
export function tee<T, A, B, C>(
  first: Stage<T, A>,
  second: Stage<A, B>,
  third: Stage<B, C>,
  sink: BranchEnd<C>,
): Stage<T, T>;
export function tee<T>(...parts: unknown[]): Stage<T, T> {
  const drain = drainOf(parts.at(-1) as BranchEnd<unknown>, 'tee');
  const stages = parts.slice(0, -1) as AnyStage[];
  for (const stage of stages) staged(stage, 'tee');
  return {
    name: 'tee',
    async run(input, output) {
      const branch = new Channel<T>({ name: `tee → ${(stages[0] ?? drain).name}` });
      const line = new Line(branch, stages, drain);
      let open = true;
      try {
        for (let step = await input.next(); step.done !== true; step = await input.next()) {
          const { value } = step;
          if (open) {
            const cases = { over: line.ending.nexting(), taken: branch.sending(value) };
            open = (await select(cases, { order: 'listed' })).case === 'taken';
            // It raises the branch's error, if it had one.
            if (!open) await line.join();
          }
          await output.send(value);
        }
      } catch (error) {
        // Killed without a reason, nothing more is wanted, and the branch comes to its regular end.
        if (!(error instanceof TaskletExit) || error.cause !== undefined) line.cancel(lastWord(error));
        throw error;
      } finally {
        branch.close();
        if (open) await line.join();
      }
    },
  };
}
