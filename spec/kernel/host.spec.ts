/** What the library asks of the program around it, seen from outside: each program is a process of its own. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';
import { next, soon } from '../../lib/kernel/host.js';

const root = path.join(__dirname, '..', '..');

interface End {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `code`, a module, and says how it ended. */
function program(code: string): Promise<End> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--input-type=module', '--eval', code],
      { cwd: root, timeout: 20_000 },
      (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
      },
    );
  });
}

const IMPORT = `import { Channel, run, schedule, sleep, spawn, Tasklet } from 'evergreen-tasklets';`;

describe('the host', () => {
  it('calls what is to come next in a microtask, and what is to come soon after all of them', async () => {
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      soon(() => {
        log.push('soon');
        resolve();
      });
      next(() => {
        log.push('next');
        next(() => log.push('next of next'));
      });
      log.push('now');
    });
    expect(log).to.deep.equal(['now', 'next', 'next of next', 'soon']);
  });

  it('may lack setImmediate, as a browser does', async () => {
    const { code, out, err } = await program(`
      delete globalThis.setImmediate;
      const { Channel, run, schedule, sleep, spawn } = await import('evergreen-tasklets');
      const log = [];
      await run(async () => {
        const line = new Channel();
        const reader = spawn(async () => { for await (const word of line) log.push(word); });
        const foreign = spawn(() => new Promise((resolve) => setTimeout(resolve, 5, 'foreign')));
        for (let i = 0; i < 3; i++) await line.send(i);
        for (let i = 0; i < 20_000; i++) await schedule();
        log.push(await foreign.join());
        await sleep(1);
        line.close();
      });
      console.log(log.join(' '));
      process.exit();
    `);
    expect([code, out.trim(), err]).to.deep.equal([0, '0 1 2 foreign', '']);
  }).timeout(30_000);

  it('[INV-83] is left alone by a library that is idle', async () => {
    expect(
      await program(`${IMPORT} new Channel(); new Tasklet(() => {}); console.log('idle');`),
    ).to.deep.equal({
      code: 0,
      out: 'idle\n',
      err: '',
    });
  }).timeout(30_000);

  it('[INV-48] hears of a crash that nobody joins, as an uncaught exception', async () => {
    const { code, err } = await program(`${IMPORT} spawn(() => { throw new RangeError('unjoined'); });`);
    expect(code).to.equal(1);
    expect(err).to.include('RangeError: unjoined');
  }).timeout(30_000);

  it('[INV-48] hears once, and can catch it', async () => {
    const { code, out } = await program(`
      ${IMPORT}
      process.on('uncaughtException', (error) => console.log('caught', error.message));
      for (const name of ['a', 'b']) spawn(async () => { await schedule(); throw new Error(name); });
      const joined = spawn(() => { throw new Error('joined'); });
      joined.join().catch(() => {});
    `);
    expect([code, out]).to.deep.equal([0, 'caught a\ncaught b\n']);
  }).timeout(30_000);

  it('[INV-49] hears of an operation that was never awaited', async () => {
    const { code, err } = await program(`${IMPORT} spawn(() => { new Channel().send(1); });`);
    expect(code).to.equal(1);
    expect(err).to.include('ERR_ABANDONED');
  }).timeout(30_000);
});

describe('a program that ran dry', () => {
  it('[INV-42] says who waits for what, cleans up, and exits with a code that is not 0', async () => {
    const { code, out, err } = await program(`
      ${IMPORT}
      const [fork, knife] = [new Channel({ name: 'fork' }), new Channel({ name: 'knife' })];
      spawn(async function left() {
        try { await fork.receive(); await knife.send(1); } finally { console.log('left cleaned up'); }
      });
      spawn(async function right() {
        try { await knife.receive(); await fork.send(1); } finally { console.log('right cleaned up'); }
      });
      new Tasklet(() => new Channel({ name: 'daemons' }).receive(), { daemon: true }).start();
    `);
    expect(code).to.equal(1);
    expect(err).to.match(/^deadlock: 2 tasklets wait, and nothing can wake them\n/);
    expect(err).to.match(/left \(#\d+\): receive on channel 'fork', for \d+ ms/);
    expect(err).to.match(/right \(#\d+\): receive on channel 'knife', for \d+ ms/);
    expect(err).not.to.include('daemons');
    expect(out).to.equal('left cleaned up\nright cleaned up\n');
  }).timeout(30_000);

  it('[INV-42] says it of what will never come from outside', async () => {
    const { code, err } = await program(
      `${IMPORT} spawn(function lost() { return new Promise(() => {}); });`,
    );
    expect(code).to.equal(1);
    expect(err).to.match(/lost \(#\d+\): something it awaits that is not ours/);
  }).timeout(30_000);

  it('[INV-42] rejects its run, which may go on from there', async () => {
    const { code, out, err } = await program(`
      ${IMPORT}
      const error = await run(() => new Channel({ name: 'silent' }).receive()).catch((error) => error);
      console.log(error.code, error.tasklets[0].blockedOn);
      console.log(await run(async () => { await sleep(1); return 'and again'; }));
    `);
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.equal("ERR_DEADLOCK receive on channel 'silent'\nand again\n");
  }).timeout(30_000);

  it('is not one where only daemons are left', async () => {
    const { code, out, err } = await program(`
      ${IMPORT}
      new Tasklet(() => new Channel().receive(), { daemon: true }).start();
      spawn(() => sleep(1).then(() => console.log('done')));
    `);
    expect([code, out, err]).to.deep.equal([0, 'done\n', '']);
  }).timeout(30_000);

  it('is not one where something outside is still to come: the detector’s own control', async () => {
    const { code, out, err } = await program(`
      ${IMPORT}
      const line = new Channel();
      spawn(async () => console.log(await line.receive()));
      setTimeout(() => line.post('in time'), 50);
    `);
    expect([code, out, err]).to.deep.equal([0, 'in time\n', '']);
  }).timeout(30_000);
});
