/**
 * An error that is made when somebody is told of it: its stack costs more than all else that a short stream does, and
 * nearly nobody asks.
 */
import type { Final } from '../kernel/meeting.js';
import type { End } from './frame.js';

export class Late implements End, Final {
  readonly failed = true;
  private made: Error | undefined;
  private readonly make: () => Error;

  constructor(make: () => Error) {
    this.make = make;
  }

  /** The same one for all who are told. */
  get error(): Error {
    return (this.made ??= this.make());
  }

  /** What those get who wait at a channel that has ended with it. */
  get value(): Error {
    return this.error;
  }
}
