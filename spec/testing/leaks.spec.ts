import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import {
  Channel,
  Scheduler,
  Tasklet,
  defaultScheduler,
  idle,
  run,
  schedule,
  spawn,
} from '../../lib/index.js';
import { ERRAND, Waiter } from '../../lib/kernel/waiter.js';
import { leaks, VirtualClock } from '../../lib/testing/index.js';
import { mochaHooks } from '../../lib/testing/mocha.js';
import { rejection } from '../support/rejection.js';

describe('leaks', () => {
  it('finds nothing after a program that has ended', async () => {
    await run(async () => {
      const line = new Channel<number>();
      spawn(() => line.send(1, { timeout: 1000, signal: new AbortController().signal }));
      await line.receive();
    });
    expect(leaks()).to.deep.equal([]);
  });

  it('finds who is asleep, and what for', async () => {
    const silent = new Channel<never>({ name: 'silent' });
    const sleeper = spawn(function sleeper() {
      return silent.receive();
    });
    await idle();
    expect(leaks()).to.deep.equal(["tasklet 'sleeper' waits: receive on channel 'silent'"]);
    sleeper.kill();
    await rejection(sleeper.join());
    expect(leaks()).to.deep.equal([]);
  });

  it('finds a timer, and a signal that is listened to', async () => {
    const silent = new Channel<never>();
    const controller = new AbortController();
    const waiting = rejection(silent.receive({ timeout: 60_000, signal: controller.signal }));
    expect(leaks()).to.deep.equal(['a timer is set', 'an abort signal is listened to']);
    controller.abort();
    await waiting;
    expect(leaks()).to.deep.equal([]);
  });

  it('finds a door that is open', async () => {
    const server = await new Promise<Server>((resolve) => {
      const made = createServer().listen(0, '127.0.0.1', () => resolve(made));
    });
    expect(leaks()).to.deep.equal(['a door is open: TCPServerWrap']);
    await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(leaks()).to.deep.equal([]);
  });

  it('counts the doors of a kind', async () => {
    const open = (): Promise<Server> =>
      new Promise((resolve) => {
        const made = createServer().listen(0, '127.0.0.1', () => resolve(made));
      });
    const servers = [await open(), await open()];
    expect(leaks()).to.deep.equal(['2 doors are open: TCPServerWrap']);
    for (const server of servers) await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(leaks()).to.deep.equal([]);
  });

  it('finds who is busy, whether it has the turn or not, and who only stands in the ring', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    let over = false;
    const seen: string[][] = [];
    const busy = new Tasklet(
      async () => {
        seen.push(leaks({ scheduler }));
        while (!over) await schedule();
      },
      { name: 'busy', scheduler },
    ).start();
    seen.push(leaks({ scheduler }));
    await new Promise((resolve) => setImmediate(resolve));
    over = true;
    await busy.join();
    expect(seen).to.deep.equal([["tasklet 'busy' is runnable"], ["tasklet 'busy' is runnable"]]);
    // As the report of an error that nobody joins does.
    scheduler.wake(new Waiter(ERRAND, scheduler, { fire: () => seen.push(leaks({ scheduler })) }));
    expect(seen.at(-1)).to.deep.equal(['somebody is in the ring']);
    expect(leaks({ scheduler })).to.deep.equal([]);
  });

  it('looks at one scheduler', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock({ jump: false }) });
    const silent = new Channel<never>();
    const sleeper = new Tasklet(() => silent.receive({ timeout: 5 }), { name: 'sleeper', scheduler }).start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(leaks()).to.deep.equal([]);
    const [asleep, timer] = leaks({ scheduler });
    expect(asleep).to.contain("tasklet 'sleeper' waits: receive on channel");
    expect(timer).to.equal('a timer is set');
    sleeper.kill();
    await rejection(sleeper.join());
    expect(leaks({ scheduler })).to.deep.equal([]);
    expect(defaultScheduler.isIdle).to.equal(true);
  });

  it('refuses what it does not know', () => {
    expect(() => leaks({ when: 'now' } as object)).to.throw(TypeError);
  });
});

describe('mochaHooks', () => {
  it('clear away what a test has left, and not what was there before', async () => {
    const silent = new Channel<never>();
    const server = spawn(() => silent.receive());
    await idle();
    mochaHooks.beforeEach();
    const left = spawn(() => silent.receive());
    await idle();
    const currentTest = { fullTitle: () => 'it', isPassed: () => false };
    await mochaHooks.afterEach.call({ currentTest });
    expect([server.state, left.state]).to.deep.equal(['blocked', 'killed']);
    server.kill();
    await rejection(server.join());
  });
});
