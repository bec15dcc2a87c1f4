// Generators on a trampoline: what a switch costs when no promise is involved.
//
// Always true: the same rendezvous as in promises.ts, first come, first served. An operation
// says whether it has to wait, and only then does the program yield. Values are numbers, so
// that `undefined` can say "you have to wait".

import { Line } from './line.js';

/** The body of a task: yields when it has to wait, goes on with what it waited for. */
export type Body = Generator<undefined, void, number>;

class Task {
  /** What a waiting sender offers, or what a woken receiver gets. */
  value = 0;
  next: Task | undefined = undefined;
  readonly body: Body;

  constructor(body: Body) {
    this.body = body;
  }
}

const ready = new Line<Task>();
let current = new Task((function* nobody(): Body {})());

/** Queues a task; nothing of it runs inside the call. */
export function start(body: Body): void {
  ready.push(new Task(body));
}

/** Queues the caller again. It has to yield afterwards. */
export function reschedule(): void {
  ready.push(current);
}

/** Runs everything until nothing is ready any more. */
export function trampoline(): void {
  for (let task = ready.shift(); task !== undefined; task = ready.shift()) {
    current = task;
    task.body.next(task.value);
  }
}

/** A rendezvous channel between generators. */
export class GeneratorChannel {
  private readonly senders = new Line<Task>();
  private readonly receivers = new Line<Task>();

  /** Gives `true` when the caller has to yield until the value is taken. */
  send(value: number): boolean {
    const receiver = this.receivers.shift();
    if (receiver !== undefined) {
      receiver.value = value;
      ready.push(receiver);
      return false;
    }
    current.value = value;
    this.senders.push(current);
    return true;
  }

  /** Gives `undefined` when the caller has to yield for the value. */
  receive(): number | undefined {
    const sender = this.senders.shift();
    if (sender !== undefined) {
      ready.push(sender);
      return sender.value;
    }
    this.receivers.push(current);
    return undefined;
  }
}
