// How late is a timer beside tasklets that never stop? Two tasklets exchange values without
// end while a third sleeps 5 ms at a time.
//
// The floor here is the machine itself, doing nothing else. The hand-written loop beside it
// lets the event loop run at every 512th message: without that, no timer would ever fire.

import { PromiseChannel, settled } from './floors/promises.js';
import type { Library, Meter, Program, Question } from './harness/question.js';

const period = 5;

/** Times `count` sleeps with plain timers. */
async function ticks(count: number, meter: Meter): Promise<number> {
  for (let tick = 0; tick < count; tick++) {
    const due = performance.now() + period;
    await new Promise((resolve) => setTimeout(resolve, period));
    meter.late(performance.now() - due);
  }
  return count;
}

async function besidePromises(size: number, meter: Meter): Promise<number> {
  const channel = new PromiseChannel<number>();
  let over = false;
  void settled.then(async () => {
    for (let value = 0; !over; value++) {
      if (value % 512 === 0) await new Promise(setImmediate);
      await channel.send(value);
    }
  });
  void settled.then(async () => {
    while (!over) await channel.receive();
  });
  const counted = await ticks(size, meter);
  over = true;
  return counted;
}

function besideTasklets(library: Library): Program {
  const { Channel, run, sleep, spawn } = library;
  return (size, meter) =>
    run(async () => {
      const channel = new Channel<number>();
      let over = false;
      spawn(async () => {
        for (let value = 0; !over; value++) await channel.send(value);
        channel.close();
      });
      spawn(async () => {
        for await (const value of channel) if (value < 0) return;
      });
      for (let tick = 0; tick < size; tick++) {
        const due = performance.now() + period;
        await sleep(period);
        meter.late(performance.now() - due);
      }
      over = true;
      return size;
    });
}

export const questions: readonly Question[] = [
  {
    name: 'lateness',
    asks: 'how late a timer is at the 99th percentile, beside an endless exchange',
    unit: 'timer',
    metric: 'lateness',
    size: 300,
    tiny: 5,
    operations: (size) => size,
    answer: (size) => size,
    floors: { 'nothing else': ticks, 'awaits, lets timers in': besidePromises },
    evergreen: (library) => ({ evergreen: besideTasklets(library) }),
  },
];
