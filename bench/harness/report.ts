// The results of a run as data: what `--json` prints, and what chart and docs are made of.

import type { Errand } from './child.js';
import type { Result } from './contest.js';
import type { Machine } from './machine.js';
import type { Metric, Question } from './question.js';
import { ratios, spread } from './statistics.js';
import type { Spread } from './statistics.js';

/** One contender: what it needs, and how many times as much as the first floor; or why there is nothing. */
export interface Standing {
  readonly label: string;
  readonly from: Errand['from'];
  readonly value?: Spread;
  readonly wall?: Spread;
  readonly ratio?: Spread;
  readonly failure?: string;
}

export interface Summary {
  readonly name: string;
  readonly asks: string;
  readonly unit: string;
  readonly metric: Metric;
  readonly contenders: readonly Standing[];
}

export interface Report extends Machine {
  readonly repetitions: number;
  readonly report: readonly Summary[];
}

/** One question as data. */
export function summary({ name, asks, unit, metric }: Question, results: readonly Result[]): Summary {
  const floor = results[0]?.values ?? [];
  return {
    name,
    asks,
    unit,
    metric,
    contenders: results.map(({ label, from, values, wall, failure }) => ({
      label,
      from,
      ...(failure !== undefined || values.length === 0
        ? { failure: failure ?? 'nothing measured' }
        : { value: spread(values), wall: spread(wall), ratio: ratios(values, floor) }),
    })),
  };
}
