import { stopWatching, watch, type Watcher } from '../kernel/signal.js';

/** Kills a tasklet when a signal is aborted. */
export class Tie implements Watcher {
  private readonly signal: AbortSignal;
  private readonly tasklet: { kill(options: { reason: unknown }): void };

  constructor(signal: AbortSignal, tasklet: { kill(options: { reason: unknown }): void }) {
    this.signal = signal;
    this.tasklet = tasklet;
  }

  on(): void {
    if (this.signal.aborted) this.aborted(this.signal.reason);
    else watch(this.signal, this);
  }

  off(): void {
    stopWatching(this.signal, this);
  }

  aborted(reason: unknown): void {
    this.tasklet.kill({ reason });
  }
}
