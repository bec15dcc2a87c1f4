// The package as a user gets it: packed, installed in an empty folder, loaded by `import` and by
// `require` in one process, on every version of Node that it promises.
//
//   npm run check:packed -- 20 22 24 26
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeBinary, npm, temporaryFolder } from './node-binary.mjs';

const root = path.join(import.meta.dirname, '..');
const majors = process.argv.slice(2);
if (majors.length === 0) majors.push('20', '22', '24', '26');

const {
  exports,
  name,
  dependencies = {},
  scripts,
} = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const subPaths = Object.keys(exports).map((subPath) => path.posix.join(name, subPath));

const user = temporaryFolder('user');
// Not again by a `prepack`: what is tested is the dist that stands there.
npm(['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', user], { cwd: root });
const tarball = readdirSync(user).find((file) => file.endsWith('.tgz'));
// With its optional peers, as who uses their rooms has them.
const { peerDependencies = {} } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const peers = Object.entries(peerDependencies).map(([peer, range]) => `${peer}@${range}`);
npm(['install', '--no-audit', '--no-fund', '--loglevel=error', path.join(user, tarball), ...peers], {
  cwd: user,
});

// Nothing but what was meant to be published.
const meant = /^(dist|lib|docs)\/|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
const installed = readdirSync(path.join(user, 'node_modules', name), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    path.relative(path.join(user, 'node_modules', name), path.join(entry.parentPath, entry.name)),
  )
  .map((file) => file.replaceAll(path.sep, '/'));
const stray = installed.filter((file) => !meant.test(file));
if (stray.length > 0) throw new Error(`the package holds what it should not: ${stray.join(', ')}`);

if (Object.keys(dependencies).length > 0) throw new Error('the package depends on others');
for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) {
  if (scripts[hook] !== undefined) throw new Error(`the package runs ${hook} on the machine of its user`);
}

writeFileSync(
  path.join(user, 'program.cjs'),
  `'use strict';
const assert = require('node:assert');
(async () => {
  for (const subPath of ${JSON.stringify(subPaths)}) {
    if (subPath.endsWith('.json')) assert.equal(require(subPath).name, ${JSON.stringify(name)});
    else {
      const required = require(subPath);
      const imported = await import(subPath);
      assert.ok(Object.keys(required).length > 0, subPath + ' exports nothing');
      assert.deepEqual(Object.keys(required).sort(), Object.keys(imported).sort());
      for (const key of Object.keys(required)) assert.equal(required[key], imported[key], subPath + ' has two of ' + key);
    }
  }
  // A channel of the one and tasklets of the other meet: there is one kernel.
  const { Channel } = require(${JSON.stringify(name)});
  const { run, spawn } = await import(${JSON.stringify(name)});
  const line = new Channel();
  const said = await run(() => {
    spawn(() => line.send('hello'));
    return line.receive();
  });
  assert.equal(said, 'hello');
})();
`,
);

// Types resolve under the strictest settings, for a user who imports with the oldest TypeScript that
// the README allows, for one who requires with the oldest that can, and for both with ours.
const modules = subPaths.filter((subPath) => !subPath.endsWith('.json'));
const importAll = modules
  .map((subPath, n) => `import * as m${n} from '${subPath}';\nexport { m${n} };\n`)
  .join('');
for (const file of ['types.mts', 'types.cts']) writeFileSync(path.join(user, file), importAll);
const compilers = temporaryFolder('typescript');
const old = ['5.2', '5.8'].map((version) => `typescript${version}@npm:typescript@~${version}.0`);
npm(['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...old], {
  cwd: compilers,
});
const ours = path.join(root, 'node_modules', 'typescript');
const older = (version) => path.join(compilers, 'node_modules', `typescript${version}`);
const strict = [
  '--noEmit',
  '--strict',
  '--exactOptionalPropertyTypes',
  '--module',
  'nodenext',
  '--target',
  'es2022',
];
const nodeTypes = ['--typeRoots', path.join(root, 'node_modules', '@types'), '--types', 'node'];
for (const [compiler, files] of [
  [older('5.2'), ['types.mts']],
  [older('5.8'), ['types.mts', 'types.cts']],
  [ours, ['types.mts', 'types.cts']],
]) {
  const tsc = path.join(compiler, 'lib', 'tsc.js');
  const options = [...strict, ...nodeTypes, '--lib', 'es2023,esnext.disposable'];
  execFileSync(process.execPath, [tsc, ...options, ...files], {
    cwd: user,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { version } = JSON.parse(readFileSync(path.join(compiler, 'package.json'), 'utf8'));
  console.log(`TypeScript ${version}: types resolve in ${files.join(' and ')}`);
}

for (const major of majors) {
  const node = nodeBinary(major);
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const { status, stderr } = spawnSync(node, ['program.cjs'], { cwd: user, encoding: 'utf8' });
  // A warning is a failure: whoever requires the package would see it too.
  if (status !== 0 || stderr !== '')
    throw new Error(`on Node ${version} (exit ${String(status)}):\n${stderr}`);
  console.log(`${version}: ${subPaths.length} sub-paths, import and require are one`);
}
