/**
 * Jobs for a service that allows five requests in 100 milliseconds, three of them at a time, and fails now and
 * then.
 *
 *   npm run build && node scripts/ts.cjs examples/rate-limited-jobs.ts
 *
 * Each limit is one stage: `throttle` says how often, `map` how many at a time, `retry` what a failure is worth.
 * The results come in the order of the orders, and an error that stays would end the whole line.
 */
import { retry, run, sleep } from 'evergreen-tasklets';
import { map, pipeline, throttle } from 'evergreen-tasklets/pipeline';

/** The service: every fourth request to it fails. */
let requests = 0;
async function ship(order: number): Promise<string> {
  const request = ++requests;
  await sleep(30);
  if (request % 4 === 0) throw new Error('503 Service Unavailable');
  return `order ${order} shipped`;
}

function* orders(): Generator<number> {
  for (let order = 1; order <= 12; order++) yield order;
}

void run(async () => {
  const shipped = await pipeline(
    orders(),
    throttle(5, { within: 100 }),
    map((order) => retry(() => ship(order), { attempts: 5, delay: 10 }), { concurrency: 3 }),
    (message) => console.log(message),
  );
  console.log(`${shipped} orders, ${requests} requests`);
});
