/**
 * After each test of mocha nothing of it is left, and no promise was rejected unheard.
 *
 * Mocha would not say so: it drops unhandled rejections, and a tasklet that sleeps for ever holds no test up.
 * What was left is told with the name of its test when all have run, so that one leak hides no other test;
 * it is cleared away at once, so that no other test is blamed for it.
 */
import { defaultScheduler } from '../kernel/caller.js';
import { monotonic } from '../kernel/clock.js';
import { breath } from './breath.js';
import { addedTo, baseline, type Baseline } from './leaks.js';

/** How many turns of the event loop things may take to come to rest after a test, and at least how long. */
const TURNS = 20;
const PATIENCE = 250;

/** A test, as far as mocha's hooks are told. */
interface Context {
  currentTest?: { fullTitle(): string; isPassed(): boolean } | undefined;
}

/** A mocha root hook object. */
export interface RootHooks {
  beforeAll(): void;
  beforeEach(): void;
  afterEach(this: Context): Promise<void>;
  afterAll(): void;
}

interface Process {
  on(event: string, listener: (reason: unknown, promise: Promise<unknown>) => void): void;
  off(event: string, listener: (reason: unknown, promise: Promise<unknown>) => void): void;
}

const { process } = globalThis as unknown as { process: Process };
const rejections = new Map<Promise<unknown>, unknown>();
const reports: string[] = [];
/** What was there before the test; of what could not be cleared away, each is told once. */
let before: Baseline = baseline();

function rejected(reason: unknown, promise: Promise<unknown>): void {
  rejections.set(promise, reason);
}

/** What is left, each in a few words. */
function left(): string[] {
  const found = addedTo(before);
  for (const reason of rejections.values()) found.push(`unhandled rejection: ${String(reason)}`);
  return found;
}

async function rest(): Promise<void> {
  const start = monotonic();
  // At least one: unhandled rejections are told after all microtasks.
  await breath();
  for (let turns = 1; left().length > 0; turns++) {
    if (turns >= TURNS && (monotonic() - start >= PATIENCE || !waitsForDoors())) return;
    await breath();
  }
}

/** Only a door may take its time: the system closes it. */
function waitsForDoors(): boolean {
  return left().every((each) => each.includes('open: '));
}

async function clear(): Promise<void> {
  for (const tasklet of defaultScheduler.tasklets()) {
    if (!before.tasklets.has(tasklet)) tasklet.kill();
  }
  await rest();
  rejections.clear();
}

/**
 * Root hooks that fail the run when a test leaves anything behind: see {@link leaks}; unhandled rejections too.
 *
 * @example
 * // .mocharc.json: { "require": ["evergreen-tasklets/testing/mocha"] }
 */
export const mochaHooks: RootHooks = {
  beforeAll() {
    process.on('unhandledRejection', rejected);
  },

  beforeEach() {
    before = baseline();
  },

  async afterEach() {
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
