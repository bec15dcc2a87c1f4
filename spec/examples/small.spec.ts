// The small examples, as they are: each is run as a program, and says what it should.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { Folder } from '../support/folder.js';

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

/** Lets an example run and hands its output on, line by line, until it is told to stop. */
async function* following(example: string, args: readonly string[]): AsyncGenerator<string> {
  const program = path.join('examples', example);
  const child = spawn(process.execPath, ['scripts/ts.cjs', program, ...args], { cwd: root });
  const ended = once(child, 'close');
  let errors = '';
  child.stderr.on('data', (bytes) => (errors += String(bytes)));
  try {
    yield* createInterface({ input: child.stdout });
  } finally {
    child.kill('SIGTERM');
    await ended;
    expect(errors).to.equal('');
  }
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

  describe('among files', () => {
    const folder = new Folder();
    after(() => folder.remove());

    it('sum-by-key: adds up what one thread would, however the file is cut', async () => {
      const sums = new Map<string, number>();
      let text = '';
      for (let i = 0; i < 60_000; i++) {
        const [key, value] = [`user-${i % 7}`, (i * 7919) % 1000];
        text += `${i} ${key} took ${value} ms ${'.'.repeat(i % 40)}\n`;
        sums.set(key, (sums.get(key) ?? 0) + value);
      }
      text += '60000 user-9 took 5 ms';
      sums.set('user-9', 5);
      writeFileSync(folder.at('log'), text);
      const { lines, errors, code } = await run('sum-by-key.ts', [
        ...['--key', '2', '--value', '4'],
        folder.at('log'),
      ]);
      expect([errors, code]).to.deep.equal(['', 0]);
      const ranking = [...sums].sort(([, m], [, n]) => n - m);
      expect(lines).to.deep.equal(ranking.map(([key, sum]) => `${sum}  ${key}`));
    });

    it('sum-by-key: says what is wrong with a file that is not there', async () => {
      const { errors, code } = await run('sum-by-key.ts', [folder.at('gone')]);
      expect([code, errors.includes('ENOENT')]).to.deep.equal([1, true]);
    });

    it('tail-grep: goes through its standard input', async () => {
      const { lines, errors, code } = await run('tail-grep.ts', ['an'], 'banana\ncherry\norange');
      expect([lines, errors, code]).to.deep.equal([['banana', 'orange'], '', 0]);
    });

    it('tail-grep: follows a file that grows, is cut off, moved away and made again', async () => {
      const log = folder.at('app.log');
      writeFileSync(log, 'error 1\nfine\n');
      const output = following('tail-grep.ts', ['--all', 'error', log]);
      const next = async (): Promise<unknown> => (await output.next()).value;
      expect(await next()).to.equal('error 1');
      appendFileSync(log, 'fine\nerr');
      appendFileSync(log, 'or 2\nerror 3\n');
      expect([await next(), await next()]).to.deep.equal(['error 2', 'error 3']);
      writeFileSync(log, 'error 4\n');
      expect(await next()).to.equal('error 4');
      appendFileSync(log, 'error 5\n');
      renameSync(log, `${log}.1`);
      appendFileSync(`${log}.1`, 'error 6\n');
      writeFileSync(log, 'error 7\n');
      expect([await next(), await next(), await next()]).to.deep.equal(['error 5', 'error 6', 'error 7']);
      await output.return(undefined);
    });

    it('tail-grep: follows several files, also one that is not there yet', async () => {
      const [one, two] = [folder.at('one.log'), folder.at('two.log')];
      writeFileSync(one, 'old error\n');
      const output = following('tail-grep.ts', ['--all', 'error', one, two]);
      const next = async (): Promise<unknown> => (await output.next()).value;
      expect(await next()).to.equal(`${one}: old error`);
      writeFileSync(two, 'new error\n');
      expect(await next()).to.equal(`${two}: new error`);
      await output.return(undefined);
    });
  });
}).timeout(60_000);
