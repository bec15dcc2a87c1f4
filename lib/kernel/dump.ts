/**
 * Who waits for whom, as a table that people read.
 */
import type { Body } from './body.js';

const HEAD = ['id', 'name', 'state', 'waits for', 'for', 'parent'] as const;
/** A name or a reason longer than this is cut: a table must stay one. */
const WIDEST = 48;

/** A table of `bodies`, a line each. */
export function table(bodies: readonly Body[]): string {
  if (bodies.length === 0) return 'no tasklets';
  const rows = [HEAD, ...bodies.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => (cells[column] as string).length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function row({ id, name, daemon, state, blockedOn, since, parent }: Body): string[] {
  const waits = blockedOn !== undefined;
  return [
    String(id),
    cell(name) + (daemon ? ' (daemon)' : ''),
    state,
    waits ? cell(blockedOn) : '-',
    waits ? `${since.toFixed(0)} ms` : '-',
    parent === undefined ? '-' : cell(parent.name),
  ];
}

/** `text` on one line, without what a terminal would obey. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is to be taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
}

/** `text`, plain and not too long. */
function cell(text: string): string {
  const line = plain(text);
  return line.length > WIDEST ? line.slice(0, WIDEST - 1) + '…' : line;
}
