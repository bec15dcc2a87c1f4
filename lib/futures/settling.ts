import { show } from '../kernel/options.js';
import { Tasklet } from '../tasklet/tasklet.js';
import { Future } from './future.js';

/** What comes to an end once and can be waited for together with others. */
export type Settling = Future<unknown> | Tasklet;

const OVER = new Set<string>(['done', 'failed', 'cancelled', 'killed']);

export function isOver({ state }: Settling): boolean {
  return OVER.has(state);
}

/** Each of `list` once. @throws {TypeError} one of them is neither a future nor a tasklet. */
export function settlings<F extends Settling>(list: Iterable<F>, where: string): F[] {
  const all = [...new Set(list)];
  for (const each of all) {
    if (each instanceof Future || each instanceof Tasklet) continue;
    throw new TypeError(`${where}: the list must hold futures and tasklets, not ${show(each)}`);
  }
  return all;
}
