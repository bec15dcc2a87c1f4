import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { run, schedule, sleep, spawn, TaskletKilledError } from '../../../lib/index.js';
import { OverflowError, watch } from '../../../lib/io/index.js';
import { Folder } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

/** How many watchers the process has. */
function watchers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'FSEventWrap').length;
}

describe('watch', () => {
  const folder = new Folder();
  const home = folder.at('home');
  beforeEach(() => mkdirSync(home, { recursive: true }));
  afterEach(async () => {
    // What is closed is gone a turn of the event loop later.
    await new Promise((resolve) => setImmediate(resolve));
    expect(watchers(), 'watchers left').to.equal(0);
    rmSync(home, { recursive: true });
  });
  after(() => folder.remove());

  it('tells what happens in a directory', () =>
    run(async () => {
      using changes = watch(home);
      writeFileSync(folder.at('home', 'new'), 'x');
      const { type, name } = await changes.receive({ timeout: 5000 });
      expect([type, name]).to.deep.equal(['rename', 'new']);
      rmSync(folder.at('home', 'new'));
      for await (const change of changes) {
        expect(change.name).to.equal('new');
        if (change.type === 'rename') break;
      }
    }));

  it('tells what happens to a file, again and again', () =>
    run(async () => {
      const file = folder.at('home', 'log');
      writeFileSync(file, '');
      using changes = watch(file);
      for (let i = 0; i < 3; i++) {
        appendFileSync(file, 'x');
        expect((await changes.receive({ timeout: 5000 })).type).to.equal('change');
        while (changes.tryReceive() !== undefined);
      }
    }));

  it('stands in a select like anything else, and waits no longer than it is told', () =>
    run(async () => {
      using changes = watch(home);
      expect(await rejection(changes.receive({ timeout: 1 }))).to.include({ code: 'ERR_TIMEOUT' });
    }));

  it('[INV-61] keeps so many changes at most', () =>
    run(async () => {
      using few = watch(home, { limit: 2, overflow: 'drop-newest' });
      using strict = watch(home, { limit: 2 });
      for (let i = 0; i < 10; i++) writeFileSync(folder.at('home', `${i}`), '');
      while (few.dropped === 0 || !strict.closing) await sleep(1);
      expect(few.size).to.equal(2);
      await strict.receive();
      await strict.receive();
      expect(await rejection(strict.receive())).to.be.instanceOf(OverflowError);
    }));

  it('[INV-68] ends with its tasklet', () =>
    run(async () => {
      const watcher = spawn(async () => {
        for await (const change of watch(home)) expect(change).to.equal(undefined);
      });
      await schedule();
      expect(watchers()).to.equal(1);
      watcher.kill();
      expect(await rejection(watcher.join())).to.be.instanceOf(TaskletKilledError);
      await schedule();
    }));

  it('raises what the system reports, and what makes no sense', () => {
    expect(() => watch(folder.at('missing')))
      .to.throw(Error)
      .that.includes({ code: 'ENOENT', syscall: 'watch' });
    expect(() => watch(7 as unknown as string)).to.throw(TypeError, /^watch: path/);
    expect(() => watch(home, { recursive: 1 as never })).to.throw(TypeError, /recursive/);
    expect(() => watch(home, { persistent: true } as object)).to.throw(TypeError, /unknown option/);
  });
});
