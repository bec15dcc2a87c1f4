// The suite under other versions of Node: npm run test:node -- 24 [26 …]
//
// Whatever a spec starts as `node` is that version too.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { nodeBinary } from './node-binary.mjs';

const root = path.join(import.meta.dirname, '..');
const majors = process.argv.slice(2);
if (majors.length === 0 || !majors.every((major) => /^\d+$/.test(major))) {
  throw new TypeError('Say which major versions of Node: npm run test:node -- 24');
}

for (const major of majors) {
  const node = nodeBinary(major);
  console.log(`\nthe suite on Node ${major}`);
  const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { status, error } = spawnSync(node, [mocha], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` },
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exitCode = 1;
}
