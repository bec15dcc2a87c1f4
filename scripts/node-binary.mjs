// Other versions of Node, fetched from the package registry into a temporary folder and removed at exit.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What npm runs as: the JavaScript file of the npm that started us, or the command. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  const [command, before] = cli === undefined ? ['npm', []] : [process.execPath, [cli]];
  return execFileSync(command, [...before, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

/** A folder of our own that is gone when we are. */
export function temporaryFolder(purpose) {
  const folder = mkdtempSync(path.join(tmpdir(), `evergreen-tasklets-${purpose}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  return folder;
}

const { platform, arch, versions, execPath } = process;

/** The path of a Node of that major version: this one when it is that, else a fetched one. */
export function nodeBinary(major) {
  if (versions.node.startsWith(`${major}.`)) return execPath;
  // The package that holds the binary itself. The one called `node` would choose it in an install
  // script, and we run no install scripts.
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
  const folder = temporaryFolder(`node${major}`);
  npm(
    [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
      `${name}@${major}`,
    ],
    { cwd: folder },
  );
  return path.join(folder, 'node_modules', name, 'bin', platform === 'win32' ? 'node.exe' : 'node');
}
