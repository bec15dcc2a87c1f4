// The chart of a report, for the README and the docs. What draws it is not installed with
// everything else, and is asked for only when somebody wants the chart.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = 'docs';
const themes = ['light', 'dark'] as const;

type Draw = (report: object, theme: (typeof themes)[number]) => string;

/**
 * What draws a report into the docs, once for light pages and once for dark ones.
 *
 * @throws {RangeError} it is not installed.
 */
export async function drawing(): Promise<(report: object) => void> {
  if (!existsSync('bench/chart/node_modules')) {
    throw new RangeError('--chart: first npm ci --prefix bench/chart');
  }
  const { draw } = (await import(resolve('bench/chart/draw.mjs'))) as { readonly draw: Draw };
  return (report) => {
    mkdirSync(folder, { recursive: true });
    for (const theme of themes) writeFileSync(`${folder}/bench-${theme}.svg`, draw(report, theme));
  };
}
