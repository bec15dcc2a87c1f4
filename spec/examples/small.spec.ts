// The small examples, as they are: each is run as a program, and says what it should.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

const root = path.join(__dirname, '..', '..');

interface Said {
  readonly lines: string[];
  readonly errors: string;
  readonly code: number | null;
}

/** Runs an example, with `input` as its standard input. */
function run(example: string, args: readonly string[] = [], input = ''): Promise<Said> {
  return new Promise((resolve, reject) => {
    const program = path.join('examples', example);
    const child = spawn(process.execPath, ['scripts/ts.cjs', program, ...args], { cwd: root });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ lines: output.trimEnd().split('\n'), errors, code }));
    child.stdin.end(input);
  });
}

describe('examples', () => {
  it('producer-consumer: everything that is made is used, once, in the order of each maker', async () => {
    const { lines, errors, code } = await run('producer-consumer.ts');
    expect([errors, code, lines.at(-1)]).to.deep.equal(['', 0, '8 loaves eaten']);
    for (const baker of ['Carl', 'Dora']) {
      const eaten = lines.flatMap((line) => new RegExp(`eats loaf (\\d) of ${baker}`).exec(line)?.[1] ?? []);
      expect(eaten).to.deep.equal(['1', '2', '3', '4']);
    }
    // Never more than the shelf holds and the hands of two bakers and two guests.
    let ahead = 0;
    for (const line of lines) {
      if (line.includes('puts')) expect(++ahead).to.be.at.most(7);
      if (line.includes('eats')) ahead--;
    }
  });

  it('rate-limited-jobs: every order is shipped, in order, though requests fail', async () => {
    const { lines, errors, code } = await run('rate-limited-jobs.ts');
    expect([errors, code]).to.deep.equal(['', 0]);
    expect(lines.slice(0, -1)).to.deep.equal(Array.from({ length: 12 }, (_, i) => `order ${i + 1} shipped`));
    expect(lines.at(-1)).to.equal('12 orders, 15 requests');
  });

  describe('aggregate-lines', () => {
    const text = 'The cat sat.\nThe dog saw the cat;\r\nit did not.\n';

    it('counts the words of its standard input', async () => {
      const { lines, errors, code } = await run('aggregate-lines.ts', ['--top', '3'], text);
      expect([errors, code]).to.deep.equal(['', 0]);
      expect(lines).to.deep.equal(['     3  the', '     2  cat', '     1  did']);
    });

    it('counts the words of a file', async () => {
      const { lines, code } = await run('aggregate-lines.ts', ['--top', '1', 'LICENSE']);
      expect([lines.length, code]).to.deep.equal([1, 0]);
      expect(lines[0]).to.match(/^ +\d+ {2}the$/);
    });

    it('says nothing of nothing, and what is wrong with a file that is not there', async () => {
      expect((await run('aggregate-lines.ts')).lines).to.deep.equal(['']);
      const { errors, code } = await run('aggregate-lines.ts', ['gone.txt']);
      expect(errors).to.include('ENOENT');
      expect(code).to.equal(1);
    });
  });
}).timeout(60_000);
