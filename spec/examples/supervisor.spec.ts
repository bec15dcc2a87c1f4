// The supervisor as it is: a program that is started, told to end, and looked at.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

const root = path.join(__dirname, '..', '..');

interface Said {
  readonly lines: string[];
  readonly errors: string;
  readonly code: number | null;
}

/** Runs it with `commands`; `meanwhile` is called with all that it has said so far whenever it says something. */
function supervise(
  commands: readonly string[],
  meanwhile: (said: string, child: ChildProcessWithoutNullStreams) => void = () => {},
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const args = ['scripts/ts.cjs', 'examples/supervisor.ts', ...commands];
    const child = spawn(process.execPath, args, { cwd: root });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      meanwhile(output, child);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ lines: output.trimEnd().split('\n'), errors, code }));
  });
}

describe('examples · supervisor', () => {
  it('starts again what fails, until that is no help', async () => {
    const { lines, errors, code } = await supervise(['echo well', 'echo badly >&2; exit 3']);
    expect([errors, code]).to.deep.equal(["Error: 'echo badly >&2; exit 3' failed too often\n", 1]);
    const of = (n: number): string[] => lines.filter((line) => line.startsWith(`[${n}]`));
    expect(of(1)).to.deep.equal(['[1] started', '[1] well', '[1] ended with status 0']);
    const life = ['[2] started', '[2] badly', '[2] ended with status 3'];
    expect(of(2)).to.deep.equal([...life, ...life, ...life, ...life]);
  });

  it('ends all programs when it is told to, and is not over before', async () => {
    const pids = new Set<number>();
    const program = 'echo pid $$; exec sleep 1000';
    const { lines, errors, code } = await supervise([program, program], (said, child) => {
      for (const [, pid] of said.matchAll(/pid (\d+)\n/g)) pids.add(Number(pid));
      if (pids.size === 2) child.kill('SIGTERM');
    });
    expect([errors, code, lines.at(-1)]).to.deep.equal(['', 0, 'SIGTERM: ending 2 programs']);
    for (const pid of pids) expect(() => process.kill(pid, 0)).to.throw('ESRCH');
  });
}).timeout(60_000);
