/**
 * Who works on the values of a map.
 */
import type { Channel } from '../kernel/channel.js';
import type { WaitOptions } from '../kernel/options.js';
import type { Future } from './future.js';
import type { Piece, Window } from './window.js';

export interface Worker {
  /** Begins what there is to begin: somebody waits for a result. */
  refill(): void;
  /** A result was taken that was ready. */
  taken(): void;
  /** Begins one piece. */
  begin(piece: Piece): void;
  /** Waits for something to arrive. */
  wait(arrived: Channel<void>, options: WaitOptions | undefined): Promise<void>;
  /** Cancels what was begun. */
  stop(): void;
}

type Submit = (value: unknown, index: number) => Future<unknown>;

/** A job of an executor for each value. */
export class Submitter implements Worker {
  private readonly window: Window;
  private readonly submit: Submit;
  private readonly begun: Set<Future<unknown>> = new Set();

  constructor(window: Window, submit: Submit) {
    this.window = window;
    this.submit = submit;
  }

  refill(): void {
    for (let piece = this.window.pull(); piece !== null; piece = this.window.pull()) this.begin(piece);
  }

  taken(): void {
    this.refill();
  }

  begin(piece: Piece): void {
    const future = this.submit(piece.content, piece.index);
    future.observe();
    this.begun.add(future);
    const settled = (): void => {
      this.begun.delete(future);
      this.window.settle(piece, future.state !== 'done', future.outcome);
    };
    future.atEnd(settled);
  }

  wait(arrived: Channel<void>, options: WaitOptions | undefined): Promise<void> {
    return arrived.receive(options);
  }

  stop(): void {
    for (const future of [...this.begun]) future.cancel();
  }
}
