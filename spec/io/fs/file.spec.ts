import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import nodePath from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { run, schedule, sleep, spawn, TaskletKilledError, TimeoutError, wait } from '../../../lib/index.js';
import { IncompleteReadError, open, StreamClosedError, type OpenFlags } from '../../../lib/io/index.js';
import { Folder } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

const root = nodePath.join(__dirname, '..', '..', '..');
const missing = '/there/is/no/such/file';

describe('open', () => {
  const folder = new Folder();
  const file = folder.at('file');
  beforeEach(() => writeFileSync(file, 'hello world'));
  afterEach(() => folder.expectClosed());
  after(() => folder.remove());

  it('[INV-65] raises what the system reports, as it is', () =>
    run(async () => {
      const error = await rejection(open(missing));
      expect(error).to.be.instanceOf(Error).and.include({ code: 'ENOENT', syscall: 'open', path: missing });
      expect(error).to.have.property('errno').that.is.below(0);
      expect(await rejection(open(file, 'wx'))).to.include({ code: 'EEXIST' });
      expect(await rejection(open(folder.path, 'r+'))).to.include({ code: 'EISDIR' });
    }));

  it('makes a file with the permissions that are asked for, takes a URL, and works outside of tasklets', async () => {
    await using made = await open(pathToFileURL(folder.at('made')), 'w', { mode: 0o600 });
    await made.write('x');
    expect(statSync(folder.at('made')).mode & 0o777).to.equal(0o600);
    expect(made.path).to.equal(folder.at('made'));
  });

  it('refuses what makes no sense, by name', async () => {
    expect(await rejection(open(7 as unknown as string))).to.be.instanceOf(TypeError);
    expect(await rejection(open(file, 'q' as OpenFlags))).to.be.instanceOf(TypeError);
    expect(await rejection(open(file, 'w', { mode: -1 }))).to.be.instanceOf(RangeError);
    expect(await rejection(open(file, 'w', { modes: 1 } as object)))
      .to.be.instanceOf(TypeError)
      .and.have.property('message', "open: unknown option 'modes'; there is mode, timeout, signal");
    expect(await rejection(open('a\0b'))).to.include({ code: 'ERR_INVALID_ARG_VALUE' });
    expect(readFileSync(file, 'utf8')).to.equal('hello world');
  });

  it('[INV-65] raises EMFILE when there are too many, and works again when there are fewer', () => {
    const program = `
      import { run } from 'evergreen-tasklets';
      import { open } from 'evergreen-tasklets/io';
      await run(async () => {
        const files = [];
        let error;
        while (error === undefined) await open(${JSON.stringify(file)}).then((f) => files.push(f), (e) => (error = e));
        for (const each of files) await each.close();
        await (await open(${JSON.stringify(file)})).close();
        console.log(error.code, error.syscall, files.length > 2);
      });`;
    const line = `ulimit -n 300; exec "$0" --input-type=module -e "$1"`;
    const said = execFileSync('sh', ['-c', line, process.execPath, program], { cwd: root, encoding: 'utf8' });
    expect(said).to.equal('EMFILE open true\n');
  });

  describe('[INV-68] leaves no descriptor behind', () => {
    it('when it is killed while it waits, or before', async () => {
      for (let turns = 0; turns < 6; turns++) {
        await run(async () => {
          const opener = spawn(async () => {
            await using opened = await open(file);
            await sleep(Infinity);
            return opened;
          });
          for (let i = 0; i < turns; i++) {
            await (i % 2 === 0 ? schedule() : new Promise((resolve) => setImmediate(resolve)));
          }
          opener.kill();
          expect(await rejection(opener.join())).to.be.instanceOf(TaskletKilledError);
        });
        await folder.expectClosed();
      }
    });

    it('when a thousand are killed at once', async () => {
      await run(async () => {
        const openers = Array.from({ length: 1000 }, () =>
          spawn(async () => {
            await using _file = await open(file);
            await sleep(Infinity);
          }),
        );
        await schedule();
        for (const opener of openers) opener.kill();
        for (const opener of openers) {
          expect(await rejection(opener.join())).to.be.instanceOf(TaskletKilledError);
        }
      });
    });

    it('when it has no time, or a signal is aborted', () =>
      run(async () => {
        expect(await rejection(open(file, 'r', { timeout: 0 }))).to.be.instanceOf(TimeoutError);
        const controller = new AbortController();
        const opener = spawn(() => open(file, 'r', { signal: controller.signal }));
        await schedule();
        controller.abort(new Error('enough'));
        expect(await rejection(opener.join())).to.have.property('message', 'enough');
      }));

    it('when its tasklet ends without it', () =>
      run(async () => {
        const forgetful = spawn(() => void open(file).catch(() => {}));
        await forgetful.join();
      }));
  });
});

describe('File', () => {
  const folder = new Folder();
  const path = folder.at('file');
  beforeEach(() => writeFileSync(path, 'hello world'));
  afterEach(() => folder.expectClosed());
  after(() => folder.remove());

  describe('read', () => {
    it('goes on where the last one ended, and says undefined at the end', () =>
      run(async () => {
        await using file = await open(path);
        expect(String(await file.read(5))).to.equal('hello');
        expect(String(await file.read(100))).to.equal(' world');
        expect(await file.read()).to.equal(undefined);
        expect(file.position).to.equal(11);
        file.position = 6;
        expect(String(await file.read())).to.equal('world');
      }));

    it('reads at a place, which leaves the position alone', () =>
      run(async () => {
        await using file = await open(path);
        const places = [6, 0, 3, 20].map((position) => spawn(() => file.read(2, { position })));
        const pieces: string[] = [];
        for (const place of places) pieces.push(String(await place.join()));
        expect(pieces).to.deep.equal(['wo', 'he', 'lo', 'undefined']);
        expect(file.position).to.equal(0);
      }));

    it('gives each of those who read at once the next bytes, in order', () =>
      run(async () => {
        await using file = await open(path);
        const readers = [1, 2, 3, 4].map((count) => spawn(() => file.read(count)));
        const pieces: string[] = [];
        for (const reader of readers) pieces.push(String(await reader.join()));
        expect(pieces).to.deep.equal(['h', 'el', 'lo ', 'worl']);
      }));

    it('[INV-67] takes nothing when it is killed or has no time', () =>
      run(async () => {
        await using file = await open(path);
        const victims = [spawn(() => file.read(3)), spawn(() => file.read(3))];
        await schedule();
        for (const victim of victims) victim.kill();
        for (const victim of victims) {
          expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        }
        expect(await rejection(file.read(3, { timeout: 0 }))).to.be.instanceOf(TimeoutError);
        expect(String(await file.read(5))).to.equal('hello');
      }));
  });

  describe('readExactly', () => {
    it('waits for all, and leaves the position where it was if there is less', () =>
      run(async () => {
        await using file = await open(path);
        expect(String(await file.readExactly(6))).to.equal('hello ');
        const error = await rejection(file.readExactly(6));
        expect(error).to.be.instanceOf(IncompleteReadError);
        expect(String((error as IncompleteReadError).partial)).to.equal('world');
        expect(file.position).to.equal(6);
        expect(String(await file.readExactly(5))).to.equal('world');
        expect((await file.readExactly(0)).length).to.equal(0);
      }));
  });

  describe('write', () => {
    it('goes on where the last one ended, or at a place', () =>
      run(async () => {
        await using file = await open(path, 'w+');
        await file.write('one');
        await file.write(['two', Buffer.from('three')]);
        await file.write('ONE', { position: 0 });
        await file.write('!');
        expect(String(await file.read(100, { position: 0 }))).to.equal('ONEtwothree!');
      }));

    it('is whole and in order for several who write at once', () =>
      run(async () => {
        await using file = await open(path, 'w');
        const writers = Array.from({ length: 20 }, (_, i) => spawn(() => file.write(`${i};`.repeat(20_000))));
        for (const writer of writers) await writer.join();
        const expected = Array.from({ length: 20 }, (_, i) => `${i};`.repeat(20_000)).join('');
        expect(readFileSync(path, 'utf8') === expected).to.equal(true);
      }));

    it('appends, wherever the position is', () =>
      run(async () => {
        await using file = await open(path, 'a+');
        await file.write('!');
        file.position = 0;
        await file.write('?');
        expect(readFileSync(path, 'utf8')).to.equal('hello world!?');
      }));

    it('[INV-67] can be done again after a kill, and what was in flight does not come after it', () =>
      run(async () => {
        for (let i = 0; i < 20; i++) {
          await using file = await open(path, 'w');
          const victim = spawn(() => file.write(Buffer.alloc(1 << 20, 'a')));
          await schedule();
          victim.kill();
          expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
          expect(file.position).to.equal(0);
          await file.write(Buffer.alloc(1 << 20, 'b'));
          await file.close();
          expect(readFileSync(path).includes('a')).to.equal(false);
        }
      }));

    it('[INV-65] raises a full disk once, and can still be closed', () =>
      run(async () => {
        await using file = await open('/dev/full', 'r+');
        expect(await rejection(file.write('x'))).to.include({ code: 'ENOSPC', syscall: 'write' });
        expect(file.position).to.equal(0);
        await file.close();
        expect(file.closed).to.equal(true);
      }));

    it('is not told what became of a write that somebody gave up', () =>
      run(async () => {
        await using file = await open('/dev/full', 'r+');
        const victim = spawn(() => file.write('first'));
        await schedule();
        victim.kill();
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        const second = rejection(spawn(() => file.write('second')).join());
        const third = rejection(spawn(() => file.write('third')).join());
        const [one, two] = [await second, await third];
        expect([one, two].map((error) => (error as NodeJS.ErrnoException).code)).to.deep.equal([
          'ENOSPC',
          'ENOSPC',
        ]);
        expect(one).to.not.equal(two);
      }));

    it('refuses what is neither text nor bytes', () =>
      run(async () => {
        await using file = await open(path, 'w');
        expect(await rejection(file.write(7 as unknown as string))).to.be.instanceOf(TypeError);
      }));
  });

  it('can be measured, cut off, filled up and brought to the disk', () =>
    run(async () => {
      await using file = await open(path, 'r+');
      expect((await file.stat()).size).to.equal(11);
      await file.truncate(5);
      await file.truncate(7);
      await file.sync();
      expect(readFileSync(path, 'latin1')).to.equal('hello\0\0');
      await file.truncate();
      expect((await file.stat()).size).to.equal(0);
    }));

  describe('close', () => {
    it('waits for what is in flight, and can be called again', () =>
      run(async () => {
        const file = await open(path, 'r+');
        const writer = spawn(() => file.write(Buffer.alloc(1 << 22)));
        await schedule();
        await file.close();
        await file.close();
        expect(folder.open()).to.deep.equal([]);
        await writer.join();
        expect(statSync(path).size).to.equal(1 << 22);
      }));

    it('tells those who read', () =>
      run(async () => {
        const file = await open(path);
        const outcome = rejection(spawn(() => file.read()).join());
        await schedule();
        await file.close();
        expect(await outcome).to.be.instanceOf(StreamClosedError);
      }));

    it('makes everything else an error', () =>
      run(async () => {
        const file = await open(path, 'r+');
        await file.close();
        for (const late of [
          () => file.read(),
          () => file.readExactly(1),
          () => file.write('x'),
          () => file.stat(),
          () => file.truncate(),
          () => file.sync(),
        ]) {
          expect(await rejection(late())).to.be.instanceOf(StreamClosedError);
        }
        expect(readFileSync(path, 'utf8')).to.equal('hello world');
      }));
  });

  it('begins nothing in place of which a kill is raised', () =>
    run(async () => {
      await using file = await open(path, 'r+');
      const victim = spawn(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        await file.write('never');
      });
      await schedule();
      victim.kill();
      expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
      expect(readFileSync(path, 'utf8')).to.equal('hello world');
    }));

  it('refuses places and sizes that make no sense', () =>
    run(async () => {
      await using file = await open(path);
      expect(await rejection(file.read(0))).to.be.instanceOf(RangeError);
      expect(await rejection(file.read(1, { position: -1 }))).to.be.instanceOf(RangeError);
      expect(await rejection(file.read(1, { offset: 1 } as object))).to.be.instanceOf(TypeError);
      expect(await rejection(file.readExactly(0.5))).to.be.instanceOf(RangeError);
      file.position = NaN;
      expect(await rejection(file.read())).to.be.instanceOf(RangeError);
    }));

  it('waits for each write that somebody has given up, also when they say where', () =>
    run(async () => {
      await using target = await open(folder.at('target'), 'w+');
      const { descriptor } = target as unknown as { descriptor: { inFlight: number } };
      // It goes out in pieces, one after the other.
      const big = Buffer.alloc(80 * 1024 * 1024, 'a');
      const first = spawn(() => target.write(big, { position: 0 }));
      const other = spawn(() => target.write('b', { position: big.length }));
      await other.join();
      first.kill();
      expect(await rejection(first.join())).to.be.instanceOf(TaskletKilledError);
      const again = spawn(() => target.write('c', { position: 0 }));
      await schedule();
      let most = 0;
      for (; again.alive; await wait(new Promise((back) => setImmediate(back)))) {
        most = Math.max(most, descriptor.inFlight);
      }
      expect(most).to.be.at.most(1);
      expect(String(await target.readExactly(2, { position: 0 }))).to.equal('ca');
    }));
});
