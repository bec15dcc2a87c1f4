import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { run, schedule, sleep, spawn, TaskletKilledError, TimeoutError } from '../../../lib/index.js';
import { temporaryDirectory, temporaryFile } from '../../../lib/io/index.js';
import { Folder, quiet } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

describe('temporary', () => {
  const folder = new Folder();
  const parent = folder.at('parent');
  beforeEach(() => mkdirSync(parent));
  afterEach(async () => {
    await folder.expectClosed();
    expect(readdirSync(parent)).to.deep.equal([]);
    rmSync(parent, { recursive: true });
  });
  after(() => folder.remove());

  describe('temporaryDirectory', () => {
    it('is there for its scope, for this user only, and goes with all that is in it', () =>
      run(async () => {
        let place: string;
        {
          await using directory = await temporaryDirectory({ parent, prefix: 'work-' });
          place = directory.path;
          expect(path.dirname(place)).to.equal(parent);
          expect(path.basename(place)).to.match(/^work-.{6}$/);
          expect(statSync(place).mode & 0o777).to.equal(0o700);
          mkdirSync(path.join(place, 'deep', 'er'), { recursive: true });
          writeFileSync(path.join(place, 'deep', 'file'), 'x');
        }
        expect(existsSync(place)).to.equal(false);
      }));

    it('is where the system has such things, and may be gone already', () =>
      run(async () => {
        const directory = await temporaryDirectory();
        expect(path.dirname(directory.path)).to.equal(path.resolve(tmpdir()));
        await directory.remove();
        expect(existsSync(directory.path)).to.equal(false);
        await directory.remove();
      }));

    it('[INV-68] goes when its tasklet is killed, whenever that is', async () => {
      for (let turns = 0; turns < 6; turns++) {
        await run(async () => {
          const victim = spawn(async () => {
            await using _directory = await temporaryDirectory({ parent });
            await sleep(Infinity);
          });
          for (let i = 0; i < turns; i++) {
            await (i % 2 === 0 ? schedule() : new Promise((resolve) => setImmediate(resolve)));
          }
          victim.kill();
          expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        });
        await quiet();
      }
    });
  });

  describe('temporaryFile', () => {
    it('is there for its scope, for this user only', () =>
      run(async () => {
        await using file = await temporaryFile({ parent });
        await file.write('draft');
        expect(statSync(file.path).mode & 0o777).to.equal(0o600);
        expect(String(await file.readExactly(5, { position: 0 }))).to.equal('draft');
        await file.close();
        expect(existsSync(file.path)).to.equal(false);
      }));

    it('may have been given another name, and then stays', () =>
      run(async () => {
        const file = await temporaryFile({ parent });
        renameSync(file.path, folder.at('kept'));
        await file.close();
        expect(existsSync(folder.at('kept'))).to.equal(true);
      }));

    it('has a name of its own each time', () =>
      run(async () => {
        await using one = await temporaryFile({ parent });
        await using two = await temporaryFile({ parent });
        expect(one.path).to.not.equal(two.path);
      }));

    it('[INV-68] goes when its tasklet is killed, whenever that is', async () => {
      for (let turns = 0; turns < 6; turns++) {
        await run(async () => {
          const victim = spawn(async () => {
            await using file = await temporaryFile({ parent });
            for (;;) await file.write(Buffer.alloc(1 << 16));
          });
          for (let i = 0; i < turns; i++) {
            await (i % 2 === 0 ? schedule() : new Promise((resolve) => setImmediate(resolve)));
          }
          victim.kill();
          expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        });
        await quiet();
      }
    });
  });

  it('is in its parent, whatever its name begins with', () =>
    run(async () => {
      for (const prefix of ['', '.', '..']) {
        await using directory = await temporaryDirectory({ parent, prefix });
        await using file = await temporaryFile({ parent, prefix });
        expect([directory.path, file.path].map((at) => path.dirname(at))).to.deep.equal([parent, parent]);
        expect(path.basename(file.path).startsWith(prefix)).to.equal(true);
      }
    }));

  it('raises what the system reports, a timeout, and what makes no sense', () =>
    run(async () => {
      for (const make of [temporaryDirectory, temporaryFile]) {
        expect(await rejection(make({ parent: folder.at('missing') }))).to.include({ code: 'ENOENT' });
        expect(await rejection(make({ prefix: 'a/b' }))).to.be.instanceOf(TypeError);
        expect(await rejection(make({ suffix: 'x' } as object))).to.be.instanceOf(TypeError);
        expect(await rejection(make({ parent, timeout: 0 }))).to.be.instanceOf(TimeoutError);
      }
      await quiet();
    }));
});
