// What turns cost when they are written by hand: the ring, and a hand-off from promise to
// promise. The caller that gives its turn away waits on a fresh promise, and takes the next
// task from the ring and resolves that one's promise. Between two waits nobody else runs,
// which the plain promises of promises.ts do not keep.
//
// Not the floor that ratios are taken against: it shows how much of the distance to that
// floor is the price of "one turn", which no implementation with promises can go below.

import type { Kit, KitChannel } from '../harness/question.js';
import { settled } from './promises.js';

interface Node {
  before: Node;
  after: Node;
  /** The next one in a channel's line. */
  next: Node | undefined;
  resume: (value: unknown) => void;
  value: unknown;
}

let current = node();

function node(): Node {
  const fresh = { next: undefined, resume: ignore, value: undefined } as Partial<Node> as Node;
  fresh.before = fresh;
  fresh.after = fresh;
  return fresh;
}

function ignore(): void {}

function placeBefore(place: Node, task: Node): void {
  task.before = place.before;
  task.after = place;
  place.before.after = task;
  place.before = task;
}

function takeOut(task: Node): Node {
  const { before, after } = task;
  before.after = after;
  after.before = before;
  return after;
}

function handOff(to: Node): void {
  current = to;
  const value = to.value;
  to.value = undefined;
  to.resume(value);
}

function pause(me: Node, to: Node): Promise<unknown> {
  return new Promise((resolve) => {
    me.resume = resolve;
    handOff(to);
  });
}

/** A rendezvous channel that prefers receivers, on the ring. */
class RingChannel<T> implements KitChannel<T> {
  private first: Node | undefined = undefined;
  private last: Node | undefined = undefined;
  private sending = false;

  send(value: T): Promise<unknown> {
    const me = current;
    const peer = this.first;
    if (peer !== undefined && !this.sending) {
      this.first = peer.next;
      peer.value = value;
      placeBefore(me.after, peer);
      return pause(me, peer);
    }
    me.value = value;
    this.sending = true;
    return this.wait(me);
  }

  receive(): Promise<T> | T {
    const me = current;
    const peer = this.first;
    if (peer !== undefined && this.sending) {
      this.first = peer.next;
      const value = peer.value as T;
      peer.value = undefined;
      placeBefore(me, peer);
      return value;
    }
    this.sending = false;
    return this.wait(me) as Promise<T>;
  }

  private wait(me: Node): Promise<unknown> {
    me.next = undefined;
    if (this.first === undefined || this.last === undefined) this.first = me;
    else this.last.next = me;
    this.last = me;
    return pause(me, takeOut(me));
  }
}

function start(body: () => Promise<void>): () => Promise<void> {
  const task = node();
  let ended = false;
  const begin = new Promise<unknown>((resolve) => {
    task.resume = resolve;
  });
  placeBefore(current, task);
  void begin.then(body).then(() => {
    ended = true;
    handOff(takeOut(task));
  });
  return async () => {
    while (!ended) await schedule();
  };
}

function schedule(): Promise<unknown> {
  return current.after === current ? settled : pause(current, current.after);
}

/** The words for programs whose turns are kept by hand. */
export const ring = {
  name: 'ring by hand',
  run: (main) => main(),
  spawn: (body) => void start(body),
  start,
  channel: <T>() => new RingChannel<T>(),
  schedule,
} satisfies Kit;
