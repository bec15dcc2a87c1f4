/**
 * The first page tells the truth: its program runs, its commands exist, its table lists what there is.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';

const root = path.join(__dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

interface Package {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly scripts: Readonly<Record<string, string>>;
}

describe('README', () => {
  const readme = read('README.md');
  const { name, exports, scripts } = JSON.parse(read('package.json')) as Package;
  const blocks = (language: string): string[] =>
    [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
      (block) => block[1] ?? '',
    );

  it('opens with a program of about ten lines that runs as it stands', () => {
    const [program = ''] = blocks('ts');
    const lines = program.split('\n').filter((line) => line.trim() !== '');
    expect(lines).to.have.length.within(1, 11);
    const target = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
    const { outputText } = ts.transpileModule(program, { compilerOptions: target });
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', outputText], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(said.trim().split('\n')).to.deep.equal([
      'Ada does the dishes',
      'Ada does the laundry',
      'Bob does the windows',
    ]);
  }).timeout(20_000);

  it('names two commands that do all the set-up, and they exist', () => {
    const commands = blocks('sh').map((block) => block.trim());
    expect(commands).to.deep.equal(['npm ci && npm run crawler', 'npm ci && npm test']);
    expect(scripts).to.include.keys('crawler', 'test');
  });

  it('names the test command that the build machine runs', () => {
    expect(read('.ci/run')).to.include('npm ci && npm test');
  });

  it('lists every sub-path of the package, and no other', () => {
    const listed = [...readme.matchAll(/^\| `(evergreen-tasklets[^`]*)` +\|/gm)].map((row) => row[1] ?? '');
    const subPaths = Object.keys(exports).filter((subPath) => !subPath.endsWith('.json'));
    expect(listed).to.have.members(subPaths.map((subPath) => path.posix.join(name, subPath)));
  });
});
