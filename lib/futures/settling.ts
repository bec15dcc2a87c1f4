import type { Future } from './future.js';
import type { Tasklet } from '../tasklet/tasklet.js';

/** What comes to an end once and can be waited for together with others: a future, a tasklet. */
export type Settling = Pick<Future<unknown> | Tasklet, 'state' | 'atEnd' | 'observe'>;

const OVER = new Set<string>(['done', 'failed', 'cancelled', 'killed']);

export function isOver({ state }: Settling): boolean {
  return OVER.has(state);
}
