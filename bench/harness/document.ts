// The table of a report in docs/performance.md, between two marks that name the Node.

import { readFileSync, writeFileSync } from 'node:fs';
import { inWords } from './machine.js';
import type { Metric } from './question.js';
import type { Report, Standing, Summary } from './report.js';

const page = 'docs/performance.md';

const unit: Record<Metric, string> = { time: 'ns', bytes: 'bytes', lateness: 'ms' };

/**
 * Replaces the table of this Node.
 *
 * @throws {RangeError} the page has no place for it.
 */
export function document(report: Report): void {
  const major = report.node.replace(/^v(\d+).*/, '$1');
  const begin = `<!-- bench: Node ${major} -->\n`;
  const end = '<!-- end of bench -->';
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end, from);
  if (from < begin.length || to < 0) throw new RangeError(`--docs: ${page} has no place for Node ${major}`);
  writeFileSync(page, `${text.slice(0, from)}\n${inMarkdown(report)}\n${text.slice(to)}`);
}

/** A report as Markdown: one line a question. */
export function inMarkdown(report: Report): string {
  const rows = report.report.map(row).filter((cells) => cells !== undefined);
  return [
    `${inWords(report)}, ${report.repetitions} repetitions.`,
    '',
    '| question | floor | evergreen | × floor | other floors, × | other libraries, × |',
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
  const of = (kind: Standing['from']): string =>
    listed(others.filter((other) => other.from === kind && other !== ours));
  const [more, rest, peers] = [of('evergreen'), of('floor'), of('peer')];
  return [
    more === '' ? name : `${name} (${more})`,
    `${rounded(floor.value.median)} ${unit[metric]}`,
    `${rounded(ours.value.median)} ${unit[metric]}`,
    `**${ours.ratio.median.toFixed(2)}**`,
    rest,
    peers,
  ];
}

/** `p-fifo 1.31, medium 1.40`, the least first. */
function listed(standings: readonly Standing[]): string {
  return standings
    .filter(({ ratio }) => ratio !== undefined)
    .toSorted((one, other) => (one.ratio?.median ?? 0) - (other.ratio?.median ?? 0))
    .map(({ label, ratio }) => `${label} ${ratio?.median.toFixed(2)}`)
    .join(', ');
}

function rounded(value: number): string {
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}
