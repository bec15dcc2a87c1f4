// Runs the contenders of one question: each in a fresh process, in turns, so that what
// changes while it lasts changes for all of them.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Errand } from './child.js';
import type { Compiled } from './compile.js';
import { inGo } from './go.js';
import type { Reading } from './measure.js';
import type { Metric, Question } from './question.js';

const execute = promisify(execFile);

/** A process that has not answered after this long never will. In milliseconds. */
const patience = 300_000;

/** One line of a question's table, before it has been measured. */
export interface Contender {
  readonly label: string;
  readonly errand: Errand;
}

/** What came out for one contender: a value a repetition, or why there is none. */
export interface Result {
  readonly label: string;
  readonly from: Errand['from'];
  /** In the unit of the question's metric. */
  readonly values: readonly number[];
  /** Nanoseconds an operation by the clock on the wall. */
  readonly wall: readonly number[];
  readonly failure: string | undefined;
}

export interface Conditions {
  readonly compiled: Compiled;
  /** The Node to run the contenders on. */
  readonly node: string;
  readonly repetitions: number;
  /**
   * Lets V8 compile and collect in threads of its own. Whether a collection of a megabyte wakes one of them is luck
   * of the start, and costs more than a switch.
   */
  readonly threads: boolean;
}

/** Measures every contender once a repetition; the one that begins changes each time. */
export async function contest(
  question: Question,
  contenders: readonly Contender[],
  conditions: Conditions,
): Promise<Result[]> {
  const { repetitions } = conditions;
  const readings = contenders.map((): Reading[] => []);
  const failures = contenders.map((): string | undefined => undefined);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (let place = 0; place < contenders.length; place++) {
      const index = (place + repetition) % contenders.length;
      const contender = contenders[index];
      if (contender === undefined || failures[index] !== undefined) continue;
      try {
        readings[index]?.push(await once(conditions, question, contender.errand));
      } catch (error) {
        failures[index] = reason(error);
      }
    }
  }
  return contenders.map(({ label, errand }, index) => ({
    label,
    from: errand.from,
    values: (readings[index] ?? []).map((reading) => value(reading, question.metric)),
    wall: (readings[index] ?? []).map(({ wall }) => wall),
    failure: failures[index],
  }));
}

async function once(
  { compiled, node, threads }: Conditions,
  question: Question,
  errand: Errand,
): Promise<Reading> {
  const flags = [
    ...(question.metric === 'bytes' ? ['--expose-gc'] : []),
    ...(threads ? [] : ['--single-threaded']),
  ];
  const [program, args] =
    errand.from === 'go'
      ? [errand.module ?? '', [inGo(question)]]
      : [node, [...flags, compiled.child, JSON.stringify(errand)]];
  const { stdout } = await execute(program, args, { timeout: patience });
  return JSON.parse(stdout) as Reading;
}

function value({ processor, bytes, lateness }: Reading, metric: Metric): number {
  if (metric === 'time') return processor;
  return (metric === 'bytes' ? bytes : lateness) ?? Number.NaN;
}

/** The line that says what went wrong, out of everything a dying process prints. */
function reason(error: unknown): string {
  const { stderr, killed, code } = error as { stderr?: string; killed?: boolean; code?: unknown };
  if (killed === true) return `no answer after ${patience / 1000} s`;
  const line = stderr?.split('\n').find((text) => /^(FATAL ERROR|\w*Error)\b/.test(text));
  return line ?? `no answer, and nothing left to wait for (exit code ${String(code)})`;
}
