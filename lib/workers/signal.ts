let running: AbortSignal | undefined;

/**
 * In a worker: the signal of the job that runs, aborted when the job is cancelled. A job that ends then keeps its
 * worker alive; one that does not is ended together with its worker. Ask before the first `await`.
 *
 * @returns a signal that is never aborted outside workers.
 */
export function jobSignal(): AbortSignal {
  return running ?? new AbortController().signal;
}

/** @internal */
export function setJobSignal(signal: AbortSignal | undefined): void {
  running = signal;
}
