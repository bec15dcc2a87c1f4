import type { Case } from '../kernel/case.js';
import type { Channel } from '../kernel/channel.js';
import { Gate } from '../kernel/gate.js';
import { line, nameOf, titled } from '../kernel/line.js';
import { readOptions, type WaitOptions } from '../kernel/options.js';
import type { NameOptions } from './lock.js';

/**
 * Something that has happened, or not yet: everybody waits until it has.
 *
 * Source: Python `threading.Event`.
 *
 * @example
 * const ready = new Event({ name: 'ready' });
 * spawn(() => ready.set());
 * await ready.wait();
 * ready.isSet; // true
 */
export class Event {
  readonly name: string;
  private readonly line: Channel<void>;
  private readonly gate: Gate;

  /** @throws {TypeError} a wrong or unknown option. */
  constructor(options?: NameOptions) {
    this.name = nameOf(readOptions(options, ['name'], 'Event').name, 'Event');
    this.line = line(titled('event', this.name));
    this.gate = new Gate(this.line);
  }

  /** It has happened. */
  get isSet(): boolean {
    return this.gate.isOpen;
  }

  /**
   * Says that it has happened: all who wait go to the end of the ring, in the order in which they came. They
   * go on even if it is cleared before their turn comes. Set already, nothing happens.
   */
  set(): void {
    this.gate.open();
  }

  /** Says that it has not happened: who waits from now on waits for the next {@link Event.set}. */
  clear(): void {
    this.gate.shut();
  }

  /**
   * Waits until it has happened; set already, the caller goes on at once.
   *
   * Killed, timed out or aborted, nothing stays behind.
   *
   * @param options `timeout` in milliseconds from 0 (give up after one turn), `signal`.
   * @throws {TimeoutError} after `options.timeout` milliseconds; the signal's reason once it is aborted.
   */
  wait(options?: WaitOptions): Promise<void> {
    return this.line.receive(options);
  }

  /** A case of {@link select}: that it has happened. */
  waiting(): Case<void> {
    return this.line.receiving();
  }
}
