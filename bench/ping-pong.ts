// What does a round trip cost? Two tasklets throw a value to and fro over two channels, and
// whoever throws it next has added one.

import { evergreen } from './harness/evergreen.js';
import { GeneratorChannel, start, trampoline } from './floors/generators.js';
import type { Body } from './floors/generators.js';
import { PromiseChannel, promises, settled } from './floors/promises.js';
import { ring } from './floors/ring.js';
import { needing } from './harness/question.js';
import type { KitWith, Program, Question } from './harness/question.js';

function pingPong(kit: KitWith<'channel'>): Program {
  return (size) =>
    kit.run(async () => {
      const ping = kit.channel<number>();
      const pong = kit.channel<number>();
      kit.spawn(async () => {
        for (let count = 0; count < size; count++) await pong.send((await ping.receive()) + 1);
      });
      let ball = 0;
      for (let count = 0; count < size; count++) {
        await ping.send(ball);
        ball = await pong.receive();
      }
      return ball;
    });
}

async function onlyWhenBlocked(size: number): Promise<number> {
  const ping = new PromiseChannel<number>();
  const pong = new PromiseChannel<number>();
  const play = async (): Promise<void> => {
    for (let count = 0; count < size; count++) {
      const received = ping.receive();
      const ball = typeof received === 'number' ? received : await received;
      const sent = pong.send(ball + 1);
      if (sent !== settled) await sent;
    }
  };
  void settled.then(play);
  let ball = 0;
  for (let count = 0; count < size; count++) {
    const sent = ping.send(ball);
    if (sent !== settled) await sent;
    const received = pong.receive();
    ball = typeof received === 'number' ? received : await received;
  }
  return ball;
}

function generators(size: number): number {
  const ping = new GeneratorChannel();
  const pong = new GeneratorChannel();
  let ball = 0;
  start(
    (function* (): Body {
      for (let count = 0; count < size; count++) {
        if (ping.send(ball)) yield;
        ball = pong.receive() ?? (yield);
      }
    })(),
  );
  start(
    (function* (): Body {
      for (let count = 0; count < size; count++) {
        if (pong.send((ping.receive() ?? (yield)) + 1)) yield;
      }
    })(),
  );
  trampoline();
  return ball;
}

export const questions: readonly Question[] = [
  {
    name: 'ping-pong',
    asks: 'two tasklets, two channels, one value to and fro',
    unit: 'message',
    metric: 'time',
    size: 500_000,
    tiny: 300,
    operations: (size) => 2 * size,
    answer: (size) => size,
    floors: {
      awaits: pingPong(promises),
      'awaits when blocked': onlyWhenBlocked,
      generators,
      'ring by hand': pingPong(ring),
    },
    evergreen: (library) => ({ evergreen: pingPong(evergreen(library)) }),
    peer: needing(['channel'], pingPong),
  },
];
