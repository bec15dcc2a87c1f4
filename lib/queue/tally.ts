import type { Channel } from '../kernel/channel.js';
import { Gate } from '../kernel/gate.js';
import { line } from '../kernel/line.js';

/** How many things are still to be done; to receive from its line is to wait until there are none. */
export class Tally {
  readonly line: Channel<void>;
  private readonly gate: Gate;
  private left = 0;

  constructor(title: string) {
    this.line = line(title);
    this.gate = new Gate(this.line);
    this.gate.open();
  }

  get none(): boolean {
    return this.left === 0;
  }

  add(): void {
    if (this.left++ === 0) this.gate.shut();
  }

  /** So many are done; if that is more than there are, all. */
  done(count: number): void {
    this.left = Math.max(0, this.left - count);
    if (this.left === 0) this.gate.open();
  }
}
