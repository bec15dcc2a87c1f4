/**
 * Runs a program again and again, and tells of a failure so that it can be understood.
 */
import { monotonic } from '../kernel/clock.js';
import { ExplorationError, StateError } from '../kernel/errors.js';
import { identity } from '../kernel/identity.js';
import { callable, show, whole } from '../kernel/options.js';
import { breath } from './breath.js';
import { replay, type Decide } from './decide.js';
import { Execution } from './execution.js';
import type { Outcome, Program } from './program.js';
import { fromText, toText } from './schedule-text.js';
import { shrink } from './shrink.js';

/** In milliseconds: how long runs follow each other before the event loop has a turn. */
const STRETCH = 25;
const STEPS = 10_000;
/** The most lines of a story that a message shows. */
const LONGEST = 80;

export class Explorer<R> {
  private readonly program: Program<R>;
  private readonly steps: number;
  private since = monotonic();

  /** @param where who explores, in error messages. */
  constructor(program: Program<R>, steps: number | undefined, where: string) {
    callable(program, 'program', where);
    this.program = program;
    this.steps = whole(steps ?? STEPS, 1, 'steps', where);
  }

  /** Does `task`, and lets the way to know who is calling stay switched on meanwhile. */
  async work<T>(task: () => Promise<T>): Promise<T> {
    identity.on();
    try {
      return await task();
    } finally {
      identity.off();
    }
  }

  async once(decide: Decide, told = false): Promise<Outcome<R>> {
    if (monotonic() - this.since > STRETCH) await breath().then(() => (this.since = monotonic()));
    return new Execution<R>(decide, { steps: this.steps, told }).run(this.program);
  }

  /** Runs it again. @throws {StateError} the same decisions led elsewhere. */
  async confirm({ picks, counts }: Outcome<R>): Promise<void> {
    const again = await this.once(replay(picks));
    if (String(again.counts) !== String(counts) || String(again.picks) !== String(picks)) throw wayward();
  }

  /** @throws {ExplorationError} about `outcome`, if it is a failure. */
  async explain(outcome: Outcome<R>, where: string): Promise<void> {
    if (outcome.failure === undefined) return;
    const kind = kindOf(outcome.failure.error);
    const picks = await shrink(outcome.picks, async (candidate) => {
      const { failure, picks: made } = await this.once(replay(candidate));
      return failure !== undefined && kindOf(failure.error) === kind ? made : undefined;
    });
    const last = await this.once(replay(picks), true);
    // A program that is not the same each time may not fail again: then what it did the first time counts.
    const { error } = last.failure ?? outcome.failure;
    const schedule = toText(last.failure === undefined ? outcome.picks : picks);
    const flaky = last.failure === undefined ? '\nIt did not fail again: it depends on more than turns.' : '';
    throw new ExplorationError(
      `${inWords(error)}\n(${where})${flaky}\nSee it again: EVERGREEN_REPLAY=${schedule}\n` +
        `Its story:\n  ${shown(last.story)}`,
      { cause: error, schedule, trace: last.story },
    );
  }
}

/** What the environment says to replay. */
export function recording(): number[] | undefined {
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  const text = process?.env['EVERGREEN_REPLAY'];
  return text === undefined || text === '' ? undefined : fromText(text);
}

/** A story in a message: of a long one the beginning and the end. */
function shown(story: string): string {
  const lines = story.split('\n');
  const cut = lines.length - LONGEST;
  if (cut > 0) lines.splice(LONGEST / 2, cut, `… ${cut} lines more, in the error's \`trace\` …`);
  return lines.join('\n  ');
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function inWords(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : show(error);
}

export function wayward(): StateError {
  return new StateError(
    'the same decisions led elsewhere: the program depends on more than turns (state that outlives a run, chance, ' +
      'the time of day)',
  );
}
