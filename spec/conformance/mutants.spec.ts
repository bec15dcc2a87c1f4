import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

describe('the known bugs that npm run mutants plants', () => {
  it('[BM-7] each have their place in the source as it is', () => {
    const script = path.join(__dirname, '../../scripts/mutants.mjs');
    const count = execFileSync(process.execPath, [script, '--places'], { encoding: 'utf8' });
    expect(Number(count)).to.be.at.least(24);
  });
});
