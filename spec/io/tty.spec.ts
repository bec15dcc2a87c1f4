// What is tested here belongs to a whole process, so each test is one: a program that uses the built package.
import { spawn, type StdioOptions } from 'node:child_process';
import { openSync, closeSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { StateError } from '../../lib/index.js';
import { rawMode } from '../../lib/io/index.js';
import { Folder } from '../support/folder.js';

const root = path.join(__dirname, '..', '..');
const HEAD = `
  const { after, run, select, sleep, spawn } = await import('evergreen-tasklets');
  const { execFile, rawMode, stderr, stdin, stdout, terminalSize, terminalSizes } =
    await import('evergreen-tasklets/io');
`;

interface Said {
  readonly output: string;
  readonly errors: string;
  readonly code: number | null;
}

/** Runs a command, with `input` as its standard input. */
function sh(
  command: string,
  args: readonly string[],
  input = '',
  stdio: StdioOptions = 'pipe',
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio });
    let output = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ output, errors, code }));
    child.stdin?.end(input);
  });
}

/** The arguments with which a Node runs `program`. */
const args = (program: string): string[] => ['--input-type=module', '-e', HEAD + program];

const node = (program: string, input?: string, stdio?: StdioOptions): Promise<Said> =>
  sh(process.execPath, args(program), input, stdio);

/** Runs `program` before `next` in a pipe of the shell, and gives its status as the last line of the output. */
const piped = (program: string, next: string): Promise<Said> =>
  sh('bash', ['-c', `"$0" "$@" | ${next}; echo \${PIPESTATUS[0]}`, process.execPath, ...args(program)]);

describe('stdin, stdout and stderr', () => {
  it('read and write what a program is given', async () => {
    const program = `
      await run(async () => {
        for await (const line of stdin().lines()) {
          await stdout().write(line.toUpperCase() + '\\n');
          await stderr().write('read ' + line + '\\n');
        }
      });
    `;
    expect(await node(program, 'one\ntwo')).to.deep.equal({
      output: 'ONE\nTWO\n',
      errors: 'read one\nread two\n',
      code: 0,
    });
  });

  it('can be files', async () => {
    const folder = new Folder();
    writeFileSync(folder.at('in'), 'some text');
    const [from, to] = [openSync(folder.at('in'), 'r'), openSync(folder.at('out'), 'w')];
    const program = "await run(async () => { await stdin().pipeTo(stdout()); await stdout().write('!'); });";
    const { code, errors } = await node(program, '', [from, to, 'pipe']);
    closeSync(from);
    closeSync(to);
    expect([code, errors, readFileSync(folder.at('out'), 'utf8')]).to.deep.equal([0, '', 'some text!']);
    folder.remove();
  });

  it('are not touched before somebody asks', async () => {
    // A program that waits for nothing ends, whatever may still come.
    const child = spawn(process.execPath, args('await run(async () => {})'), { cwd: root });
    expect(await new Promise((resolve) => child.on('exit', resolve))).to.equal(0);
    child.stdin.end();
  });

  it('can be ended and used again, and console goes on to work', async () => {
    const program = `
      await run(async () => {
        await stdout().write('one\\n');
        await stdout().end();
        await stdout().write('two\\n');
        await stdout().close();
        console.log('three');
        await stdout().write('four\\n');
        await stdout().flush();
      });
    `;
    expect(await node(program)).to.deep.equal({ output: 'one\ntwo\nthree\nfour\n', errors: '', code: 0 });
  });

  it('lose nothing of what was written when the program ends', async () => {
    const program = "await run(() => stdout().write('x'.repeat(1_000_000)));";
    expect((await node(program)).output).to.have.lengthOf(1_000_000);
  });

  it('let a program end that has closed its standard input', async () => {
    const program = `
      await run(async () => {
        const hit = await select({ line: stdin().reading(), late: after(10).receiving() });
        await stdin().close();
        console.log(hit.case);
      });
    `;
    const child = spawn(process.execPath, args(program), { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (bytes: Buffer) => (output += String(bytes)));
    const code = await new Promise((resolve) => child.on('exit', resolve));
    expect([code, output]).to.deep.equal([0, 'late\n']);
    child.stdin.end();
  });
}).timeout(60_000);

describe('stdout · when nobody reads any more', () => {
  it('ends the program quietly, with the status of SIGPIPE', async () => {
    const program = "await run(async () => { for (;;) await stdout().write('y\\n'.repeat(1000)); });";
    expect(await piped(program, 'head -n 1')).to.deep.equal({ output: 'y\n141\n', errors: '', code: 0 });
  });

  it('lets tasklets clean up before', async () => {
    const program = `
      await run(async () => {
        spawn(async () => {
          try {
            await sleep(Infinity);
          } finally {
            await sleep(1);
            console.error('cleaned up');
          }
        });
        try {
          for (;;) await stdout().write('y\\n'.repeat(1000));
        } catch (error) {
          console.error(error.name);
          throw error;
        }
      });
    `;
    const { errors, output } = await piped(program, 'head -n 1');
    expect(output).to.equal('y\n141\n');
    expect(errors.split('\n').sort()).to.deep.equal(['', 'TaskletExit', 'cleaned up']);
  });

  it('ends code outside of tasklets too', async () => {
    const program = "for (;;) await stdout().write('y\\n'.repeat(1000));";
    expect(await piped(program, 'head -n 1')).to.deep.equal({ output: 'y\n141\n', errors: '', code: 0 });
  });
}).timeout(60_000);

describe('rawMode', () => {
  it('needs a terminal', () => {
    if (!process.stdin.isTTY) expect(() => rawMode()).to.throw(StateError, 'standard input is no terminal');
  });
});

// Elsewhere `script` is called otherwise.
if (process.platform === 'linux') {
  describe('a terminal', () => {
    /** Runs `program` with a terminal of its own; what it has said, without what the terminal makes of it. */
    async function inTerminal(program: string, input = ''): Promise<string[]> {
      const command = [process.execPath, ...args(program)].map(
        (word) => `'${word.replaceAll("'", "'\\''")}'`,
      );
      const { output } = await sh('script', ['-qec', command.join(' '), '/dev/null'], input);
      return output.split(/[\r\n]+/).filter((line) => line !== '');
    }

    it('is raw as long as somebody wants it to be, and their tasklets live', async () => {
      const program = `
        const raw = () => console.log(String(process.stdin.isRaw));
        await run(async () => {
          raw();
          const [one, two] = [rawMode(), rawMode()];
          raw();
          two[Symbol.dispose]();
          two[Symbol.dispose]();
          raw();
          one[Symbol.dispose]();
          raw();
          await spawn(() => { rawMode(); raw(); }).join();
          await sleep(1);
          raw();
        });
      `;
      expect(await inTerminal(program)).to.deep.equal(['false', 'true', 'true', 'false', 'true', 'false']);
    });

    it('has a size, and says when it gets another one', async () => {
      const program = `
        await run(async () => {
          const sizes = terminalSizes();
          await execFile('sh', ['-c', 'stty cols 91 rows 31 < /dev/tty']);
          const size = await sizes.receive({ timeout: 10_000 });
          const now = terminalSize();
          sizes.close();
          console.log([size.columns, size.rows, now.columns, now.rows, process.stdout.listenerCount('resize')].join());
        });
      `;
      expect(await inTerminal(program)).to.deep.equal(['91,31,91,31,0']);
    });
  }).timeout(60_000);
}
