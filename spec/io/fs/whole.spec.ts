import { execFileSync, spawn as spawnProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { expect } from 'chai';
import {
  run,
  schedule,
  spawn,
  StateError,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../../lib/index.js';
import { appendFile, copyFile, readFile, writeFile } from '../../../lib/io/index.js';
import { Folder, quiet } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

const missing = '/there/is/no/such/file';

/** A file system with room for 64 KiB, if this user may have one; `unmount` takes it away. */
function tiny(folder: Folder, ...options: readonly string[]): { at: string; unmount(): void } | undefined {
  const at = folder.at('mount');
  mkdirSync(at, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', ['size=64k', ...options].join(','), 'tmpfs', at], {
      stdio: 'ignore',
    });
  } catch {
    return undefined;
  }
  return { at, unmount: () => void execFileSync('umount', [at]) };
}

/** Asserts that nothing but `name` is left in `home`, when all that was begun there is done. */
async function expectOnly(home: string, name: string): Promise<void> {
  await quiet();
  expect(readdirSync(home)).to.deep.equal([name]);
}

describe('whole files', () => {
  const folder = new Folder();
  const file = folder.at('file');
  const big = Buffer.alloc(20 * 1024 * 1024, 'big ');
  beforeEach(() => writeFileSync(file, 'grüße\n'));
  afterEach(() => folder.expectClosed());
  after(() => folder.remove());

  describe('readFile', () => {
    it('gives bytes, or text', () =>
      run(async () => {
        const bytes: Buffer = await readFile(file);
        const text: string = await readFile(file, { encoding: 'utf8' });
        expect([bytes.toString(), text]).to.deep.equal(['grüße\n', 'grüße\n']);
        expect(await readFile(file, { encoding: 'latin1' })).to.equal(bytes.toString('latin1'));
      }));

    it('gives all, of a long file, an empty one, and one that does not say how long it is', async () => {
      writeFileSync(folder.at('big'), big);
      writeFileSync(folder.at('empty'), '');
      expect((await readFile(folder.at('big'))).equals(big)).to.equal(true);
      expect((await readFile(folder.at('empty'))).length).to.equal(0);
      expect(await readFile('/proc/self/mountinfo', { encoding: 'utf8' })).to.match(/\/proc/);
    });

    it('[INV-65] raises what the system reports, as it is', () =>
      run(async () => {
        expect(await rejection(readFile(missing))).to.include({
          code: 'ENOENT',
          syscall: 'open',
          path: missing,
        });
        expect(await rejection(readFile(folder.path))).to.include({ code: 'EISDIR', syscall: 'read' });
      }));

    it('[INV-68] can be killed and timed out anywhere, and leaves nothing open', async () => {
      writeFileSync(folder.at('big'), big);
      for (let turns = 0; turns < 8; turns++) {
        await run(async () => {
          const reader = spawn(() => readFile(folder.at('big')));
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          reader.kill();
          const outcome = await reader.join().catch((error: unknown) => error);
          if (!(outcome instanceof Buffer)) expect(outcome).to.be.instanceOf(TaskletKilledError);
          expect(await rejection(readFile(file, { timeout: 0 }))).to.be.instanceOf(TimeoutError);
        });
        await folder.expectClosed();
      }
      const signal = AbortSignal.abort(new Error('enough'));
      expect(await rejection(readFile(file, { signal }))).to.have.property('message', 'enough');
    });

    it('refuses what makes no sense', async () => {
      expect(await rejection(readFile(file, { encoding: 'utf-7' as 'utf8' }))).to.be.instanceOf(TypeError);
      expect(await rejection(readFile(file, { flag: 'r' } as object))).to.be.instanceOf(TypeError);
      expect(await rejection(readFile(file, { timeout: -1 }))).to.be.instanceOf(RangeError);
    });
  });

  describe('writeFile', () => {
    it('makes a file, or puts other content into it', () =>
      run(async () => {
        await writeFile(folder.at('new'), 'one', { mode: 0o640 });
        expect(statSync(folder.at('new')).mode & 0o777).to.equal(0o640);
        await writeFile(file, ['t', Buffer.from('wo')]);
        expect(readFileSync(file, 'utf8')).to.equal('two');
        await writeFile(folder.at('long'), big);
        expect(readFileSync(folder.at('long')).equals(big)).to.equal(true);
      }));

    it('[INV-65] raises what the system reports, as it is', () =>
      run(async () => {
        expect(await rejection(writeFile(`${missing}/x`, ''))).to.include({
          code: 'ENOENT',
          syscall: 'open',
        });
        expect(await rejection(writeFile('/dev/full', 'x'))).to.include({ code: 'ENOSPC', syscall: 'write' });
        expect(await rejection(writeFile('/proc/version', 'x'))).to.have.property('code');
      }));

    it('refuses what makes no sense, and touches nothing', async () => {
      expect(await rejection(writeFile(file, 7 as unknown as string))).to.be.instanceOf(TypeError);
      expect(await rejection(writeFile(file, '', { atomic: 1 as never }))).to.be.instanceOf(TypeError);
      expect(await rejection(writeFile(file, '', { mode: 1.5 }))).to.be.instanceOf(RangeError);
      expect(await rejection(writeFile(file, '', { timeout: NaN }))).to.be.instanceOf(RangeError);
      expect(readFileSync(file, 'utf8')).to.equal('grüße\n');
    });

    it('begins nothing in place of which a kill is raised', () =>
      run(async () => {
        const victim = spawn(async () => {
          await new Promise((resolve) => setImmediate(resolve));
          await writeFile(file, 'never');
        });
        await schedule();
        victim.kill();
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        expect(readFileSync(file, 'utf8')).to.equal('grüße\n');
      }));
  });

  describe('writeFile, atomic', () => {
    const home = folder.at('home');
    const kept = folder.at('home', 'kept');
    beforeEach(() => {
      mkdirSync(home, { recursive: true });
      writeFileSync(kept, 'old');
    });
    const there = (): string[] => readdirSync(home).sort();

    it('replaces a file, or makes one, and leaves nothing beside it', () =>
      run(async () => {
        await writeFile(kept, 'new', { atomic: true });
        expect([readFileSync(kept, 'utf8'), there()]).to.deep.equal(['new', ['kept']]);
        await writeFile(folder.at('home', 'other'), 'x', { atomic: true, mode: 0o600 });
        expect(statSync(folder.at('home', 'other')).mode & 0o777).to.equal(0o600);
        execFileSync('rm', [folder.at('home', 'other')]);
      }));

    it('keeps permissions and owner', () =>
      run(async () => {
        chmodSync(kept, 0o4751);
        const mayGive = process.getuid?.() === 0;
        if (mayGive) chownSync(kept, 1234, 1235);
        chmodSync(kept, 0o4751);
        await writeFile(kept, 'new', { atomic: true, mode: 0o600 });
        const { mode, uid, gid } = statSync(kept);
        expect(mode & 0o7777).to.equal(0o4751);
        if (mayGive) expect([uid, gid]).to.deep.equal([1234, 1235]);
        chmodSync(kept, 0o644);
      }));

    it('replaces what a link leads to, not the link', () =>
      run(async () => {
        symlinkSync(kept, folder.at('link'));
        await writeFile(folder.at('link'), 'new', { atomic: true });
        expect(readlinkSync(folder.at('link'))).to.equal(kept);
        expect(readFileSync(kept, 'utf8')).to.equal('new');
      }));

    it('makes what a link leads to if it is not there yet, and keeps the link', () =>
      run(async () => {
        symlinkSync('second', folder.at('first'));
        symlinkSync(folder.at('there'), folder.at('second'));
        await writeFile(folder.at('first'), 'new', { atomic: true });
        expect(readlinkSync(folder.at('first'))).to.equal('second');
        expect(readlinkSync(folder.at('second'))).to.equal(folder.at('there'));
        expect(readFileSync(folder.at('there'), 'utf8')).to.equal('new');
      }));

    it('replaces no device, pipe or directory', () =>
      run(async () => {
        execFileSync('mkfifo', [folder.at('pipe')]);
        for (const place of [folder.at('pipe'), home, '/dev/null']) {
          expect(await rejection(writeFile(place, '', { atomic: true }))).to.be.instanceOf(StateError);
          expect(await rejection(copyFile(file, place))).to.be.instanceOf(StateError);
          expect(statSync(place).isFile()).to.equal(false);
        }
        expect(there()).to.deep.equal(['kept']);
      }));

    it('[INV-68] killed anywhere, has done it or not, and leaves nothing', async () => {
      const outcomes = new Set<string>();
      for (let turns = 0; turns < 60; turns++) {
        writeFileSync(kept, 'old');
        await run(async () => {
          const writer = spawn(() => writeFile(kept, Buffer.alloc(1 << 20, 'new'), { atomic: true }));
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          writer.kill();
          const failure = await writer.join().then(
            () => undefined,
            (error: unknown) => error,
          );
          if (failure !== undefined) expect(failure).to.be.instanceOf(TaskletKilledError);
          const content = readFileSync(kept, 'latin1').slice(0, 3);
          outcomes.add(content);
          // What raises did not happen.
          if (content === 'new') expect(readFileSync(kept).length).to.equal(1 << 20);
          expect(content === 'old').to.equal(failure !== undefined);
        });
        await expectOnly(home, 'kept');
      }
      expect(outcomes).to.include('old');
    });

    it('[INV-65] leaves the old one whole, and nothing else, when the disk is full', async function () {
      const mount = tiny(folder);
      if (mount === undefined) {
        // Not everybody may mount.
        expect(process.getuid?.()).to.not.equal(0);
        return;
      }
      try {
        await run(async () => {
          const target = `${mount.at}/file`;
          await writeFile(target, 'old');
          const error = await rejection(writeFile(target, Buffer.alloc(1 << 20), { atomic: true }));
          expect(error).to.include({ code: 'ENOSPC', syscall: 'write' });
          expect(readdirSync(mount.at)).to.deep.equal(['file']);
          expect(readFileSync(target, 'utf8')).to.equal('old');
          expect(await rejection(appendFile(target, Buffer.alloc(1 << 20)))).to.include({ code: 'ENOSPC' });
          expect(await rejection(copyFile(folder.at('long'), target))).to.include({ code: 'ENOSPC' });
          expect(readdirSync(mount.at)).to.deep.equal(['file']);
        });
      } finally {
        mount.unmount();
      }
    });

    it('[INV-65] raises EROFS where nothing can be written', async () => {
      const mount = tiny(folder, 'ro');
      if (mount === undefined) {
        expect(process.getuid?.()).to.not.equal(0);
        return;
      }
      try {
        await run(async () => {
          for (const atomic of [true, false]) {
            const error = await rejection(writeFile(`${mount.at}/file`, 'x', { atomic }));
            expect(error).to.include({ code: 'EROFS', syscall: 'open' });
          }
        });
      } finally {
        mount.unmount();
      }
    });

    it('leaves the old one whole when the process is killed', async () => {
      const program = `
        import { run } from 'evergreen-tasklets';
        import { writeFile } from 'evergreen-tasklets/io';
        await run(async () => {
          for (let i = 0; ; i++) {
            await writeFile(${JSON.stringify(kept)}, String(i % 10).repeat(1e6), { atomic: true });
            if (i === 0) console.log('begun');
          }
        });`;
      const child = spawnProcess(process.execPath, ['--input-type=module', '-e', program], {
        cwd: path.join(__dirname, '..', '..', '..'),
      });
      let complaints = '';
      child.stderr.on('data', (text) => (complaints += String(text)));
      const ended = once(child, 'exit');
      await Promise.race([once(child.stdout, 'data'), ended]);
      child.kill('SIGKILL');
      expect([complaints, await ended]).to.deep.equal(['', [null, 'SIGKILL']]);
      const content = readFileSync(kept, 'latin1');
      expect([content.length, new Set(content).size]).to.deep.equal([1e6, 1]);
      execFileSync('rm', ['-r', home]);
    });
  });

  describe('appendFile', () => {
    it('appends, and makes the file if there is none', () =>
      run(async () => {
        await appendFile(file, 'one');
        await appendFile(file, ['tw', 'o']);
        expect(readFileSync(file, 'utf8')).to.equal('grüße\nonetwo');
        await appendFile(folder.at('appended'), 'x', { mode: 0o600 });
        expect(statSync(folder.at('appended')).mode & 0o777).to.equal(0o600);
        expect(await rejection(appendFile(file, '', { atomic: true } as object))).to.be.instanceOf(TypeError);
      }));
  });

  it('leave a pipe at once when they are given up, even if nothing ever comes there', () =>
    run(async () => {
      const pipe = folder.at('silent');
      execFileSync('mkfifo', [pipe]);
      const writer = openSync(pipe, 'r+');
      try {
        const reads: (() => Promise<unknown>)[] = [
          () => readFile(pipe),
          () => copyFile(pipe, folder.at('copy')),
        ];
        for (const read of reads) {
          const reader = spawn(() => timeout(20, read));
          expect(await rejection(reader.join({ timeout: 5000 }))).to.be.instanceOf(TimeoutError);
          expect(reader.state).to.equal('failed');
          // The system goes on to read until something comes.
          writeSync(writer, 'x');
          await quiet();
        }
      } finally {
        closeSync(writer);
      }
      await folder.expectClosed();
    }));

  describe('copyFile', () => {
    it('makes a whole copy, with the permissions if it is new', () =>
      run(async () => {
        writeFileSync(folder.at('from'), big, { mode: 0o750 });
        await copyFile(folder.at('from'), folder.at('to'));
        expect(readFileSync(folder.at('to')).equals(big)).to.equal(true);
        expect(statSync(folder.at('to')).mode & 0o777).to.equal(0o750);
        await copyFile(file, folder.at('to'));
        expect(readFileSync(folder.at('to'), 'utf8')).to.equal('grüße\n');
        expect(statSync(folder.at('to')).mode & 0o777).to.equal(0o750);
      }));

    it('[INV-68] killed anywhere, leaves what was there and nothing else', async () => {
      const home = folder.at('copies');
      mkdirSync(home);
      writeFileSync(folder.at('from'), big);
      for (let turns = 0; turns < 30; turns += 3) {
        writeFileSync(`${home}/to`, 'old');
        await run(async () => {
          const copier = spawn(() => copyFile(folder.at('from'), `${home}/to`));
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          copier.kill();
          const failure = await copier.join().catch((error: unknown) => error);
          expect(statSync(`${home}/to`).size).to.equal(failure === undefined ? big.length : 3);
        });
        await expectOnly(home, 'to');
      }
    });

    it('raises what the system reports of either file', () =>
      run(async () => {
        expect(await rejection(copyFile(missing, folder.at('x')))).to.include({
          code: 'ENOENT',
          path: missing,
        });
        expect(await rejection(copyFile(file, `${missing}/x`))).to.include({ code: 'ENOENT' });
        expect(await rejection(copyFile(file, folder.at('x'), { timeout: 0 }))).to.be.instanceOf(
          TimeoutError,
        );
      }));
  });
});
