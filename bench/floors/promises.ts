// Promises written by hand, with nothing done that a rendezvous does not need. Two floors
// stand on this file: programs that await every operation (the one the ratios are taken
// against), and programs that await only what has to wait.
//
// Always true: a send is over when its value has been received; senders and receivers are
// served first come, first served; one wait is one promise. There are no turns, kills,
// timeouts, closes or names here, and the microtask queue is the only scheduler.
//
// The tempting things not done: an `async` method (one more await an operation), a promise
// for an operation that need not wait (one settled promise serves them all), a ring (the
// microtask queue already takes turns). NOTES.md has what each of these would cost.

import type { Kit, KitChannel } from '../harness/question.js';
import { Line } from './line.js';

/** What an operation gives that need not wait: awaiting it is one turn of the microtask queue. */
export const settled: Promise<unknown> = Promise.resolve();

interface Waiting<T> {
  readonly resolve: (value: T) => void;
  /** What a waiting sender offers. */
  readonly value: T | undefined;
  next: Waiting<T> | undefined;
}

/** A rendezvous channel that does the least possible. */
export class PromiseChannel<T> implements KitChannel<T> {
  private readonly senders = new Line<Waiting<T>>();
  private readonly receivers = new Line<Waiting<T>>();

  /** Gives {@link settled} itself when a receiver was waiting. */
  send(value: T): Promise<unknown> {
    const receiver = this.receivers.shift();
    if (receiver !== undefined) {
      receiver.resolve(value);
      return settled;
    }
    return new Promise<T>((resolve) => {
      this.senders.push({ resolve, value, next: undefined });
    });
  }

  /** Gives the bare value when a sender was waiting. */
  receive(): Promise<T> | T {
    const sender = this.senders.shift();
    if (sender !== undefined) {
      const value = sender.value as T;
      sender.resolve(value);
      return value;
    }
    return new Promise<T>((resolve) => {
      this.receivers.push({ resolve, value: undefined, next: undefined });
    });
  }
}

/** The words for programs that await every operation. */
export const promises = {
  name: 'awaits',
  run: (main) => main(),
  // From a microtask, as in the library: a chain of spawns must not grow the stack.
  spawn: (body) => void settled.then(body),
  start: (body) => {
    const ended = settled.then(body);
    return () => ended;
  },
  channel: <T>() => new PromiseChannel<T>(),
  schedule: () => settled,
} satisfies Kit;

/** The same, but no operation is over at once: each is awaited on a promise of its own, one for each switch. */
class FreshChannel<T> implements KitChannel<T> {
  private readonly channel = new PromiseChannel<T>();

  send(value: T): Promise<unknown> {
    const sent = this.channel.send(value);
    return sent === settled ? new Promise<void>((resolve) => resolve()) : sent;
  }

  receive(): Promise<T> {
    const received = this.channel.receive();
    return received instanceof Promise ? received : new Promise<T>((resolve) => resolve(received));
  }
}

/** {@link promises} with a fresh promise for every operation: what two switches a message take. */
export const fresh = {
  ...promises,
  name: 'awaits afresh',
  channel: <T>() => new FreshChannel<T>(),
} satisfies Kit;
