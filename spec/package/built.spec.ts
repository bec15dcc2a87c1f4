/**
 * What is published is what was written: one module behind the front door, and everything under its own name.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';

const root = path.join(__dirname, '..', '..');
const dist = path.join(root, 'dist');

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

const load = createRequire(__filename);

describe('the built package', () => {
  it('loads one module for everything behind the front door', () => {
    const from = (file: string): string[] =>
      [...readFileSync(path.join(dist, file), 'utf8').matchAll(/^(?:import|export) .*?from '(.*)';$/gms)].map(
        ([, module = '']) => module,
      );
    expect(from('index.js')).to.deep.equal(['./core.js']);
    expect(from('core.js')).to.deep.equal([]);
  });

  it('gives what it exports the name that it has inside', () => {
    const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Package;
    let seen = 0;
    for (const target of Object.values(exports)) {
      if (typeof target === 'string') continue;
      const room = load(path.join(root, target.default)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(room)) {
        if (typeof value !== 'function') continue;
        seen++;
        expect(value.name).to.equal(name);
      }
    }
    expect(seen).to.be.greaterThan(100);
  });
});
