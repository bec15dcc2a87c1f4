/**
 * Tasklets that come and go in all ways there are. Of an ended one nothing is kept: not its closure, not its value,
 * not itself.
 */
import {
  Channel,
  joinAll,
  run,
  schedule,
  sleep,
  spawn,
  TaskGroup,
  Tasklet,
  timeout,
} from 'evergreen-tasklets';
import type { Work } from './endure.js';

const quiet = new Channel<never>();

/** Waits until `tasklet` has ended, however it did. */
async function ended(tasklet: Tasklet): Promise<void> {
  await tasklet.join().catch(() => {});
}

type Body = () => Promise<object>;

/** Each begins a tasklet with `body`, which holds something and returns it, and sees it to its end. */
const LIVES: readonly ((body: Body) => Promise<Tasklet>)[] = [
  async function returning(body) {
    const tasklet = spawn(body);
    await tasklet.join();
    return tasklet;
  },

  async function failing(body) {
    const tasklet = spawn(async () => {
      throw new Error('on purpose', { cause: await body() });
    });
    await ended(tasklet);
    return tasklet;
  },

  async function neverBegun(body) {
    const tasklet = spawn(body);
    tasklet.kill();
    await ended(tasklet);
    return tasklet;
  },

  async function killed(body) {
    const tasklet = spawn(async () => {
      const held = await body();
      await quiet.receive();
      return held;
    });
    await schedule();
    tasklet.kill({ reason: body });
    await ended(tasklet);
    return tasklet;
  },

  async function stubborn(body) {
    const tasklet = spawn(async () => {
      const held = await body();
      for (let i = 0; i < 3; i++) await sleep(60_000).catch(() => schedule());
      return held;
    });
    await schedule();
    tasklet.kill({ grace: 0 });
    tasklet.kill({ grace: 0 });
    await ended(tasklet);
    return tasklet;
  },

  async function foreign(body) {
    const tasklet = spawn(async () => {
      await new Promise(setImmediate);
      return body();
    });
    await ended(tasklet);
    return tasklet;
  },

  async function inGroup(body) {
    return TaskGroup.run(async (group) => {
      group.spawn(() => quiet.receive());
      const tasklet = group.spawn(body);
      await tasklet.join();
      group.cancel();
      return tasklet;
    });
  },

  async function inTime(body) {
    const tasklet = spawn(() => timeout(0, () => quiet.receive(), { fallback: body }));
    await ended(tasklet);
    return tasklet;
  },

  async function unheard(body) {
    const tasklet = spawn(body);
    await schedule();
    return tasklet;
  },
];

/** Many of them are looked at, one in so many. */
const SAMPLE = 10;

class Lives implements Work {
  readonly name = 'lives of tasklets';
  readonly count = 100_000;
  // Less than a word a life.
  readonly limit = 4_000_000;
  private sample: { readonly what: string; readonly ref: WeakRef<object> }[] = [];

  async go(count: number): Promise<void> {
    this.sample = [];
    await run(async () => {
      // Ten at a time.
      await joinAll(
        Array.from({ length: 10 }, (_, first) =>
          spawn(async () => {
            for (let i = first; i < count; i += 10) await this.live(i);
          }),
        ),
      );
    });
  }

  private async live(i: number): Promise<void> {
    const value = { bytes: new Uint8Array(256) };
    const body = async (): Promise<object> => Promise.resolve(value);
    const life = LIVES[i % LIVES.length] as (typeof LIVES)[number];
    const tasklet = await life(body);
    if (i % SAMPLE !== 0) return;
    for (const [what, it] of Object.entries({ value, body, tasklet })) {
      this.sample.push({ what: `a ${what} of one ${life.name}`, ref: new WeakRef(it) });
    }
  }

  left(): string[] {
    return this.sample.filter(({ ref }) => ref.deref() !== undefined).map(({ what }) => what);
  }
}

export const lives: Work = new Lives();
