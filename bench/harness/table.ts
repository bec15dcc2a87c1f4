// How results are shown to a reader.

import type { Result } from './contest.js';
import type { Metric, Question } from './question.js';
import { ratios, spread } from './statistics.js';
import type { Spread } from './statistics.js';

const heading: Record<Metric, string> = {
  time: 'processor ns',
  bytes: 'bytes',
  lateness: 'ms late, p99',
};

/** One question as a table of text. The first result is what the ratios are taken against. */
export function table(question: Question, results: readonly Result[]): string {
  const { name, asks, unit, metric } = question;
  const floor = results[0]?.values ?? [];
  const rows = [['', `${heading[metric]} a ${unit}`, 'wall ns', `× ${results[0]?.label ?? ''}`]];
  const failures: string[] = [];
  for (const { label, values, wall, failure } of results) {
    if (failure !== undefined || values.length === 0) {
      failures.push(`  ${label}: ${failure ?? 'nothing measured'}\n`);
      continue;
    }
    rows.push([
      label,
      shown(spread(values)),
      metric === 'time' ? shown(spread(wall)) : '',
      floor.length === values.length ? shown(ratios(values, floor), 2) : '',
    ]);
  }
  return `${name}: ${asks}\n${aligned(rows)}\n${failures.join('')}`;
}

/** Columns under each other: the first to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      });
      return `  ${cells.join('   ')}`.trimEnd();
    })
    .join('\n');
}

/** "92 (91–95)": the median and the quartiles. */
export function shown({ median, low, high }: Spread, digits = digitsFor(median)): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

function digitsFor(value: number): number {
  return value < 10 ? 2 : value < 100 ? 1 : 0;
}
