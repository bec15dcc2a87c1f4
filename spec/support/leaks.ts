/**
 * After each test nothing of it is left on the default scheduler, and no promise was rejected unheard.
 *
 * Mocha would not say so: it drops unhandled rejections, and a tasklet that sleeps for ever holds no test up.
 * What was left is told with the name of its test when all have run, so that one leak hides no other test;
 * it is cleared away at once, so that no other test is blamed for it.
 */
import { defaultScheduler } from '../../lib/kernel/caller.js';

/** How many turns of the event loop things may take to come to rest after a test. */
const TURNS = 20;

const rejections = new Map<Promise<unknown>, unknown>();
const reports: string[] = [];
/** Who survived being cleared away, and when the timer is due that did; told once. */
const survivors = new Set<unknown>();
let timer: number | undefined;

function rejected(reason: unknown, promise: Promise<unknown>): void {
  rejections.set(promise, reason);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What is left, each in a few words. */
function left(): string[] {
  const found = defaultScheduler
    .tasklets()
    .filter((tasklet) => !survivors.has(tasklet))
    .map(({ name, state, blockedOn }) => `tasklet '${name}' is ${blockedOn ?? state}`);
  if (found.length === 0 && !defaultScheduler.isIdle) found.push('somebody is in the ring');
  const { next } = defaultScheduler.clock;
  if (next !== undefined && next !== timer) found.push('a timer is set');
  for (const reason of rejections.values()) found.push(`unhandled rejection: ${String(reason)}`);
  return found;
}

async function rest(): Promise<void> {
  // At least one: unhandled rejections are told after all microtasks.
  await turn();
  for (let turns = 1; turns < TURNS && left().length > 0; turns++) await turn();
}

async function clear(): Promise<void> {
  for (const tasklet of defaultScheduler.tasklets()) tasklet.kill();
  await rest();
  for (const tasklet of defaultScheduler.tasklets()) survivors.add(tasklet);
  timer = defaultScheduler.clock.next;
  rejections.clear();
}

export const mochaHooks: Mocha.RootHookObject = {
  beforeAll() {
    process.on('unhandledRejection', rejected);
  },

  async afterEach(this: Mocha.Context) {
    await rest();
    const found = left();
    if (found.length === 0) return;
    await clear();
    // A test that failed has a reason to leave things behind, and has said it.
    if (this.currentTest?.isPassed() === true) {
      reports.push(`${this.currentTest.fullTitle()}: ${found.join('; ')}`);
    }
  },

  afterAll() {
    process.off('unhandledRejection', rejected);
    if (reports.length > 0) throw new Error(`left behind by\n  ${reports.join('\n  ')}`);
  },
};
