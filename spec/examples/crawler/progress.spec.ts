import { expect } from 'chai';

import { plainLines } from '../../../examples/crawler/progress.js';

describe('crawler · plainLines', () => {
  it('prints a line at most once a second, the first after a second', () => {
    const lines: string[] = [];
    let now = 0;
    const progress = plainLines({ write: (line) => lines.push(line) }, () => now);
    for (const [at, line] of [
      [500, 'a'],
      [1000, 'b'],
      [1500, 'c'],
      [2100, 'd'],
    ] as const) {
      now = at;
      progress.show(line);
    }
    progress.clear();
    expect(lines).to.deep.equal(['b\n', 'd\n']);
  });

  it('prints no control character', () => {
    const lines: string[] = [];
    let now = 0;
    const progress = plainLines({ write: (line) => lines.push(line) }, () => now);
    now = 1000;
    progress.show('\u001b[2J');
    expect(lines).to.deep.equal(['\\u{1b}[2J\n']);
  });
});
