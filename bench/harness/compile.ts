// Makes plain JavaScript of the bench before anything is measured, so that no child process
// spends its time, or its optimiser's patience, on a TypeScript loader.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';

/** The compiled bench; removed by `dispose`. */
export interface Compiled {
  /** The program that measures one contender. */
  readonly child: string;
  /** The modules of the other libraries. */
  readonly peers: readonly string[];
  dispose(): void;
}

/** Compiles the bench into a temporary folder. */
export async function compile(): Promise<Compiled> {
  const out = mkdtempSync(join(tmpdir(), 'evergreen-bench-'));
  const peers = installedPeers();
  await esbuild.build({
    entryPoints: ['bench/harness/child.ts', ...peers.map((name) => `bench/peers/${name}.ts`)],
    outbase: 'bench',
    outdir: out,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [packagesStayOutside],
  });
  return {
    child: join(out, 'harness/child.mjs'),
    peers: peers.map((name) => join(out, `peers/${name}.mjs`)),
    dispose: () => rmSync(out, { recursive: true, force: true }),
  };
}

/** The peers' kits, when `npm ci --prefix bench/peers` has been run. */
function installedPeers(): string[] {
  try {
    readdirSync('bench/peers/node_modules');
  } catch {
    return [];
  }
  return readdirSync('bench/peers')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -'.ts'.length));
}

/** A package is measured as it was published, not as a bundler rewrites it. */
const packagesStayOutside: esbuild.Plugin = {
  name: 'packages stay outside',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      if (pluginData === 'found' || kind === 'entry-point' || path.startsWith('node:')) return null;
      const found = await build.resolve(path, { importer, kind, resolveDir, pluginData: 'found' });
      if (found.errors.length > 0) return { errors: found.errors };
      return { path: pathToFileURL(resolve(found.path)).href, external: true };
    });
  },
};
