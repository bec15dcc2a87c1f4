/**
 * Meetings: what is sent is received, in order, and nothing of it stays.
 */
import { Channel, joinAll, run, select, spawn } from 'evergreen-tasklets';
import type { Work } from './endure.js';

type Shape = (count: number) => Promise<number>;

/** Each makes `count` meetings and gives the sum of what was received; what is sent are the numbers from 0. */
const SHAPES: readonly Shape[] = [
  async function pair(count) {
    const line = new Channel<number>();
    spawn(async () => {
      for (let i = 0; i < count; i++) await line.send(i);
    });
    let sum = 0;
    for (let i = 0; i < count; i++) sum += await line.receive();
    return sum;
  },

  async function iteration(count) {
    const line = new Channel<number>({ preference: 'neither' });
    spawn(async () => {
      for (let i = 0; i < count; i++) await line.send(i);
      line.close();
    });
    let sum = 0;
    let next = 0;
    for await (const value of line) {
      if (value !== next++) throw new Error(`${value} was received out of order`);
      sum += value;
    }
    return sum;
  },

  async function crowd(count) {
    const line = new Channel<number>({ preference: 'sender' });
    let sent = 0;
    let taken = 0;
    let sum = 0;
    const senders = Array.from({ length: 50 }, () =>
      spawn(async () => {
        while (sent < count) await line.send(sent++);
      }),
    );
    const receivers = Array.from({ length: 30 }, () =>
      spawn(async () => {
        for await (const value of line) {
          taken++;
          sum += value;
        }
      }),
    );
    await joinAll(senders);
    line.close();
    await joinAll(receivers);
    if (taken !== count) throw new Error(`${taken} of ${count} were received`);
    return sum;
  },

  async function choice(count) {
    const lines = [new Channel<number>(), new Channel<number>()] as const;
    spawn(async () => {
      for (let i = 0; i < count; i++) {
        await select({ a: lines[0].sending(i), b: lines[1].sending(i) });
      }
    });
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const hit = await select({ a: lines[0].receiving(), b: lines[1].receiving() });
      sum += hit.value;
    }
    return sum;
  },
];

export const rendezvous: Work = {
  name: 'rendezvous',
  count: 10_000_000,
  limit: 10_000,
  async go(count) {
    const each = Math.ceil(count / SHAPES.length);
    for (const shape of SHAPES) {
      const sum = await run(() => shape(each));
      if (sum !== (each * (each - 1)) / 2)
        throw new Error(`${shape.name}: the sum of what was received is wrong`);
    }
  },
};
