/**
 * What a program says when it ends: its exit code, and what it writes.
 *
 * It mirrors no file of lib on purpose. An exit code, an unhandled rejection, a warning or a handle that keeps
 * the process alive can be seen only from outside; so each test here is a process of its own, which runs the
 * built package as a user has it.
 */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';

const root = path.join(__dirname, '..');

interface End {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `program`, an ES module that may use the whole front door, to its end. */
function ends(program: string, ...flags: string[]): Promise<End> {
  return ending([...flags, ...asModule(program)]);
}

function asModule(program: string): string[] {
  const text = `
    import {
      after, Channel, current, defaultScheduler, every, observe, run, schedule, select, shutdown, sleep, spawn,
      Tasklet, timeout, wait,
    } from 'evergreen-tasklets';
    const silent = new Channel({ name: 'silent' });
    ${program}
  `;
  return ['--input-type=module', '--eval', text];
}

function ending(args: readonly string[]): Promise<End> {
  return new Promise((resolve) => {
    // Who has to be killed did not end by itself.
    const settings = { cwd: root, timeout: 20_000, killSignal: 'SIGKILL' } as const;
    execFile(process.execPath, args, settings, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
  });
}

/** Runs `program`, and sends it the next one of `signals` each time it has said something. */
function signalled(program: string, ...signals: NodeJS.Signals[]): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, asModule(program), {
      cwd: root,
      timeout: 20_000,
      killSignal: 'SIGKILL',
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk);
      const signal = signals.shift();
      if (signal !== undefined) child.kill(signal);
    });
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, stdout, stderr }));
  });
}

const clean: End = { code: 0, stdout: '', stderr: '' };

/** How often `word` stands in `text`. */
function count(text: string, word: string): number {
  return text.split(word).length - 1;
}

describe('a program', function () {
  this.timeout(30_000);

  describe('[INV-83] that is over', () => {
    it('ends by itself with code 0, and says nothing', async () => {
      expect(await ends('await run(async () => { await spawn(() => sleep(1)).join(); });')).to.deep.equal(
        clean,
      );
      expect(await ends('spawn(async () => { await sleep(1); console.log("over"); });')).to.deep.equal({
        ...clean,
        stdout: 'over\n',
      });
    });

    it('is kept by no handle of the library: not by loading it, not by what was given up', async () => {
      const program = `
        await run(async () => {
          spawn(() => silent.send('value'));
          await silent.receive({ timeout: 60_000 });
          const late = after(60_000);
          spawn(() => silent.send('value'));
          await select({ late: late.receiving(), silent: silent.receiving() });
          for await (const tick of every(1)) break;
          await timeout(60_000, () => schedule());
          await wait(new Promise(() => {}), { timeout: 1 }).catch(() => {});
          const sleeper = spawn(() => sleep(60_000));
          await schedule();
          sleeper.kill();
          const controller = new AbortController();
          setTimeout(() => controller.abort(), 5);
          await silent.receive({ signal: controller.signal }).catch(() => {});
          const stubborn = spawn(() => sleep(60_000).catch(() => schedule()));
          await schedule();
          stubborn.kill({ grace: 60_000 });
        });
      `;
      expect(await ends(program)).to.deep.equal(clean);
      // Not at once: Node itself is still busy with loading. Beside what Node has there without the library.
      const list = 'setTimeout(() => console.log(process.getActiveResourcesInfo().join()), 20);';
      expect(await ends(list)).to.deep.equal(await ending(['--input-type=module', '--eval', list]));
    });

    it('has no handle of the library open afterwards, however its run has ended', async () => {
      const program = `
        // Not at once: Node itself is still busy with loading.
        await new Promise((resolve) => setTimeout(resolve, 20));
        const before = process.getActiveResourcesInfo().join();
        const log = [];
        const mains = [
          () => sleep(1),
          async () => { spawn(() => sleep(60_000)); await schedule(); throw new Error('x'); },
          () => { spawn(async () => { await schedule(); throw new Error('y'); }); return sleep(60_000); },
          async () => { spawn(() => sleep(60_000)); await schedule(); await shutdown(); },
          () => { new Tasklet(() => sleep(60_000), { daemon: true }).start(); },
          () => silent.receive({ timeout: 5 }),
        ];
        for (const main of mains) log.push(await run(main).then(() => 'over', (error) => error.code ?? error.message));
        await new Promise((resolve) => setTimeout(resolve, 20));
        // Before anything is written, which opens a pipe.
        const then = process.getActiveResourcesInfo().join();
        console.log(log.join());
        console.log(then === before);
      `;
      const stdout = 'over,x,y,over,over,ERR_TIMEOUT\ntrue\n';
      expect(await ends(program)).to.deep.equal({ ...clean, stdout });
    });

    it('ends when it says so itself, with its own code, whoever waits', async () => {
      const program = `
        spawn(() => silent.receive());
        await run(async () => { await sleep(1); process.exit(4); });
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, code: 4 });
    });

    it('is kept by a sleeper, until it has slept', async () => {
      const program = `
        spawn(async () => { await sleep(50); console.log('slept'); });
        spawn(async () => { await after(20).receive(); console.log('after'); });
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: 'after\nslept\n' });
    });

    it('does not wait for daemons, with run or without', async () => {
      const daemon = `new Tasklet(() => silent.receive(), { daemon: true }).start();`;
      expect(await ends(daemon)).to.deep.equal(clean);
      expect(await ends(`await run(() => { ${daemon} });`)).to.deep.equal(clean);
    });
  });

  describe('[INV-42] in a deadlock', () => {
    const cycle = `
      const [a, b] = [new Channel({ name: 'a' }), new Channel({ name: 'b' })];
      const work = (name, mine, other) => new Tasklet(async () => {
        try {
          await mine.receive();
          await other.send(name);
        } finally {
          await sleep(1);
          console.log(name, 'cleaned');
        }
      }, { name }).start();
    `;

    it('without run writes a report that names all, lets them clean up, and ends with 1', async () => {
      const { code, stdout, stderr } = await ends(`${cycle} work('first', a, b); work('second', b, a);`);
      expect([code, stdout]).to.deep.equal([1, 'first cleaned\nsecond cleaned\n']);
      expect(stderr).to.match(/^deadlock: 2 tasklets wait/);
      expect(stderr).to.match(/first \(#\d+\): receive on channel 'a', for \d+ ms/);
      expect(stderr).to.match(/second \(#\d+\): receive on channel 'b', for \d+ ms/);
      expect(stderr.trim().split('\n')).to.have.length(3);
    });

    it('with run rejects it; unheard, that ends the program with 1 and the same report', async () => {
      const program = `
        ${cycle}
        await run(async function main() { await Promise.all([work('first', a, b).join(), work('second', b, a).join()]); });
      `;
      const { code, stdout, stderr } = await ends(program);
      expect([code, stdout]).to.deep.equal([1, 'first cleaned\nsecond cleaned\n']);
      expect(count(stderr, 'DeadlockError: deadlock: 3 tasklets wait')).to.equal(1);
      for (const line of [
        'first (#',
        'second (#',
        'main (#',
        "receive on channel 'a'",
        "receive on channel 'b'",
      ]) {
        expect(stderr).to.include(line);
      }
    });

    it('ends with the code that the program has set', async () => {
      const { code, stderr } = await ends('process.exitCode = 3; spawn(() => silent.receive());');
      expect(code).to.equal(3);
      expect(stderr).to.match(/^deadlock: a tasklet waits/);
    });

    it('heard, that is an error like any other, and the program goes on', async () => {
      const program = `
        try {
          await run(() => silent.receive());
        } catch ({ code, tasklets: [{ name, blockedOn }] }) {
          console.log(code, name, blockedOn);
        }
        console.log(await run(() => 'again'));
      `;
      const stdout = "ERR_DEADLOCK main receive on channel 'silent'\nagain\n";
      expect(await ends(program)).to.deep.equal({ ...clean, stdout });
    });

    it('with oneself, with a join, and with what is foreign and never comes', async () => {
      for (const [body, words] of [
        [
          'const me = new Channel({ name: "me" }); await me.send(1); await me.receive();',
          "send on channel 'me'",
        ],
        ['await spawn(function other() { return silent.receive(); }).join();', "join tasklet 'other'"],
        ['await select({ a: silent.receiving(), b: silent.sending(1) });', 'select: '],
        ['current().pause(); await schedule();', 'paused'],
        ['await wait(new Promise(() => {}));', 'wait for a promise'],
        ['await new Promise(() => {});', 'something it awaits that is not ours'],
      ] as const) {
        const { code, stderr } = await ends(`spawn(async function stuck() { ${body} });`);
        expect(code, body).to.equal(1);
        expect(stderr).to.include('deadlock: ').and.include('stuck').and.include(words);
      }
    });

    it('is none while something of the world may still come', async () => {
      const program = `
        setTimeout(() => silent.post('from outside'), 50);
        console.log(await run(() => silent.receive()));
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: 'from outside\n' });
    });

    it('is not silent either where there is no tasklet at all', async () => {
      const { code } = await ends('await silent.receive();');
      expect(code).to.equal(13);
    });
  });

  describe('[INV-48] in which a tasklet crashes', () => {
    const crash = (thrown: string): string =>
      `spawn(async function crasher() { await schedule(); throw ${thrown}; });`;

    it('ends with a code that is not 0, and says why once', async () => {
      for (const program of [
        crash('new Error("bo" + "om")'),
        `await run(() => { ${crash('new Error("bo" + "om")')} });`,
      ]) {
        const { code, stderr } = await ends(program);
        expect([code, count(stderr, 'boom')], program).to.deep.equal([1, 1]);
        expect(stderr).to.include('crasher');
      }
    });

    /** What defends itself against being looked at, or is no error at all. */
    const hostile = [
      'undefined',
      'null',
      '0',
      '"text"',
      'Symbol("text")',
      'Object.create(null)',
      'Object.freeze(new Error("x"))',
      'Object.setPrototypeOf(new Error("x"), null)',
      '(() => { const error = new Error("x"); error.cause = error; return error; })()',
      'Object.defineProperty(new Error("x"), "stack", { get() { throw 1; } })',
      'Object.assign(new Error(), { stack: Symbol("text") })',
      'new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, has() { throw 3; } })',
      '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()',
    ];

    it('whatever it throws', async () => {
      const programs = hostile.flatMap((thrown) => [crash(thrown), `await run(() => { ${crash(thrown)} });`]);
      const check = async (program: string): Promise<void> => {
        const { code, stderr } = await ends(program);
        expect(code, `${program}\n${stderr}`).to.be.a('number').and.not.equal(0);
        expect(stderr, program).to.not.equal('');
      };
      for (const program of programs) await check(program);
    });

    it('hands the very thing on, whatever it is, to whoever hears of it', async () => {
      const program = `
        const things = [${hostile.join()}];
        const heard = [];
        process.on('uncaughtException', (error) => heard.push(error));
        process.on('unhandledRejection', (error) => console.log('nobody heard'));
        for (const [i, wrong] of things.entries()) {
          const fail = async () => { await schedule(); throw wrong; };
          const got = [];
          const hear = (error) => { got.push(error); };
          await run(fail).catch(hear);
          await run(() => { spawn(fail); return sleep(60_000); }).catch(hear);
          await run(() => spawn(fail).join()).catch(hear);
          const alone = spawn(fail);
          while (alone.alive) await new Promise(setImmediate);
          await new Promise(setImmediate);
          got.push(heard.pop());
          if (got.length !== 4 || !got.every((error) => Object.is(error, wrong))) console.log('lost', i);
        }
        console.log('over', defaultScheduler.tasklets().length);
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: 'over 0\n' });
    });

    it('says what else failed while it was being ended, whatever it is, and comes to its end', async () => {
      const program = `
        const things = [${hostile.join()}, new Error('bo' + 'om')];
        await run(async () => {
          for (const wrong of things) {
            spawn(async () => { try { await sleep(60_000); } finally { throw wrong; } });
          }
          await schedule();
          throw new Error('the first');
        }).catch(({ message }) => console.log(message));
      `;
      const { code, stdout, stderr } = await ends(program);
      expect([code, stdout]).to.deep.equal([1, 'the first\n']);
      expect(count(stderr, 'also failed while the program was being ended: ')).to.equal(hostile.length + 1);
      expect(count(stderr, 'Error: boom')).to.equal(1);
    });

    it('although unhandled rejections are to be ignored', async () => {
      const { code, stderr } = await ends(crash('new Error("bo" + "om")'), '--unhandled-rejections=none');
      expect([code, count(stderr, 'boom')]).to.deep.equal([1, 1]);
    });

    it('hands the very object to a handler, once', async () => {
      const program = `
        const wrong = Object.freeze(new Error('x'));
        process.on('uncaughtException', (error) => console.log('uncaught', error === wrong));
        process.on('unhandledRejection', (error) => console.log('unhandled', error === wrong));
        ${crash('wrong')}
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: 'uncaught true\n' });
      const { stdout } = await ends(program.replace(crash('wrong'), `run(() => { ${crash('wrong')} });`));
      expect(stdout).to.equal('unhandled true\n');
    });

    it('of which somebody is told in time says nothing', async () => {
      const program = `
        const failing = spawn(async () => { throw new Error('x'); });
        await failing.join().catch(() => {});
        await run(async () => {
          const late = spawn(async () => { throw new Error('y'); });
          await schedule();
          await late.join().catch(() => {});
          const selected = spawn(async () => { await sleep(1); throw new Error('z'); });
          await select({ a: selected.joining() }).catch(() => {});
        });
      `;
      expect(await ends(program)).to.deep.equal(clean);
    });

    it('says so although its join was given up before', async () => {
      const program = `
        const failing = spawn(async () => { await sleep(20); throw new Error('bo' + 'om'); });
        await failing.join({ timeout: 1 }).catch(() => {});
      `;
      const { code, stderr } = await ends(program);
      expect([code, count(stderr, 'boom')]).to.deep.equal([1, 1]);
    });
  });

  describe('[INV-49] says nothing and ends with 0', () => {
    it('after kills of all kinds', async () => {
      const program = `
        const line = new Channel();
        const bodies = [
          () => silent.receive(),
          () => line.send(1),
          () => select({ a: silent.receiving(), b: line.sending(1) }),
          () => sleep(60_000),
          () => schedule(),
          () => wait(new Promise((_, reject) => setTimeout(reject, 5, new Error('late')))),
          () => wait(async (signal) => { await sleep(5); signal.throwIfAborted(); }),
          () => Promise.all([silent.receive(), silent.receive(), sleep(60_000)]),
          async () => { const forgotten = silent.receive(); await sleep(60_000); await forgotten; },
          async () => { try { await sleep(60_000); } finally { await sleep(1); } },
          () => timeout(60_000, () => silent.receive()),
        ];
        await run(async () => {
          for (const turns of [0, 1, 2]) {
            const victims = bodies.map((body) => spawn(body));
            for (let i = 0; i < turns; i++) await schedule();
            for (const victim of victims) victim.kill({ reason: new Error('enough') });
            await sleep(10);
          }
        });
      `;
      expect(await ends(program)).to.deep.equal(clean);
    });

    it('after waits that were given up or lost, and errors that were caught', async () => {
      const program = `
        const controller = new AbortController();
        const { signal } = controller;
        setTimeout(() => controller.abort(), 20);
        await run(async () => {
          for (let i = 0; i < 20; i++) spawn(() => silent.receive({ signal }).catch(() => {}));
          await silent.receive({ timeout: 1 }).catch(() => {});
          await select({ a: silent.receiving(), late: after(1).receiving() });
          await timeout(1, () => Promise.all([silent.receive(), silent.receive()])).catch(() => {});
          await wait(Promise.reject(new Error('x'))).catch(() => {});
          const ended = new Channel();
          ended.close(new Error('y'));
          await ended.receive().catch(() => {});
          const failing = spawn(() => { throw new Error('z'); });
          await failing.join().catch(() => {});
          for (let i = 0; i < 20; i++) spawn(() => wait(new Promise(() => {}), { signal }).catch(() => {}));
        });
      `;
      expect(await ends(program)).to.deep.equal(clean);
    });
  });

  describe('that gets a signal', () => {
    const worker = `
      spawn(async () => {
        try {
          await sleep(60_000);
        } finally {
          console.log('cleaning');
          await sleep(WAIT);
          console.log('cleaned');
        }
      });
      await schedule();
      console.log('ready');
    `;
    const quick = worker.replace('WAIT', '1');
    /** The program that the page about this tells people to write. */
    const page = readFileSync(path.join(root, 'docs', 'verification.md'), 'utf8');
    const listener = /^```ts\n(const ender = .*?)^```$/ms.exec(page)?.[1] ?? 'it is gone';
    const withEvents = (program: string): string =>
      `import { events } from 'evergreen-tasklets/io'; ${program}`;

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      describe(signal, () => {
        const status = signal === 'SIGINT' ? 130 : 143;

        it('and does not listen is ended by it at once, as Node does it', async () => {
          expect(await signalled(quick, signal)).to.deep.equal({
            code: signal,
            stdout: 'ready\n',
            stderr: '',
          });
          const inRun = `await run(async () => { ${quick} });`;
          expect(await signalled(inRun, signal)).to.deep.equal({
            code: signal,
            stdout: 'ready\n',
            stderr: '',
          });
        });

        it('and listens may clean up, and say how it ended', async () => {
          for (const program of [
            `${listener} ${quick}`,
            `await run(async () => { ${listener} ${quick} });`,
          ]) {
            const end = { code: status, stdout: 'ready\ncleaning\ncleaned\n', stderr: '' };
            expect(await signalled(withEvents(program), signal)).to.deep.equal(end);
          }
        });

        it('a second time is ended by that, though it is cleaning up', async () => {
          const program = `${listener} ${worker.replace('WAIT', '60_000')}`;
          const end = { code: signal, stdout: 'ready\ncleaning\n', stderr: '' };
          expect(await signalled(withEvents(program), signal, signal)).to.deep.equal(end);
        });
      });
    }

    it('is not kept by listening to one, nor is a deadlock hidden', async () => {
      expect(await ends(withEvents(listener))).to.deep.equal(clean);
      expect(await ends(withEvents(`await run(async () => { ${listener} await sleep(1); });`))).to.deep.equal(
        clean,
      );
      const { code, stderr } = await ends(
        withEvents(`${listener} spawn(function stuck() { return silent.receive(); });`),
      );
      expect(code).to.equal(1);
      expect(stderr)
        .to.match(/^deadlock: a tasklet waits/)
        .and.include('stuck');
    });
  });

  describe('[INV-46] that is observed', () => {
    const work = `
      const line = new Channel({ name: 'line' });
      const work = async () => {
        const log = [];
        const sender = spawn(async () => { for (let i = 0; i < 3; i++) await line.send(i); line.close(); });
        for await (const value of line) log.push(value);
        await sleep(1);
        const victim = spawn(() => sleep(60_000));
        await schedule();
        victim.kill();
        log.push(await victim.join().catch(({ code }) => code));
        await sender.join();
        return log.join();
      };
    `;
    const said = '0,1,2,ERR_TASKLET_KILLED\n';

    it('by one that throws crashes as with any uncaught exception, once', async () => {
      const program = `
        ${work}
        observe({ switched() { throw new Error('bo' + 'om'); } });
        await run(work);
      `;
      const { code, stderr } = await ends(program);
      expect([code, count(stderr, 'boom')]).to.deep.equal([1, 1]);
    });

    it('by one that throws goes on where that is handled', async () => {
      const program = `
        ${work}
        const thrown = new Set();
        process.on('uncaughtException', (error) => thrown.add(error));
        const wrong = Object.freeze(new Error('x'));
        const stop = observe({ switched() { throw wrong; }, blocked() { throw undefined; }, woken() { throw null; } });
        console.log(await run(work));
        stop();
        console.log(thrown.size, thrown.has(wrong), defaultScheduler.tasklets().length);
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: `${said}3 true 0\n` });
    });

    it('by one that calls everything again changes nothing', async () => {
      const program = `
        ${work}
        const side = new Channel();
        let left = 200;
        const meddle = () => {
          // What it does is told to it as well.
          if (left-- <= 0) return;
          defaultScheduler.dump();
          defaultScheduler.tasklets().map(({ state, blockedOn }) => [state, blockedOn]);
          void side.trySend(1);
          void side.tryReceive();
          side.post(1);
          side.receive().catch(() => {});
          observe({ switched() {} })();
          spawn(() => schedule());
        };
        const stop = observe({ switched: meddle, blocked: meddle, woken: meddle });
        console.log(await run(work));
        stop();
        console.log(defaultScheduler.tasklets().length);
      `;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout: `${said}0\n` });
    });

    it('by one that kills whom it sees ends all the same', async () => {
      const program = `
        ${work}
        for (const event of ['switched', 'blocked', 'woken']) {
          const stop = observe({
            [event]: (one, other) => {
              for (const each of [one, other]) if (each instanceof Tasklet && each.name !== 'main') each.kill();
            },
          });
          const main = async function main() {
            const victims = [1, 2, 3].map(() => spawn(async () => { await sleep(1); await silent.receive(); }));
            const outcomes = [];
            for (const victim of victims) outcomes.push(await victim.join().catch(({ code }) => code));
            return outcomes.join();
          };
          console.log(event, await run(main));
          stop();
        }
        console.log(defaultScheduler.tasklets().length, await run(work));
      `;
      const killed = 'ERR_TASKLET_KILLED,ERR_TASKLET_KILLED,ERR_TASKLET_KILLED';
      const stdout = `switched ${killed}\nblocked ${killed}\nwoken ${killed}\n0 ${said}`;
      expect(await ends(program)).to.deep.equal({ ...clean, stdout });
    });
  });

  it('in which an await was forgotten is told of it, and what was forgotten is taken back', async () => {
    const program = `
      const line = new Channel({ name: 'line' });
      spawn(async function forgetful() { line.send('lost'); });
      spawn(async () => { await sleep(1); console.log(line.balance); });
    `;
    const { code, stdout, stderr } = await ends(program);
    expect(code).to.equal(1);
    expect(
      count(stderr, "AbandonedError: tasklet 'forgetful' ended without awaiting its send on channel 'line'"),
    ).to.equal(1);
    expect(stdout).to.equal('');
    const handled = await ends(
      `process.on('unhandledRejection', ({ code }) => console.log(code)); ${program}`,
    );
    expect(handled).to.deep.equal({ ...clean, stdout: 'ERR_ABANDONED\n0\n' });
  });

  it('[INV-47] needs no deep stack', async () => {
    const program = `
      const line = new Channel();
      await run(async () => {
        const pass = (n) => { if (n > 0) spawn(pass, n - 1); };
        spawn(pass, 50_000);
        const waiters = Array.from({ length: 20_000 }, () => spawn(() => line.next()));
        await schedule();
        line.close();
        for (const waiter of waiters) await waiter.join();
        const [ping, pong] = [new Channel(), new Channel()];
        spawn(async () => { for (let i = 0; i < 50_000; i++) await pong.send(await ping.receive()); });
        for (let i = 0; i < 50_000; i++) { await ping.send(i); await pong.receive(); }
        console.log('over');
      });
    `;
    expect(await ends(program, '--stack-size=200')).to.deep.equal({ ...clean, stdout: 'over\n' });
  });

  describe('[INV-44] that has the package', () => {
    let folder = '';
    before(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'evergreen-tasklets-'));
      cpSync(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
      writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    it('by require and by import has one instance of it', async () => {
      const file = path.join(root, 'dist', 'index.js');
      const program = path.join(folder, 'program.cjs');
      writeFileSync(
        program,
        `
          const required = require(${JSON.stringify(file)});
          import(${JSON.stringify(pathToFileURL(file).href)}).then(async (imported) => {
            console.log(Object.keys(required).every((key) => required[key] === imported[key]));
            const line = new required.Channel();
            console.log(await imported.run(() => {
              required.spawn(() => line.send('hello'));
              return line.receive();
            }));
          });
        `,
      );
      expect(await ending([program])).to.deep.equal({ ...clean, stdout: 'true\nhello\n' });
    });

    it('twice keeps the two apart, and each sees the other as the world outside', async () => {
      const other = pathToFileURL(path.join(folder, 'dist', 'index.js')).href;
      const program = `
        import * as other from ${JSON.stringify(other)};
        console.log(other.Channel === Channel);
        const log = [];
        const busy = (kit, name) => kit.run(async () => {
          const line = new kit.Channel();
          const local = new kit.Local('');
          const workers = [1, 2].map((n) => kit.spawn(async () => {
            local.set(name + n);
            for (let i = 0; i < 200; i++) {
              await kit.schedule();
              if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
              if (kit.current()?.parent === undefined || local.get() !== name + n) log.push('lost ' + name + n);
            }
            await line.send(name + n);
          }));
          return [await line.receive(), await line.receive()].sort().join();
        });
        console.log(await Promise.all([busy({ ...await import('evergreen-tasklets') }, 'a'), busy(other, 'b')]));
        console.log(log.length);
        // A tasklet of one may wait at a channel of the other.
        const bridge = new other.Channel();
        console.log(await run(async () => {
          const me = current();
          const mine = spawn(() => bridge.receive());
          await schedule();
          other.spawn(() => bridge.send('over the bridge'));
          const value = await mine.join();
          return [value, current() === me, other.current()];
        }));
        // And the foreign promise of one can be waited for, killed, timed out by the other.
        console.log(await run(() => wait(bridge.receive(), { timeout: 5 }).catch(({ code }) => code)));
      `;
      const { code, stdout, stderr } = await ends(program);
      expect(stdout.trim().split('\n')).to.deep.equal([
        'false',
        "[ 'a1,a2', 'b1,b2' ]",
        '0',
        "[ 'over the bridge', true, undefined ]",
        'ERR_TIMEOUT',
      ]);
      expect([code, stderr]).to.deep.equal([0, '']);
    });

    it('twice hears of the deadlocks and crashes of both', async () => {
      const other = pathToFileURL(path.join(folder, 'dist', 'index.js')).href;
      const both = (program: string): string => `import * as other from ${JSON.stringify(other)}; ${program}`;
      const stuck = await ends(
        both(
          'spawn(() => silent.receive()); other.spawn(() => new other.Channel({ name: "far" }).receive());',
        ),
      );
      expect([stuck.code, count(stuck.stderr, 'deadlock: a tasklet waits')]).to.deep.equal([1, 2]);
      expect(stuck.stderr).to.include("channel 'silent'").and.include("channel 'far'");
      const crashed = await ends(
        both('await run(() => other.run(() => { other.spawn(() => { throw new Error("bo" + "om"); }); }));'),
      );
      expect([crashed.code, count(crashed.stderr, 'Error: boom')]).to.deep.equal([1, 1]);
    });
  });

  describe('whose Object.prototype', () => {
    const program = `
      const { TaskGroup, Local, Scheduler, DeadlockError, Queue, Lock, Condition, retry } =
        await import('evergreen-tasklets');
      const { TaskletPoolExecutor } = await import('evergreen-tasklets/futures');
      const { pipeline, map, collect } = await import('evergreen-tasklets/pipeline');
      const { VirtualClock } = await import('evergreen-tasklets/testing');
      const { call, events } = await import('evergreen-tasklets/io');
      const { EventEmitter } = await import('node:events');
      // Node itself makes its streams from options, when they are first used.
      void [process.stdout, process.stderr];
      MEDDLE
      const line = new Channel({ name: 'line' });
      console.log(await run(async () => {
        const log = [];
        spawn(() => line.sendAll(['a', 'b', 'c']));
        log.push(await line.receive(), await line.receive({}), (await select({ line: line.receiving() })).value);
        log.push(await line.receive({ timeout: 1 }).catch(({ code }) => code));
        const controller = new AbortController();
        setImmediate(() => controller.abort('aborted'));
        log.push(await line.receive({ signal: controller.signal }).catch(String));
        log.push(await timeout(1, () => line.receive()).catch(({ code }) => code));
        log.push((await select({ line: line.receiving(), default: 'none' })).value);
        const victim = spawn(() => sleep(60_000));
        await schedule();
        victim.kill();
        log.push(await victim.join().catch(({ code }) => code));
        await TaskGroup.run((group) => void group.spawn(() => schedule()));
        const local = new Local(1);
        local.set(2);
        log.push(local.get(), current().name, new Tasklet(function named() {}).name);
        log.push(await call((back) => back(null, 'called')));
        const emitter = new EventEmitter();
        using inbox = events(emitter, 'x', { limit: 5 });
        emitter.emit('x', 1);
        log.push((await inbox.receive()).args[0]);
        const queue = new Queue({ maxSize: 1 });
        spawn(() => queue.put('queued'));
        log.push(await queue.get(), await new Lock().with(() => 'locked'));
        const condition = new Condition();
        log.push(await condition.with(() => condition.wait({ timeout: 1 })).catch(({ code }) => code));
        const pool = new TaskletPoolExecutor({ size: 2 });
        for await (const value of pool.map(['x', 'y'], (text) => text + text)) log.push(value);
        await pool.shutdown();
        log.push(...(await pipeline([1, 2], map((n) => 10 * n, { concurrency: 2 }), collect())));
        let tries = 0;
        log.push(await retry(() => { if (tries++ < 2) throw 1; return 'tried'; }, { attempts: 3, delay: 1 }));
        return log.join();
      }, { scheduler: new Scheduler({ clock: new VirtualClock() }) }));
      console.log(defaultScheduler.dump());
    `.replace('using inbox', 'const inbox');
    const said =
      'a,b,c,ERR_TIMEOUT,aborted,ERR_TIMEOUT,none,ERR_TASKLET_KILLED,2,main,named,called,1,queued,locked,' +
      'ERR_TIMEOUT,xx,yy,10,20,tried\nno tasklets\n';

    it('is as it is, works', async () => {
      expect(await ends(program.replace('MEDDLE', ''))).to.deep.equal({ ...clean, stdout: said });
    });

    /** The names of all our options, wherever they are read. */
    function optionNames(): string[] {
      const names = new Set(['default', 'done', 'value2', 'kind']);
      for (const file of readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' })) {
        if (!file.endsWith('.ts')) continue;
        const source = readFileSync(path.join(root, 'lib', file), 'utf8');
        for (const [, list = ''] of source.matchAll(/\breadOptions\([^;[]*\[([^\]]*)\]/g)) {
          for (const [, name = ''] of list.matchAll(/'(\w+)'/g)) names.add(name);
        }
      }
      return [...names];
    }

    it('is polluted with the names of our options, reads own options only', async () => {
      const names = optionNames();
      expect(names).to.include.members([
        'timeout',
        'signal',
        'overflow',
        'maxSize',
        'concurrency',
        'attempts',
      ]);
      const meddle = `for (const name of ${JSON.stringify(names)}) Object.prototype[name] = 'polluted';`;
      expect(await ends(program.replace('MEDDLE', meddle))).to.deep.equal({ ...clean, stdout: said });
    });

    it('has getters of those names that throw, asks none of them', async () => {
      const meddle = `
        for (const name of ${JSON.stringify(optionNames())}) {
          Object.defineProperty(Object.prototype, name, {
            get() { throw new Error(name + ' was asked'); },
            set(value) { Object.defineProperty(this, name, { value, writable: true, configurable: true }); },
          });
        }
      `;
      expect(await ends(program.replace('MEDDLE', meddle))).to.deep.equal({ ...clean, stdout: said });
    });

    it('is frozen, and every other intrinsic with it, works', async () => {
      const meddle = `
        for (const it of [Object, Function, Array, Map, Set, WeakMap, Promise, Error, TypeError, Symbol, String]) {
          Object.freeze(it.prototype);
          Object.freeze(it);
        }
      `;
      expect(await ends(program.replace('MEDDLE', meddle))).to.deep.equal({ ...clean, stdout: said });
    });
  });
});
