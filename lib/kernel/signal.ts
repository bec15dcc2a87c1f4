/**
 * Who watches an abort signal.
 *
 * One listener for each signal, however many wait with it: a signal that a thousand tasklets share gets no
 * thousand listeners (Node warns at the eleventh), and gets rid of ours when the last wait is settled.
 */

export interface Watcher {
  aborted(reason: unknown): void;
}

interface Watched {
  readonly watchers: Set<Watcher>;
  readonly listener: () => void;
}

const watched = new WeakMap<AbortSignal, Watched>();
/** Inherits nothing: the platform reads more of it than is said here. */
const ONCE = Object.assign(Object.create(null) as object, { once: true });

let listeners = 0;

/** How many signals have a listener of ours. */
export function watchedSignals(): number {
  return listeners;
}

/** Tells `watcher` when `signal`, which is not aborted yet, is aborted. */
export function watch(signal: AbortSignal, watcher: Watcher): void {
  let entry = watched.get(signal);
  if (entry === undefined) {
    const watchers = new Set<Watcher>();
    entry = {
      watchers,
      listener: () => {
        watched.delete(signal);
        listeners--;
        for (const each of [...watchers]) each.aborted(signal.reason);
      },
    };
    watched.set(signal, entry);
    listeners++;
    signal.addEventListener('abort', entry.listener, ONCE);
  }
  entry.watchers.add(watcher);
}

/** Takes `watcher` off again. */
export function stopWatching(signal: AbortSignal, watcher: Watcher): void {
  const entry = watched.get(signal);
  if (entry?.watchers.delete(watcher) !== true || entry.watchers.size > 0) return;
  watched.delete(signal);
  listeners--;
  signal.removeEventListener('abort', entry.listener);
}
