import type { Tasklet } from '../tasklet/tasklet.js';
import type { Future } from './future.js';

/** What comes to an end once and can be waited for together with others. */
export type Settling = Future<unknown> | Tasklet;

const OVER = new Set<string>(['done', 'failed', 'cancelled', 'killed']);

export function isOver({ state }: Settling): boolean {
  return OVER.has(state);
}
