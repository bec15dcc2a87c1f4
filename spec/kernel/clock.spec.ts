import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Clock, type Time, type Timer } from '../../lib/kernel/clock.js';
import { deferred } from '../support/deferred.js';

/** A time that stands still, and says when it was asked to wake. */
class Still implements Time {
  time = 0;
  asked: (number | undefined)[] = [];
  tick: () => void = () => {};

  now(): number {
    return this.time;
  }

  wakeAt(due: number | undefined, tick: () => void): void {
    this.asked.push(due);
    this.tick = tick;
  }

  /** The platform's timer fires at `time`. */
  moveTo(time: number): void {
    this.time = time;
    this.tick();
  }
}

function timer(fire: () => void): Timer {
  return { due: 0, order: 0, place: -1, fire };
}

/** Numbers that look like chance and are the same each time. */
function* chance(): Generator<number, never> {
  for (let seed = 1; ; seed = (seed * 48_271) % 2_147_483_647) yield seed;
}

describe('Clock', () => {
  it('fires what is due, by time and then by when it was set', () => {
    const time = new Still();
    const clock = new Clock(time);
    const log: string[] = [];
    for (const [name, delay] of [
      ['b1', 20],
      ['a1', 10],
      ['b2', 20],
      ['c', 30],
      ['a2', 10],
    ] as const) {
      clock.set(
        timer(() => log.push(name)),
        delay,
      );
    }
    expect(clock.next).to.equal(10);
    time.moveTo(9.99);
    expect(log).to.deep.equal([]);
    time.moveTo(20);
    expect(log).to.deep.equal(['a1', 'a2', 'b1', 'b2']);
    time.moveTo(1000);
    expect(log.at(-1)).to.equal('c');
    expect(clock.next).to.equal(undefined);
  });

  it('keeps its order through thousands of settings and cancellations', () => {
    const time = new Still();
    const clock = new Clock(time);
    const fired: Timer[] = [];
    const random = chance();
    const set = new Set<Timer>();
    for (let i = 0; i < 5000; i++) {
      const made = timer(() => fired.push(made));
      clock.setAt(made, random.next().value % 500);
      set.add(made);
      if (i % 3 === 0) {
        const victim = [...set][random.next().value % set.size]!;
        clock.cancel(victim);
        set.delete(victim);
        expect(victim.place).to.equal(-1);
      }
    }
    time.moveTo(500);
    const expected = [...set].sort((a, b) => a.due - b.due || a.order - b.order);
    expect(fired.length).to.equal(expected.length);
    expect(fired.every((made, i) => made === expected[i])).to.equal(true);
    expect(clock.next).to.equal(undefined);
  });

  it('leaves a timer alone that is not set', () => {
    const time = new Still();
    const clock = new Clock(time);
    const made = timer(() => {});
    clock.cancel(made);
    clock.set(made, 5);
    clock.cancel(made);
    clock.cancel(made);
    expect(clock.next).to.equal(undefined);
    // Asked once, and told once that it is over.
    expect(time.asked).to.deep.equal([5, undefined]);
  });

  it('asks to be woken for the earliest only', () => {
    const time = new Still();
    const clock = new Clock(time);
    const [late, early] = [timer(() => {}), timer(() => {})];
    clock.set(late, 20);
    clock.set(early, 10);
    clock.set(
      timer(() => {}),
      30,
    );
    expect(time.asked).to.deep.equal([20, 10]);
    time.moveTo(10);
    expect(time.asked.at(-1)).to.equal(20);
  });

  it('lets a timer that fires set and cancel others', () => {
    const time = new Still();
    const clock = new Clock(time);
    const log: string[] = [];
    const victim = timer(() => log.push('victim'));
    const again = timer(() => {
      log.push('again');
      if (log.length < 4) clock.set(again, 0);
    });
    clock.set(
      timer(() => {
        log.push('first');
        clock.cancel(victim);
        clock.set(again, 0);
      }),
      10,
    );
    clock.set(victim, 10);
    time.moveTo(10);
    expect(log).to.deep.equal(['first', 'again', 'again', 'again']);
    expect(clock.next).to.equal(undefined);
  });

  it('forgets all timers when it is cleared', () => {
    const time = new Still();
    const clock = new Clock(time);
    const made = [1, 2, 3].map((delay) => {
      const one = timer(() => expect.fail());
      clock.set(one, delay);
      return one;
    });
    clock.clear();
    expect(clock.next).to.equal(undefined);
    expect(made.map(({ place }) => place)).to.deep.equal([-1, -1, -1]);
    time.moveTo(10);
    expect(time.asked.at(-1)).to.equal(undefined);
  });

  it('counts the milliseconds of its time', () => {
    const time = new Still();
    const clock = new Clock(time);
    time.time = 7.5;
    expect(clock.now()).to.equal(7.5);
    clock.set(
      timer(() => {}),
      0.25,
    );
    expect(clock.next).to.equal(7.75);
  });

  it('says in whole milliseconds how long it is until then, from 0', () => {
    const time = new Still();
    const clock = new Clock(time);
    const due = clock.now() + 300;
    expect(clock.left(due)).to.equal(300);
    // A moment later there are as many as were asked for, and not 299.6.
    time.time = 0.4;
    expect(clock.left(due)).to.equal(300);
    time.time = 299.5;
    expect(clock.left(due)).to.equal(1);
    time.time = 301;
    expect(clock.left(due)).to.equal(0);
    expect(clock.left(Infinity)).to.equal(Infinity);
  });
});

describe('the real time', () => {
  it('[INV-29] is never early', async () => {
    const clock = new Clock();
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const done = deferred();
        const due = clock.now() + (i % 10) + 0.3;
        clock.setAt(
          timer(() => {
            if (clock.now() < due) early.push(due);
            done.resolve();
          }),
          due,
        );
        return done.promise;
      }),
    );
    expect(early).to.deep.equal([]);
  });

  it('[INV-28] waits for what the platform can not count, and asks it for no more than it can', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): number => warnings.push(warning);
    process.on('warning', hear);
    let fired = 0;
    const far = [2 ** 31 - 1, 2 ** 31, 2 ** 40, Number.MAX_VALUE].map((delay) => {
      const clock = new Clock();
      const one = timer(() => fired++);
      clock.set(one, delay);
      return { clock, one };
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const { clock, one } of far) clock.cancel(one);
    process.off('warning', hear);
    expect([fired, warnings]).to.deep.equal([0, []]);
  });

  it('takes an earlier one in between', async () => {
    const clock = new Clock();
    const log: string[] = [];
    const done = deferred();
    const far = timer(() => log.push('far'));
    clock.set(far, 60_000);
    clock.set(
      timer(() => {
        log.push('near');
        done.resolve();
      }),
      1,
    );
    await done.promise;
    clock.cancel(far);
    // What was cancelled is still held by the platform, and is no hindrance to the next.
    const again = deferred();
    clock.set(timer(again.resolve), 1);
    await again.promise;
    expect(log).to.deep.equal(['near']);
  });

  describe('keeps a program alive', () => {
    const root = path.join(__dirname, '..', '..');
    const program = async (body: string): Promise<string> => {
      const code = `import { after, Channel, run, select, sleep, spawn } from 'evergreen-tasklets';\n${body}`;
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '--eval', code],
        { cwd: root, timeout: 20_000 },
      );
      return stdout.trim();
    };

    it('[INV-32] [INV-83] only while somebody waits: each outcome lets its timer go', async () => {
      const said = await program(`
        const hour = 3_600_000;
        const channel = new Channel();
        const { signal } = new AbortController();
        await run(async () => {
          spawn(() => channel.send(1));
          await channel.receive({ timeout: hour, signal });
          const victim = spawn(() => sleep(hour));
          const other = spawn(() => channel.receive({ timeout: hour }));
          const loser = spawn(() => select({ late: after(hour).receiving(), it: channel.receiving() }));
          await sleep(1);
          victim.kill();
          await channel.send(1);
          await channel.send(1);
          await loser.join();
          after(hour);
        });
        console.log('done');
      `);
      expect(said).to.equal('done');
    }).timeout(30_000);

    it('while somebody sleeps', async () => {
      expect(await program(`spawn(async () => { await sleep(50); console.log('slept'); });`)).to.equal(
        'slept',
      );
    }).timeout(30_000);
  });
});
