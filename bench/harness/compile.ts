// Makes plain JavaScript of the bench before anything is measured, so that no child process
// spends its time, or its optimiser's patience, on a TypeScript loader.

import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** The compiled bench; removed by `dispose`. */
export interface Compiled {
  /** The program that measures one contender. */
  readonly child: string;
  /** The build of the library, as it was when the bench began: building again meanwhile changes nothing. */
  readonly library: string;
  dispose(): void;
}

/** Compiles the bench into a temporary folder. It has no libraries in it: those are loaded by a child. */
export async function compile(): Promise<Compiled> {
  const out = mkdtempSync(join(tmpdir(), 'evergreen-bench-'));
  const child = join(out, 'child.mjs');
  await build({
    entryPoints: ['bench/harness/child.ts'],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  cpSync('dist', join(out, 'library/dist'), { recursive: true });
  cpSync('package.json', join(out, 'library/package.json'));
  symlinkSync(resolve('node_modules'), join(out, 'library/node_modules'), 'junction');
  return {
    child,
    library: join(out, 'library/dist/index.js'),
    dispose: () => rmSync(out, { recursive: true, force: true }),
  };
}
