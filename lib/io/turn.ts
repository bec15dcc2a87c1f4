/**
 * Calls `task` when what is running now, and all microtasks that come of it, are over: before the event loop
 * looks for anything new.
 */
export function atTurnEnd(task: () => void): void {
  process.nextTick(task);
}
