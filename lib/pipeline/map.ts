import type { Channel } from '../kernel/channel.js';
import { TaskletKilledError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import { callable, isThenable, readOptions, show, whole } from '../kernel/options.js';
import { TaskGroup } from '../tasklet/group.js';
import type { Outlet, Stage } from './stage.js';

export interface MapOptions {
  /** How many values are worked on at a time, from 1; 1 by default. */
  concurrency?: number;
  /** Whether the results come in the order of the values (the default), or as they are ready. */
  ordered?: boolean;
}

/**
 * A stage that passes on `fn(value)` for each value.
 *
 * At most `concurrency` values are held, those included whose result waits for its turn: one slow value stops
 * an ordered stage, and memory stays bounded. With more than one at a time, each runs in a tasklet of its own;
 * the first error ends the others.
 *
 * @param fn gets the value and its number from 0; may wait.
 * @example
 * await pipeline(urls, map(download, { concurrency: 8, ordered: false }), save);
 */
export function map<I, O>(
  fn: (value: I, index: number) => O | PromiseLike<O>,
  options?: MapOptions,
): Stage<I, O> {
  callable(fn, 'fn', 'map');
  const { concurrency = 1, ordered = true } = readOptions(options, ['concurrency', 'ordered'], 'map');
  whole(concurrency, 1, 'concurrency', 'map');
  if (typeof ordered !== 'boolean')
    throw new TypeError(`map: ordered must be a boolean, not ${show(ordered)}`);
  const name = fn.name === '' ? 'map' : fn.name;
  return {
    name,
    run: (input, output) =>
      concurrency === 1
        ? oneByOne(fn, input, output)
        : new Crew(name, fn, concurrency, ordered, input, output).run(),
  };
}

async function oneByOne<I, O>(
  fn: (value: I, index: number) => O | PromiseLike<O>,
  input: Channel<I>,
  output: Outlet<O>,
): Promise<void> {
  let index = 0;
  for (let step = await input.next(); step.done !== true; step = await input.next()) {
    const result = fn(step.value, index++);
    await output.send(isThenable(result) ? await result : result);
  }
}

/**
 * Several tasklets that take from one channel.
 *
 * Each takes the next value when its last result was passed on. So the values in work are a window of at most
 * `concurrency` consecutive numbers, and a place for each is all that order needs.
 */
class Crew<I, O> {
  private readonly name: string;
  private readonly fn: (value: I, index: number) => O | PromiseLike<O>;
  private readonly size: number;
  private readonly input: Channel<I>;
  private readonly output: Outlet<O>;
  /** Where who has a result waits until those before it have passed on theirs, by number modulo size. */
  private readonly turns: Channel<void>[] | null;
  private hands = 0;
  private taken = 0;
  private passed = 0;
  private lost = false;
  /** Somebody has seen the end of the input. */
  private ended = false;

  constructor(
    name: string,
    fn: (value: I, index: number) => O | PromiseLike<O>,
    size: number,
    ordered: boolean,
    input: Channel<I>,
    output: Outlet<O>,
  ) {
    this.name = name;
    this.fn = fn;
    this.size = size;
    this.input = input;
    this.output = output;
    this.turns = ordered ? [] : null;
  }

  async run(): Promise<void> {
    await TaskGroup.run((group) => this.hire(group), { name: this.name });
    // Nobody in the group calls it an error that one was killed; but its value has got lost, or nobody is left.
    if (this.lost || !this.ended) throw new TaskletKilledError(`a tasklet of '${this.name}' was killed`);
  }

  /** One more, as soon as all others have something to do. */
  private hire(group: TaskGroup): void {
    this.hands++;
    group.spawn(() => this.work(group));
  }

  private async work(group: TaskGroup): Promise<void> {
    for (let step = await this.input.next(); step.done !== true; step = await this.input.next()) {
      const index = this.taken++;
      if (this.hands < this.size && this.input.balance >= 0) this.hire(group);
      let done = false;
      try {
        const result = this.fn(step.value, index);
        const value = isThenable(result) ? await result : result;
        if (this.turns !== null && this.passed !== index) await this.turn(index).receive();
        await this.output.send(value);
        done = true;
      } finally {
        if (!done) {
          this.lost = true;
          group.cancel();
        }
      }
      this.passed++;
      this.turns?.[this.passed % this.size]?.trySend(undefined);
    }
    this.ended = true;
  }

  private turn(index: number): Channel<void> {
    const turns = this.turns as Channel<void>[];
    let turn = turns[index % this.size];
    if (turn === undefined) {
      turns[index % this.size] = turn = line(`turn in '${this.name}'`);
    }
    return turn;
  }
}
