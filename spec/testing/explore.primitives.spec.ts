/** What is built on channels, under every kind of interruption: nothing is lost, nobody is inside twice. */
import { expect } from 'chai';
import {
  after,
  Barrier,
  BrokenBarrierError,
  CancelledError,
  Channel,
  Condition,
  current,
  idle,
  Lock,
  Queue,
  RLock,
  Semaphore,
  TaskGroup,
  TimeoutError,
  schedule,
  select,
  sleep,
  spawn,
  type Tasklet,
} from '../../lib/index.js';
import { TaskletPoolExecutor } from '../../lib/futures/index.js';
import { explore, type Program } from '../../lib/testing/index.js';

const runs = Number(process.env['EXPLORE_RUNS'] ?? 300);

/** Spawns `fn`, for which it is no error that its time is up. */
function spawnInTime(fn: () => Promise<void>): Tasklet<void> {
  return spawn(async () => {
    try {
      await fn();
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
  });
}

/** Joins all, whatever became of them. */
async function settle(tasklets: readonly Tasklet[]): Promise<void> {
  for (const each of tasklets) await each.join().catch(() => {});
}

/** Three who take one of `permits`, some in time and some not, and may be killed at any moment. */
function sharing(permits: number, make: () => Lock | RLock | Semaphore): Program<void> {
  return async ({ killable }) => {
    const shared = make();
    let inside = 0;
    const users = [undefined, 5, undefined, 0].map((timeout) =>
      killable(
        spawnInTime(async () => {
          using _ = await shared.acquire(timeout === undefined ? {} : { timeout });
          expect(++inside).to.be.at.most(permits);
          try {
            await schedule();
            await sleep(3);
          } finally {
            inside--;
          }
        }),
      ),
    );
    await settle(users);
    // Whoever died has given back what it had: all permits are there.
    const leases = Array.from({ length: permits }, () => shared.tryAcquire());
    expect(leases).to.not.include(undefined);
    for (const lease of leases) lease?.release();
  };
}

const programs: Record<string, Program<void>> = {
  '[INV-52] [INV-53] a lock': sharing(1, () => new Lock()),
  '[INV-52] [INV-53] a re-entrant lock': sharing(1, () => new RLock()),
  '[INV-52] a semaphore of two': sharing(2, () => new Semaphore(2)),

  '[INV-55] a condition: a notification is used while somebody can': async ({ killable }) => {
    const condition = new Condition();
    let items = 0;
    let taken = 0;
    const takers = [0, 1].map((i) => {
      const taker = spawn(async () => {
        await condition.acquire();
        try {
          await condition.waitFor(() => items > 0);
          items--;
          taken++;
        } finally {
          condition.release();
        }
      });
      return i === 0 ? killable(taker) : taker;
    });
    await condition.with(() => {
      items = 2;
      condition.notify(2);
    });
    await settle(takers);
    expect(taken + items).to.equal(2);
    expect(taken).to.be.at.least(1);
  },

  '[INV-1] a queue: what was put is taken once, or still there': async ({ killable }) => {
    const queue = new Queue<number>({ maxSize: 1 });
    const put: number[] = [];
    const got: number[] = [];
    const producers = [0, 10].map((first) =>
      killable(
        spawnInTime(async () => {
          for (let i = first; i < first + 3; i++) {
            await queue.put(i, { timeout: 20 });
            put.push(i);
          }
        }),
      ),
    );
    const consumers = [0, 1].map(() =>
      killable(
        spawnInTime(async () => {
          for (;;) got.push(await queue.get({ timeout: 5 }));
        }),
      ),
    );
    await settle([...producers, ...consumers]);
    for (let item = queue.tryGet(); item !== undefined; item = queue.tryGet()) got.push(item.value);
    expect(got.sort((a, b) => a - b)).to.deep.equal(put.sort((a, b) => a - b));
  },

  'a barrier: all pass or it is broken': async ({ killable }) => {
    const barrier = new Barrier(3);
    let passed = 0;
    let broken = 0;
    const parties = [0, 1, 2].map((i) => {
      const party = spawnInTime(async () => {
        try {
          await barrier.wait({ timeout: 50 });
          passed++;
        } catch (error) {
          if (!(error instanceof BrokenBarrierError)) throw error;
          broken++;
        }
      });
      return i === 0 ? killable(party) : party;
    });
    await settle(parties);
    expect(passed === 0 || broken === 0, `${passed} passed, ${broken} broken`).to.equal(true);
  },

  'a group: nobody outlives it, whoever is killed': async ({ killable }) => {
    let alive = 0;
    const owner = killable(
      spawn(() =>
        TaskGroup.run(async (group) => {
          for (let i = 0; i < 2; i++) {
            killable(
              group.spawn(async () => {
                alive++;
                try {
                  await sleep(5);
                } finally {
                  try {
                    await schedule();
                  } finally {
                    alive--;
                  }
                }
              }),
            );
          }
          await sleep(2);
        }),
      ),
    );
    await settle([owner]);
    expect(alive).to.equal(0);
  },

  'a map in order: two readers get each result once, in order': mapping(true),
  'a map as it is ready: two readers get each result once': mapping(false),

  'a map whose reader may be killed: it ends, and so do those who work for it': async ({ killable }) => {
    const pool = new TaskletPoolExecutor({ size: 2 });
    let alive = 0;
    const source = new Channel<number>();
    const sender = spawn(() => source.sendAll([1, 2, 3, 4]).then(() => source.close()));
    const reader = killable(
      spawn(async () => {
        const flow = pool.map(source, async (n) => {
          alive++;
          try {
            await sleep(n % 3);
          } finally {
            alive--;
          }
        });
        for await (const _ of flow) await sleep(1);
      }),
    );
    await settle([reader]);
    sender.kill();
    await pool.shutdown();
    await idle();
    expect([alive, pool.active, source.balance]).to.deep.equal([0, 0, 0]);
  },

  'a map whose workers may be killed: its reader gets all, or is told': async ({ killable }) => {
    const pool = new TaskletPoolExecutor({ size: 2 });
    const flow = pool.map([1, 2, 3, 4], async (n) => {
      killable(current() as Tasklet);
      await sleep(n % 2);
      return n;
    });
    const got: number[] = [];
    let told = false;
    try {
      for await (const n of flow) got.push(n);
    } catch (error) {
      expect(error).to.be.instanceOf(CancelledError);
      told = true;
    }
    expect(got).to.deep.equal([1, 2, 3, 4].slice(0, got.length));
    expect(told || got.length === 4, `told ${told}, got ${got.length}`).to.equal(true);
    await pool.shutdown();
  },
};

/** Two readers of one map, one of which gives up now and then, or looks at something else first. */
function mapping(ordered: boolean): Program<void> {
  return async () => {
    const pool = new TaskletPoolExecutor({ size: 2 });
    const work = async (n: number): Promise<number> => {
      await sleep(n % 3);
      return n;
    };
    const flow = pool.map([1, 2, 3, 4, 5, 6], work, { ordered, concurrency: 3 });
    const got: number[] = [];
    const patient = spawn(async () => {
      for (let step = await flow.next(); step.done !== true; step = await flow.next()) got.push(step.value);
    });
    const restless = spawn(async () => {
      for (;;) {
        const hit = await select({ next: flow.nexting(), late: after(1).receiving() });
        if (hit.case === 'late') continue;
        if (hit.value.done === true) return;
        got.push(hit.value.value);
      }
    });
    await patient.join();
    await restless.join();
    expect(got.toSorted((a, b) => a - b)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    await idle();
    expect(pool.active).to.equal(0);
  };
}

describe('explore finds nothing wrong with', () => {
  for (const [what, program] of Object.entries(programs)) {
    it(what, async () => {
      await explore(program, { runs });
    }).timeout(120_000);
  }
});
