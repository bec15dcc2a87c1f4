// The library for a long time: npm run soak [-- minutes] [--seed n] [--node 24 | --node path/to/node]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { nodeBinary } from './node-binary.mjs';

const args = process.argv.slice(2);
const at = args.indexOf('--node');
const [, which] = at < 0 ? [] : args.splice(at, 2);
const node = which === undefined ? process.execPath : /^\d+$/.test(which) ? nodeBinary(which) : which;
const root = path.join(import.meta.dirname, '..');
// Bytecode that is thrown away because nobody used it for a while is a step in the heap, and none of ours.
const flags = ['--no-flush-bytecode', path.join(root, 'scripts', 'ts.cjs')];
const { status, error } = spawnSync(node, [...flags, path.join(root, 'spec', 'soak', 'soak.ts'), ...args], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
