// Draws a report of the bench: for each question, how many times its floor everybody needs.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const themes = {
  light: { ink: '#1f2328', faint: '#d0d7de', ours: '#1a7f37', peer: '#8250df', floor: '#6e7781' },
  dark: { ink: '#e6edf3', faint: '#30363d', ours: '#3fb950', peer: '#bc8cff', floor: '#8b949e' },
};

const kinds = { floor: 'hand-written floors', evergreen: 'evergreen', peer: 'other libraries' };

/**
 * @param {{ processor: string, node: string, repetitions: number, report: readonly object[] }} results
 * @param {'light' | 'dark'} theme
 * @returns {string} an SVG document
 */
export function draw({ processor, node, repetitions, report }, theme) {
  const { ink, faint, ours, peer, floor } = themes[theme];
  const { document } = parseHTML('<html><body></body></html>');
  const timed = report.filter(({ metric }) => metric === 'time');
  const points = timed.flatMap(({ name, contenders }) =>
    contenders
      .filter(({ ratio }) => ratio !== undefined)
      .map(({ label, from, ratio }) => ({ name, label, kind: kinds[from], ...ratio })),
  );
  const most = Math.max(...points.map(({ median }) => median));
  const least = Math.min(...points.map(({ median }) => median));
  const ticks = [0.0625, 0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256].filter(
    (times) => times <= most && times >= least,
  );
  const svg = Plot.plot({
    document,
    width: 760,
    height: 110 + 26 * timed.length,
    marginLeft: 140,
    marginRight: 30,
    marginBottom: 80,
    style: { background: 'none', color: ink, fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    marginTop: 36,
    x: { type: 'log', label: null, axis: null },
    y: { label: null, domain: timed.map(({ name }) => name) },
    color: { domain: Object.values(kinds), range: [floor, ours, peer] },
    marks: [
      // An axis of a logarithmic scale would label only some of them.
      Plot.text(ticks, {
        x: (times) => times,
        text: (times) => `${times}×`,
        frameAnchor: 'bottom',
        dy: 18,
        fill: ink,
      }),
      Plot.gridX({ stroke: faint, strokeOpacity: 1, ticks }),
      Plot.ruleX([1], { stroke: ink }),
      Plot.dot(points, {
        x: 'median',
        y: 'name',
        fill: 'kind',
        r: ({ kind }) => (kind === kinds.evergreen ? 6 : 3.5),
        channels: { label: 'label' },
        title: ({ label, median }) => `${label}: ${median.toFixed(2)}×`,
      }),
      ...[
        'processor time against awaiting hand-written promises',
        `${processor}, Node ${node}, ${repetitions} runs`,
      ].map((line, index) => Plot.text([line], { frameAnchor: 'bottom', dy: 48 + 18 * index, fill: ink })),
      ...Object.values(kinds).map((kind, index) =>
        Plot.text([`● ${kind}`], { frameAnchor: 'top', dx: (index - 1) * 150, dy: -24, fill: () => kind }),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
