import { spawn as spawnNode } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';
import {
  after,
  run,
  select,
  sleep,
  spawn,
  StateError,
  TaskGroup,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { startProcess, StreamClosedError, type ChildProcess } from '../../lib/io/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';

/** Starts a Node that runs `program`. */
function node(program: string, options?: Parameters<typeof startProcess>[2]): Promise<ChildProcess> {
  return startProcess(process.execPath, ['-e', program], options);
}

/** Says `ready`, and then lives until it is killed. */
const IMMORTAL = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('ready')";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startProcess', () => {
  it('gives a process that reads, writes and ends', () =>
    run(async () => {
      await using child = await startProcess('cat');
      await child.stdin.write('one\ntwo');
      await child.stdin.end();
      const lines: string[] = [];
      for await (const line of child.stdout.lines()) lines.push(line);
      expect(lines).to.deep.equal(['one', 'two']);
      expect(await child.wait()).to.deep.equal({ code: 0, signal: null });
      expect(child.exit).to.deep.equal({ code: 0, signal: null });
      expect(child.kill()).to.equal(false);
    }));

  it('tells a status from a signal, and its errors from its output', () =>
    run(async () => {
      await using failing = await startProcess('sh', ['-c', 'echo out; echo err >&2; exit 3']);
      expect(String(await failing.stdout.readAll())).to.equal('out\n');
      expect(String(await failing.stderr.readAll())).to.equal('err\n');
      expect(await failing.wait()).to.deep.equal({ code: 3, signal: null });
      await using killed = await startProcess('sleep', ['1000']);
      killed.kill('SIGINT');
      expect(await killed.wait()).to.deep.equal({ code: null, signal: 'SIGINT' });
    }));

  it('keeps what was written until somebody reads it, when the process has long ended', () =>
    run(async () => {
      await using child = await node("process.stdout.write('x'.repeat(50_000))");
      await child.wait();
      await sleep(10);
      expect(await child.stdout.readAll()).to.have.lengthOf(50_000);
    }));

  it('loses nothing of a process that writes more than is read', () =>
    run(async () => {
      await using child = await node("process.stdout.write('x'.repeat(3_000_000))");
      let count = (await child.stdout.readExactly(10)).length;
      await sleep(50);
      for await (const bytes of child.stdout) count += bytes.length;
      expect(count).to.equal(3_000_000);
      expect((await child.wait()).code).to.equal(0);
    }));

  it('keeps the code of what the system says when it cannot be started', () =>
    run(async () => {
      const error = await rejection(startProcess('no-such-program', ['x']));
      expect(error).to.include({ code: 'ENOENT', syscall: 'spawn no-such-program' });
      expect(error).to.have.property('errno').below(0);
      expect(await rejection(startProcess('ls', [], { cwd: '/no/such/folder' }))).to.have.property(
        'code',
        'ENOENT',
      );
      expect(await rejection(startProcess('/'))).to.have.property('code', 'EACCES');
    }));

  it('says so when no descriptor is left, and the program goes on', async () => {
    const program = `
      const { openSync } = await import('node:fs');
      const { startProcess } = await import('evergreen-tasklets/io');
      await startProcess('true').then((child) => child.close());
      try {
        for (;;) openSync('/dev/null');
      } catch {}
      const error = await startProcess('true').catch((error) => error);
      process.exitCode = error.code === 'EMFILE' ? 7 : 8;
    `;
    const limited = 'ulimit -n 200; exec "$0" --input-type=module -e "$1"';
    const parent = spawnNode('sh', ['-c', limited, process.execPath, program], { stdio: 'inherit' });
    expect(await new Promise((resolve) => parent.on('close', resolve))).to.equal(7);
  });

  it('refuses arguments that are no list: Node would take an object for its own options', () =>
    run(async () => {
      for (const wrong of [{ shell: true }, 'a b', null]) {
        expect(await rejection(startProcess('true', wrong as never)))
          .to.be.instanceOf(TypeError)
          .and.to.have.property('message')
          .that.contains('startProcess: args');
      }
    }));

  it('refuses wrong options before anything is started', () =>
    run(async () => {
      const wrong = [
        { shell: true },
        { stdin: 'pope' },
        { grace: -1 },
        { grace: '1' },
        { env: 'A=1' },
        { env: null },
      ];
      for (const options of wrong) {
        expect(await rejection(startProcess('no-such-program', [], options as object))).to.satisfy(
          (error: unknown) => error instanceof TypeError || error instanceof RangeError,
        );
      }
    }));

  it('runs where and with what it is told to', () =>
    run(async () => {
      const folder = path.resolve('lib');
      await using child = await startProcess('sh', ['-c', 'pwd; echo $ONLY $HOME'], {
        cwd: folder,
        env: { ONLY: 'this', PATH: process.env['PATH'] },
      });
      expect(String(await child.stdout.readAll())).to.equal(`${folder}\nthis\n`);
    }));

  it('tells it nothing of what its environment inherits', () =>
    run(async () => {
      Object.defineProperty(Object.prototype, 'INHERITED', {
        value: 'x',
        enumerable: true,
        configurable: true,
      });
      let starting: Promise<ChildProcess>[];
      try {
        starting = [{}, { env: { PATH: process.env['PATH'] } }].map((options) =>
          startProcess('sh', ['-c', 'echo "$INHERITED"'], options),
        );
      } finally {
        delete (Object.prototype as { INHERITED?: unknown }).INHERITED;
      }
      for (const child of await Promise.all(starting)) {
        expect(String(await child.stdout.readAll())).to.equal('\n');
        await child.close();
      }
    }));

  it('is forgotten when it has ended and all was read, although its tasklet goes on', () =>
    run(async () => {
      const ran = async (): Promise<WeakRef<ChildProcess>> => {
        const child = await startProcess('true');
        for (const stream of [child.stdout, child.stderr]) await stream.readAll();
        await child.wait();
        return new WeakRef(child);
      };
      const ref = await ran();
      for (let i = 0; i < 20 && ref.deref() !== undefined; i++) await collectGarbage();
      expect(ref.deref()).to.equal(undefined);
    }));

  it('says what is no pipe', () =>
    run(async () => {
      await using child = await startProcess('true', [], { stdin: 'ignore', stdout: 'ignore' });
      expect(() => child.stdin).to.throw(StateError, 'stdin is no pipe');
      expect(() => child.stdout).to.throw(StateError, 'stdout is no pipe');
      expect(await child.stderr.read()).to.equal(undefined);
    }));

  it('tells a writer that nobody reads any more', () =>
    run(async () => {
      await using child = await startProcess('true');
      await child.wait();
      const error = await rejection(
        (async () => {
          for (;;) await child.stdin.write('x'.repeat(100_000));
        })(),
      );
      // Who is faster: the system, or Node, which closes the pipe of a process that has ended.
      expect(error).to.have.property('code').oneOf(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_CLOSED']);
    }));

  it('can be waited for with a timeout, by several, and in a select', () =>
    run(async () => {
      await using child = await startProcess('cat');
      expect(await rejection(child.wait({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
      const waiters = [spawn(() => child.wait()), spawn(() => child.wait())];
      const hit = await select({ exit: child.exiting(), late: after(1).receiving() });
      expect(hit.case).to.equal('late');
      expect(waiters[0]!.blockedOn).to.equal(`exit of process 'cat ${child.pid}'`);
      await child.stdin.end();
      for (const waiter of waiters) expect(await waiter.join()).to.deep.equal({ code: 0, signal: null });
      expect((await select({ exit: child.exiting() })).value).to.deep.equal({ code: 0, signal: null });
    }));

  it('is killed when it does not end within its grace', () =>
    run(async () => {
      const child = await node(IMMORTAL, { grace: 20 });
      await child.stdout.readUntil('ready');
      await child.close();
      expect(child.exit).to.deep.equal({ code: null, signal: 'SIGKILL' });
      expect(isAlive(child.pid)).to.equal(false);
      expect(await rejection(child.stdout.read())).to.be.instanceOf(StreamClosedError);
      await child.close();
    }));

  it('may end by itself within its grace', () =>
    run(async () => {
      const polite =
        "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log(1)";
      const child = await node(polite, { grace: 10_000 });
      await child.stdout.read();
      await child.close();
      expect(child.exit).to.deep.equal({ code: 7, signal: null });
    }));

  it('is killed at once when who closes it is killed', () =>
    run(async () => {
      const child = await node(IMMORTAL, { grace: 60_000 });
      await child.stdout.readUntil('ready');
      const closer = spawn(() => child.close());
      await sleep(1);
      closer.kill();
      expect(await rejection(closer.join())).to.be.instanceOf(TaskletKilledError);
      expect(child.exit?.signal).to.equal('SIGKILL');
    }));

  it('is killed at once when the time of who closes it is up, and that is raised', () =>
    run(async () => {
      const child = await node(IMMORTAL, { grace: 60_000 });
      await child.stdout.readUntil('ready');
      const failure = await rejection(timeout(1, () => child.close()));
      expect(failure).to.be.instanceOf(TimeoutError);
      expect(String(failure)).to.contain('time was up');
      expect(child.exit?.signal).to.equal('SIGKILL');
    }));
});

describe('startProcess · a child and its tasklet', () => {
  it('ends with it, and the program is not over before', async () => {
    const pids: number[] = [];
    await run(async () => {
      const { pid } = await node(IMMORTAL, { grace: 20 });
      pids.push(pid);
    });
    expect(pids.map(isAlive)).to.deep.equal([false]);
  });

  it('ends with it when it fails, is killed, or its group is cancelled', () =>
    run(async () => {
      const children: ChildProcess[] = [];
      const start = async (): Promise<void> => {
        children.push(await startProcess('sleep', ['1000']));
        await sleep(Infinity);
      };
      const killed = spawn(start);
      const group = new TaskGroup();
      group.spawn(start);
      while (children.length < 2) await sleep(1);
      killed.kill();
      group.cancel();
      await group.join();
      const failing = spawn(async () => {
        children.push(await startProcess('sleep', ['1000']));
        throw new Error('no');
      });
      await rejection(failing.join());
      for (const child of children) {
        expect(await child.wait({ timeout: 10_000 })).to.deep.equal({ code: null, signal: 'SIGTERM' });
      }
    }));

  it('is waited for when the scope of a killed tasklet is left', () =>
    run(async () => {
      let child: ChildProcess | undefined;
      const keeper = spawn(async () => {
        await using made = await startProcess('sleep', ['1000']);
        child = made;
        await sleep(Infinity);
      });
      while (child === undefined) await sleep(1);
      keeper.kill();
      await rejection(keeper.join());
      expect(child.exit).to.deep.equal({ code: null, signal: 'SIGTERM' });
    }));

  it('does not stay behind when a program fails', async () => {
    let pid = 0;
    const failure = await rejection(
      run(async () => {
        ({ pid } = await startProcess('sleep', ['1000']));
        throw new Error('crash');
      }),
    );
    expect(String(failure)).to.equal('Error: crash');
    expect(isAlive(pid)).to.equal(false);
  });

  it('does not stay behind when the process exits', async () => {
    const program = `
      const { startProcess } = await import('evergreen-tasklets/io');
      console.log((await startProcess('sleep', ['1000'])).pid);
      process.exit(3);
    `;
    const parent = spawnNode(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    parent.stdout.on('data', (bytes: Buffer) => (text += String(bytes)));
    const code = await new Promise((resolve) => parent.on('close', resolve));
    expect(code).to.equal(3);
    const pid = Number(text);
    expect(pid).to.be.greaterThan(0);
    while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  });

  it('leaves nothing to listen to', () =>
    run(async () => {
      const before = process.listenerCount('exit');
      {
        await using one = await startProcess('cat');
        await using two = await startProcess('cat');
        expect([one.pid, two.pid].every(isAlive)).to.equal(true);
        expect(process.listenerCount('exit')).to.equal(before + 1);
      }
      expect(process.listenerCount('exit')).to.equal(before);
    }));
});
