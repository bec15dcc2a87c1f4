import { expect } from 'chai';
import { run, sleep, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { execFile, LimitExceededError, ProcessError } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

const SLEEPER = 'console.log(process.pid); setInterval(() => {}, 1000)';

/** Runs a Node with `program`. */
const node = (program: string, options?: Parameters<typeof execFile>[2]): ReturnType<typeof execFile> =>
  execFile(process.execPath, ['-e', program], options);

describe('execFile', () => {
  it('gives back what a process has written', () =>
    run(async () => {
      expect(await execFile('sh', ['-c', 'echo out; echo err >&2'])).to.deep.equal({
        stdout: 'out\n',
        stderr: 'err\n',
      });
    }));

  it('hands the arguments over as they are', () =>
    run(async () => {
      const args = ['a b', '$HOME', '"; rm -rf', ''];
      const { stdout } = await execFile('printf', ['%s|', ...args]);
      expect(stdout).to.equal('a b|$HOME|"; rm -rf||');
    }));

  it('hands over input, more than a pipe holds', () =>
    run(async () => {
      const input = 'x'.repeat(500_000);
      expect((await execFile('cat', [], { input })).stdout).to.equal(input);
      expect((await execFile('cat')).stdout).to.equal('');
      expect((await execFile('true', [], { input })).stdout).to.equal('');
    }));

  it('raises an error with the status and the end of what it has said', () =>
    run(async () => {
      const error = await rejection(execFile('sh', ['-c', 'echo half; echo why >&2; exit 4']));
      expect(error).to.be.instanceOf(ProcessError);
      expect(error).to.include({
        code: 'ERR_PROCESS',
        exitCode: 4,
        signal: null,
        stdout: 'half\n',
        stderr: 'why\n',
        message: 'sh: exit status 4: why',
      });
      expect(await rejection(execFile('sh', ['-c', 'kill -9 $$']))).to.include({
        exitCode: null,
        signal: 'SIGKILL',
        message: 'sh: ended by SIGKILL',
      });
    }));

  it('keeps only the end of endless errors', () =>
    run(async () => {
      const { stderr } = await node("process.stderr.write('x'.repeat(1_000_000) + 'end')");
      expect(stderr).to.have.lengthOf(65_536);
      expect(stderr.endsWith('xend')).to.equal(true);
    }));

  it('ends a process that writes too much', () =>
    run(async () => {
      expect(await rejection(execFile('yes', [], { maxBytes: 1000 }))).to.be.instanceOf(LimitExceededError);
    }));

  it('ends a process when time is up, when it is aborted, and when it is killed', () =>
    run(async () => {
      expect(await rejection(node(SLEEPER, { timeout: 5 }))).to.be.instanceOf(TimeoutError);
      const signal = AbortSignal.timeout(5);
      expect(await rejection(node(SLEEPER, { signal }))).to.equal(signal.reason);
      const caller = spawn(() => node(SLEEPER));
      await sleep(5);
      caller.kill();
      expect(await rejection(caller.join())).to.be.instanceOf(TaskletKilledError);
    }));

  it('keeps the code of what the system says, and refuses wrong options', () =>
    run(async () => {
      expect(await rejection(execFile('no-such-program'))).to.include({ code: 'ENOENT' });
      for (const options of [{ maxBytes: 0 }, { shell: true }]) {
        expect(await rejection(execFile('true', [], options))).to.satisfy(
          (error: unknown) => error instanceof TypeError || error instanceof RangeError,
        );
      }
    }));

  it('starts nothing for who has given up already, or says wrongly when to', () =>
    run(async () => {
      let read = 0;
      const args = Object.defineProperty([''], 0, { get: () => String(read++), enumerable: true });
      expect(await rejection(execFile('true', args, { signal: AbortSignal.abort('no') }))).to.equal('no');
      const wrong = { signal: 5 } as object;
      expect(await rejection(execFile('true', args, wrong))).to.be.instanceOf(TypeError);
      expect(await rejection(execFile('true', args, { timeout: -1 }))).to.be.instanceOf(RangeError);
      expect(read).to.equal(0);
    }));

  it('starts nothing with an input that cannot be written', () =>
    run(async () => {
      let read = 0;
      const args = Object.defineProperty([''], 0, { get: () => String(read++), enumerable: true });
      for (const wrong of [5, null, ['a', 5]]) {
        expect(await rejection(execFile('true', args, { input: wrong as never })))
          .to.be.instanceOf(TypeError)
          .and.to.have.property('message')
          .that.contains('execFile: input');
      }
      expect(read).to.equal(0);
    }));

  it('works outside of tasklets', async () => {
    expect((await execFile('echo', ['hello'])).stdout).to.equal('hello\n');
  });
});
