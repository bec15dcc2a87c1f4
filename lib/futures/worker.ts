/**
 * Who works on the values of a map.
 */
import type { Future } from './future.js';
import { Reader } from './reader.js';
import type { Piece, Window } from './window.js';

export interface Worker {
  /** Begins what there is to begin. Runs no code of the user's: somebody is about to wait. */
  refill(): void;
  /** The next result, for which one has to wait. */
  next(): Promise<IteratorResult<unknown, undefined>>;
  /** Cancels what was begun. */
  stop(): void;
}

type Submit = (value: unknown, index: number) => Future<unknown>;

/** A job of an executor for each value. */
export class Submitter implements Worker {
  private readonly window: Window;
  private readonly submit: Submit;
  private readonly reader: Reader;
  private readonly begun: Set<Future<unknown>> = new Set();

  constructor(window: Window, submit: Submit) {
    this.window = window;
    this.submit = submit;
    this.reader = new Reader(window, (piece) => {
      this.begin(piece);
    });
  }

  refill(): void {
    this.reader.want();
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.window.line.next();
  }

  stop(): void {
    this.reader.stop();
    for (const future of [...this.begun]) future.cancel();
  }

  private begin(piece: Piece): void {
    let future: Future<unknown>;
    try {
      future = this.submit(piece.content, piece.index);
    } catch (error) {
      this.window.settle(piece, true, error);
      return;
    }
    future.observe();
    this.begun.add(future);
    future.atEnd(() => {
      this.begun.delete(future);
      this.window.settle(piece, future.state !== 'done', future.outcome);
    });
  }
}
