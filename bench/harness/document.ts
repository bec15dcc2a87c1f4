// The table of a report in docs/performance.md, between two marks that name its place.

import { readFileSync, writeFileSync } from 'node:fs';
import { inWords } from './machine.js';
import type { Metric } from './question.js';
import type { Report, Standing, Summary } from './report.js';

const page = 'docs/performance.md';

const unit: Record<Metric, string> = { time: 'ns', bytes: 'bytes', lateness: 'ms' };

/**
 * Replaces the table of `place`.
 *
 * @throws {RangeError} the page has no such place.
 */
export function document(report: Report, place: string): void {
  const begin = `<!-- bench: ${place} -->\n`;
  const end = '<!-- end of bench -->';
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new RangeError(`--docs: ${page} has no place '${place}'`);
  writeFileSync(page, `${text.slice(0, from)}\n${inMarkdown(report)}\n${text.slice(to)}`);
}

/** A report as Markdown: one line a question. */
export function inMarkdown(report: Report): string {
  const rows = report.report.map(row).filter((cells) => cells !== undefined);
  return [
    `${inWords(report)}, ${report.repetitions} repetitions.`,
    '',
    '| question | floor | evergreen | × floor | other floors, × | others, × |',
    '| --- | --: | --: | --: | --- | --- |',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

/** The cells of a question; nothing if its floor or we have no value. */
function row({ name, metric, contenders }: Summary): string[] | undefined {
  const [floor, ...others] = contenders;
  const ours = others.find(({ from }) => from === 'evergreen');
  if (floor?.value === undefined || ours?.value === undefined || ours.ratio === undefined) return undefined;
  const listed = (...kinds: Standing['from'][]): string =>
    inWordsOf(others.filter((other) => other !== ours && kinds.includes(other.from)));
  const more = listed('evergreen');
  return [
    name,
    `${rounded(floor.value.median)} ${unit[metric]}`,
    `${rounded(ours.value.median)} ${unit[metric]}`,
    `**${times(ours)}**${more === '' ? '' : `; ${more}`}`,
    listed('floor'),
    listed('peer', 'go'),
  ];
}

/** `p-fifo 1.31, medium 1.40`, the least first; who has given a wrong answer, or none, is last. */
function inWordsOf(standings: readonly Standing[]): string {
  return standings
    .toSorted((one, other) => (one.ratio?.median ?? Infinity) - (other.ratio?.median ?? Infinity))
    .map((standing) => `${standing.label.replace('evergreen, ', '')} ${times(standing)}`)
    .join(', ');
}

function times({ ratio }: Standing): string {
  return ratio === undefined ? 'fails' : ratio.median.toFixed(2);
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
