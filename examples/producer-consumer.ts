/**
 * Producers and consumers over a queue that holds three things at most.
 *
 *   npm run build && node scripts/ts.cjs examples/producer-consumer.ts
 *
 * The producers are quicker, so they wait at the full queue: memory stays bounded, and nobody counts anything.
 * When they are done the queue is closed; the consumers take what is left, and their loops end.
 */
import { Queue, run, sleep, spawn, TaskGroup } from 'evergreen-tasklets';

interface Loaf {
  readonly baker: string;
  readonly number: number;
}

const shelf = new Queue<Loaf>({ maxSize: 3, name: 'shelf' });

async function bake(baker: string, loaves: number): Promise<void> {
  for (let number = 1; number <= loaves; number++) {
    await sleep(5);
    await shelf.put({ baker, number });
    console.log(`${baker} puts loaf ${number} on the shelf`);
  }
}

async function eat(name: string): Promise<number> {
  let eaten = 0;
  for await (const { baker, number } of shelf) {
    console.log(`${name} eats loaf ${number} of ${baker}`);
    await sleep(20);
    eaten++;
  }
  return eaten;
}

void run(async () => {
  const guests = ['Ada', 'Bob'].map((name) => spawn(eat, name));
  {
    await using bakers = new TaskGroup();
    bakers.spawn(bake, 'Carl', 4);
    bakers.spawn(bake, 'Dora', 4);
  }
  shelf.close();
  let eaten = 0;
  for (const guest of guests) eaten += await guest.join();
  console.log(`${eaten} loaves eaten`);
});
