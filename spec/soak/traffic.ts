/**
 * Sockets, files, workers and channels all at once, while somebody kills at random.
 *
 * It goes in rounds as well: now and then everything is closed, and when it is quiet there must be as many
 * descriptors, timers and bytes as there were.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { current, joinAll, run, sleep, spawn, Tasklet, TaskletKilledError } from 'evergreen-tasklets';
import { call, tcp } from 'evergreen-tasklets/io';
import { leaks } from 'evergreen-tasklets/testing';
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'evergreen-tasklets/workers';
import { generator } from '../../lib/testing/decide.js';
import { doors, kilobytes, slope, weigh, type Point } from './endure.js';
import {
  bareCorrespondence,
  correspondence,
  diary,
  errand,
  listen,
  onlyBroken,
  party,
  serve,
  type Random,
} from './episodes.js';

export interface TrafficFigures {
  readonly seconds: number;
  /** How many of each kind came to their end. */
  readonly ended: Readonly<Record<string, number>>;
  readonly killed: number;
  /** Connections that broke because their other end was killed. */
  readonly broken: number;
  /** Bytes a minute. */
  readonly slope: number;
  /** The most bytes in use after a round, and the most that the system gave us. */
  readonly peak: number;
  readonly resident: number;
  readonly descriptors: number;
  readonly faults: readonly string[];
}

/** How many of each kind are there at a time. */
const KEEPERS = {
  correspondence: 8,
  'bare correspondence': 8,
  diary: 6,
  errand: 3,
  'errand far away': 1,
  party: 8,
};
/** In seconds. */
const ROUND = 15;
/** Rounds that come first and are not looked at, as in {@link endure}; all of them take this part of the time. */
const WARM = { rounds: 20, share: 0.2 };
/** By how many bytes the heap may grow a minute: one or two for each episode. */
const LIMIT = 150_000;
/** What a heap goes up and down by with all that, in bytes. */
const UNREST = 1_000_000;

/** What happens in one round, and what is counted over all. */
class Round {
  readonly ended: Record<string, number> = {};
  killed = 0;
  broken = 0;
  private readonly random: Random;
  private readonly victims: Set<Tasklet> = new Set();
  private over = false;
  private files = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** Lets all this go on for `ms` milliseconds. */
  async go(ms: number): Promise<void> {
    this.over = false;
    const folder = mkdtempSync(path.join(tmpdir(), 'evergreen-tasklets-soak-'));
    const server = createServer();
    await call((back: () => void) => server.listen(0, '127.0.0.1', back));
    const { port } = server.address() as AddressInfo;
    const threads = new ThreadPoolExecutor({ size: 2 });
    const processes = new ProcessPoolExecutor({ size: 1 });
    const { random } = this;
    const kinds: Record<keyof typeof KEEPERS, () => Promise<void>> = {
      correspondence: () => correspondence(random, listener.address.port),
      'bare correspondence': () => bareCorrespondence(random, port),
      diary: () => diary(random, folder, String(this.files++)),
      errand: () => errand(random, threads),
      'errand far away': () => errand(random, processes),
      party: () => party(random),
    };
    const listener = await tcp.listen();
    const begun = (): (() => void) => this.mayDie(current() as Tasklet);
    const serving = spawn(serve, server, begun);
    spawn(listen, listener, begun);
    const keepers: Tasklet[] = [];
    for (const [kind, count] of Object.entries(KEEPERS)) {
      for (let i = 0; i < count; i++) {
        keepers.push(spawn(() => this.keep(kind, kinds[kind as keyof typeof KEEPERS])));
      }
    }
    const killer = new Tasklet(() => this.killing(), { name: 'killer', daemon: true }).start();
    await sleep(ms);
    this.over = true;
    await joinAll(keepers);
    killer.kill();
    // Before nobody serves any more: who has connected just now would stay there for ever.
    await end(server);
    serving.kill();
    await listener.close({ graceful: true });
    await threads.shutdown({ work: 'abort' });
    await processes.shutdown({ work: 'abort' });
    for (const left of readdirSync(folder)) throw new Error(`the file ${left} is left`);
    rmSync(folder, { recursive: true });
  }

  /** Has one of a kind there at all times. */
  private async keep(kind: string, episode: () => Promise<void>): Promise<void> {
    while (!this.over) {
      const tasklet = spawn(episode);
      const ended = this.mayDie(tasklet);
      try {
        await tasklet.join();
        this.ended[kind] = (this.ended[kind] ?? 0) + 1;
      } catch (error) {
        if (error instanceof TaskletKilledError) this.killed++;
        else {
          onlyBroken(error);
          this.broken++;
        }
      }
      ended();
    }
  }

  /** @returns what is to be called when it has ended. */
  private mayDie(tasklet: Tasklet): () => void {
    this.victims.add(tasklet);
    return () => this.victims.delete(tasklet);
  }

  private async killing(): Promise<void> {
    for (;;) {
      await sleep(Math.floor(this.random() * 4));
      const victims = [...this.victims];
      for (let count = Math.floor(this.random() * 4); count > 0; count--) {
        const victim = victims[Math.floor(this.random() * victims.length)];
        // Some have no time to clean up.
        victim?.kill({ grace: this.random() < 0.5 ? 0 : 1000 });
      }
    }
  }
}

async function end(server: Server): Promise<void> {
  await call((back: (error?: Error) => void) => server.close(back));
}

/** Goes on for about so many seconds; `seed` decides what is random. */
export async function traffic(seconds: number, seed: number): Promise<TrafficFigures> {
  const faults = new Set<string>();
  const round = new Round(generator(seed));
  const start = performance.now();
  const warm = seconds < 30 ? 2 : WARM.rounds;
  const rounds = Math.max(Math.round((seconds * (1 - WARM.share)) / ROUND), 3);
  const points: Point[] = [];
  let quiet = { descriptors: 0, doors: '' };
  let [peak, resident] = [0, 0];
  for (let i = 1; i <= warm + rounds; i++) {
    const done = i <= warm ? (WARM.share * i) / warm : WARM.share + ((1 - WARM.share) * (i - warm)) / rounds;
    const left = start + 1000 * seconds * done - performance.now();
    await run(() => round.go(Math.max(left, 100)));
    const now = await rest(quiet.doors);
    const heap = await weigh();
    if (i <= warm) {
      quiet = now;
      continue;
    }
    if (now.descriptors > quiet.descriptors) {
      faults.add(`${now.descriptors} descriptors are open; before: ${quiet.descriptors}`);
    }
    if (now.doors !== quiet.doors) faults.add(`open: ${now.doors}; before: ${quiet.doors}`);
    for (const fault of leaks()) faults.add(fault);
    const { external, rss } = process.memoryUsage();
    points.push([(performance.now() - start) / 60_000, heap + external]);
    peak = Math.max(peak, heap + external);
    resident = Math.max(resident, rss);
  }
  const grown = slope(points);
  const minutes = (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0);
  const limit = Math.max(LIMIT, UNREST / minutes);
  if (grown > limit) {
    faults.add(`memory grows by ${kilobytes(grown)} a minute, more than ${kilobytes(limit)}`);
  }
  const { ended, killed, broken } = round;
  return {
    seconds: (performance.now() - start) / 1000,
    ended,
    killed,
    broken,
    slope: grown,
    peak,
    resident,
    descriptors: quiet.descriptors,
    faults: [...faults],
  };
}

/** What is open when everything has been closed; that takes the system a moment. */
async function rest(wanted: string): Promise<{ descriptors: number; doors: string }> {
  for (let patience = 200; patience > 0 && doors() !== wanted; patience--) await sleep(10);
  return { descriptors: descriptors(), doors: doors() };
}

/** How many descriptors this process has open; 0 where the system does not say. */
function descriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
