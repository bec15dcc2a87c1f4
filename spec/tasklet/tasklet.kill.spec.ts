import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import {
  Channel,
  current,
  idle,
  run,
  schedule,
  Scheduler,
  select,
  shield,
  shutdown,
  ShutdownError,
  sleep,
  spawn,
  Tasklet,
  TaskletExit,
  TaskletKilledError,
  wait,
  type KillOptions,
} from '../../lib/index.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Tasklet · kill', () => {
  it('raises TaskletExit at the wait, and ends the tasklet silently', () =>
    simulate(async () => {
      const log: unknown[] = [];
      const tasklet = spawn(async () => {
        try {
          await sleep(1000);
        } catch (error) {
          log.push(error);
          throw error;
        }
      });
      await schedule();
      tasklet.kill();
      expect(tasklet.state).to.equal('runnable');
      await schedule();
      expect(tasklet.state).to.equal('killed');
      expect(log).to.have.length(1);
      expect(log[0]).to.be.instanceOf(TaskletExit).and.include({ code: 'ERR_TASKLET_EXIT' });
      expect(log[0]).to.not.have.property('cause');
    }));

  it('gives its reason as the cause, at the wait and to who joins', () =>
    simulate(async () => {
      const reason = { why: 'enough' };
      const tasklet = spawn(async () => {
        const raised = await rejection(sleep(1000));
        expect(raised).to.have.property('cause', reason);
        throw raised;
      });
      await schedule();
      tasklet.kill({ reason });
      expect(await rejection(tasklet.join())).to.have.property('cause', reason);
    }));

  describe('where it finds it', () => {
    for (const place of [0, 1, 2]) {
      it(`[INV-18] leaves the queue of receivers at once, place ${place} of 3, and takes no value`, () =>
        simulate(async () => {
          const line = new Channel<string>();
          const log: string[] = [];
          const receivers = ['a', 'b', 'c'].map((name) =>
            spawn(async () => log.push(name + (await line.receive()))),
          );
          await schedule();
          receivers[place]!.kill();
          expect(line.balance).to.equal(-2);
          await line.send('1');
          await line.send('2');
          expect(line.trySend('3')).to.equal(false);
          await schedule();
          expect(log).to.deep.equal(
            ['a', 'b', 'c'].filter((_, i) => i !== place).map((name, i) => `${name}${i + 1}`),
          );
        }));

      it(`[INV-18] leaves the queue of senders at once, place ${place} of 3, and its value is never received`, () =>
        simulate(async () => {
          const line = new Channel<string>();
          const senders = ['a', 'b', 'c'].map((value) => spawn(() => line.send(value)));
          await schedule();
          senders[place]!.kill();
          expect(line.balance).to.equal(2);
          const got = [await line.receive(), await line.receive()];
          expect(got).to.deep.equal(['a', 'b', 'c'].filter((_, i) => i !== place));
          expect(line.tryReceive()).to.equal(undefined);
        }));
    }

    it('[INV-11] leaves every queue of a select', () =>
      simulate(async () => {
        const a = new Channel<string>();
        const b = new Channel<string>();
        const tasklet = spawn(() => select({ a: a.receiving(), b: b.sending('b'), again: a.receiving() }));
        await schedule();
        expect([a.balance, b.balance]).to.deep.equal([-2, 1]);
        tasklet.kill();
        expect([a.balance, b.balance]).to.deep.equal([0, 0]);
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
      }));

    it('[INV-32] leaves no timer', () =>
      simulate(async ({ clock }) => {
        const line = new Channel<string>();
        const tasklets = [spawn(() => sleep(1000)), spawn(() => line.receive({ timeout: 1000 }))];
        await schedule();
        for (const tasklet of tasklets) tasklet.kill();
        expect(clock.next).to.equal(undefined);
        await schedule();
      }));

    it('[INV-31] leaves no listener on a signal', () =>
      simulate(async () => {
        const { signal } = new AbortController();
        const line = new Channel<string>();
        const tasklets = [1, 2].map(() => spawn(() => line.receive({ signal })));
        await schedule();
        expect(getEventListeners(signal, 'abort')).to.have.length(1);
        for (const tasklet of tasklets) tasklet.kill();
        expect(getEventListeners(signal, 'abort')).to.have.length(0);
        await schedule();
      }));

    it('[INV-19] before its first turn: its function never runs', () =>
      simulate(async () => {
        const fresh = new Tasklet(() => expect.fail('it ran'));
        fresh.kill();
        expect(fresh.state).to.equal('killed');
        expect(fresh.start()).to.equal(fresh);
        const started = spawn(() => expect.fail('it ran'));
        started.kill();
        expect([started.state, started.alive]).to.deep.equal(['killed', false]);
        for (const tasklet of [fresh, started]) {
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        }
        await sleep(1);
      }));

    it('[INV-19] when its first turn has come but its function has not begun', async () => {
      // Nobody runs: it is given the turn within `spawn`, and begins in a microtask.
      const tasklet = spawn(() => expect.fail('it ran'));
      tasklet.kill();
      expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
      expect(tasklet.state).to.equal('killed');
    });

    it('in schedule: it is raised there, in its own turn', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = spawn(async () => {
          log.push('on');
          await schedule().catch((error: unknown) => {
            log.push((error as Error).name);
            throw error;
          });
        });
        await schedule();
        const other = spawn(() => log.push('other'));
        tasklet.kill();
        await other.join();
        expect(log).to.deep.equal(['on', 'TaskletExit', 'other']);
      }));

    it('in idle', () =>
      simulate(async () => {
        const tasklet = spawn(() => idle());
        await schedule();
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
      }));

    it('[INV-24] awaiting something foreign: comes at its next wait, however that settles', () =>
      simulate(async () => {
        for (const settle of ['resolve', 'reject'] as const) {
          const foreign = deferred<string>();
          const log: unknown[] = [];
          const tasklet = spawn(async () => {
            log.push(await foreign.promise.catch((error: unknown) => error));
            await schedule();
            log.push('not here');
          });
          await schedule();
          tasklet.kill();
          await schedule();
          expect(tasklet.state).to.equal('waiting');
          foreign[settle]('settled');
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
          expect(log).to.deep.equal(['settled']);
        }
      }));

    it('[INV-24] in wait: at once, the signal is aborted, and the promise may settle as it likes', () =>
      simulate(async () => {
        for (const settle of ['resolve', 'reject'] as const) {
          const foreign = deferred<unknown>();
          const signals: AbortSignal[] = [];
          const tasklet = spawn(() =>
            wait((signal) => {
              signals.push(signal);
              return foreign.promise;
            }),
          );
          await schedule();
          tasklet.kill();
          await schedule();
          expect([tasklet.state, signals[0]!.aborted]).to.deep.equal(['killed', true]);
          foreign[settle](new Error('late'));
          await schedule();
        }
      }));

    it('[INV-22] itself: goes on to its next wait, and ends there', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = spawn(async () => {
          current()!.kill();
          log.push('on');
          await Promise.resolve();
          log.push('still on');
          await sleep(1000);
          log.push('not here');
        });
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['on', 'still on']);
      }));

    it('on its way to the end: it ends as it would', () =>
      simulate(async () => {
        const tasklet = spawn(() => {
          current()!.kill();
          return 'value';
        });
        expect(await tasklet.join()).to.equal('value');
        expect(tasklet.state).to.equal('done');
      }));

    it('with several operations in flight: in all of them, and nothing is unhandled', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const log: string[] = [];
        const other = new Channel<string>();
        const bodies = [
          // Whichever it awaits: the one that was begun first, one of the others, or all.
          async () => {
            void line.receive();
            await other.send('never', { timeout: 1e6 });
          },
          async () => {
            const first = sleep(1000);
            void line.receive();
            await first;
          },
          () => Promise.all([line.receive(), other.send('never'), sleep(1000)]),
        ];
        for (const body of bodies) {
          const tasklet = spawn(async () => {
            try {
              await body();
            } finally {
              log.push('finally');
            }
          });
          await schedule();
          expect(line.balance).to.equal(-1);
          tasklet.kill();
          expect([line.balance, other.balance]).to.deep.equal([0, 0]);
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        }
        expect(log).to.deep.equal(['finally', 'finally', 'finally']);
      }));

    it('[INV-21] dead already: nothing happens, as often as one likes', () =>
      simulate(async () => {
        const done = spawn(() => 'value');
        await done.join();
        done.kill();
        done.kill({ grace: 0 });
        expect([done.state, await done.join()]).to.deep.equal(['done', 'value']);
      }));
  });

  describe('and a commit', () => {
    it('[INV-25] that came first: the receive returns its value, and the kill comes at the next wait', () =>
      simulate(async () => {
        const line = new Channel<string>({ preference: 'neither' });
        const log: string[] = [];
        const tasklet = spawn(async () => {
          log.push(await line.receive());
          await schedule();
          log.push('not here');
        });
        await schedule();
        await line.send('value');
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['value']);
      }));

    it('[INV-25] that came first: the send was done', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const log: string[] = [];
        const tasklet = spawn(async () => {
          await line.send('value');
          log.push('sent');
          await schedule();
          log.push('not here');
        });
        await schedule();
        expect(await line.receive()).to.equal('value');
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['sent']);
      }));

    it('[INV-25] [INV-49] that came first: an operation that is begun to be awaited later raises it, and so does the next', () =>
      simulate(async () => {
        const [line, quiet] = [new Channel<string>(), new Channel<string>()];
        const log: unknown[] = [];
        const tasklet = spawn(async () => {
          log.push(await line.receive());
          const later = quiet.send('later');
          log.push(await rejection(quiet.receive()));
          await later;
          log.push('not here');
        });
        await schedule();
        line.trySend('value');
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.have.length(2);
        expect(log[1]).to.be.instanceOf(TaskletExit);
        expect(quiet.balance).to.equal(0);
      }));

    it('[INV-2] that comes after: the value goes to the next receiver', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const victim = spawn(() => line.receive());
        const next = spawn(() => line.receive());
        await schedule();
        victim.kill();
        await line.send('value');
        expect(await next.join()).to.equal('value');
      }));
  });

  describe('and clean-up', () => {
    it('[INV-20] runs once, innermost first, and may wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const bye = new Channel<string>();
        const resource = (name: string): AsyncDisposable => ({
          async [Symbol.asyncDispose]() {
            await schedule();
            log.push(name);
          },
        });
        const tasklet = spawn(async () => {
          try {
            await using _outer = resource('outer');
            try {
              await using _inner = resource('inner');
              await sleep(1000);
            } finally {
              await sleep(10);
              log.push('inner finally');
            }
          } finally {
            await bye.send('bye');
            log.push('outer finally');
          }
        });
        await schedule();
        tasklet.kill();
        log.push(await bye.receive());
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['inner', 'inner finally', 'outer', 'bye', 'outer finally']);
      }));

    it('is asked once: it may take all of its grace', () =>
      simulate(async ({ clock }) => {
        const tasklet = spawn(async () => {
          try {
            await sleep(5000);
          } finally {
            for (let i = 0; i < 9; i++) await sleep(100);
          }
        });
        await sleep(50);
        tasklet.kill();
        await rejection(tasklet.join());
        expect(clock.now()).to.equal(950);
      }));

    it('parked when the grace ends, is killed again there', () =>
      simulate(async ({ clock }) => {
        const silent = new Channel<never>();
        const log: string[] = [];
        const tasklet = spawn(async () => {
          try {
            await sleep(5000);
          } finally {
            try {
              await silent.receive();
            } finally {
              log.push(`out at ${clock.now()}`);
            }
          }
        });
        await sleep(50);
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect([log, silent.balance]).to.deep.equal([['out at 1050'], 0]);
      }));

    it('is killed again at every wait after its grace', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        const tasklet = spawn(async () => {
          for (let i = 0; i < 5; i++) {
            try {
              await sleep(400);
              log.push(`slept until ${clock.now()}`);
            } catch {
              log.push(`raised at ${clock.now()}`);
            }
          }
          return 'stubborn';
        });
        await sleep(100);
        tasklet.kill();
        expect(await tasklet.join()).to.equal('stubborn');
        expect(log).to.deep.equal([
          'raised at 100',
          'slept until 500',
          'slept until 900',
          'raised at 1100',
          'raised at 1100',
        ]);
      }));

    it('with a grace of 0 is killed at every wait from the first', () =>
      simulate(async ({ clock }) => {
        const line = new Channel<string>();
        const raised: string[] = [];
        const tasklet = spawn(async () => {
          for (const operation of [
            () => sleep(1),
            () => schedule(),
            () => idle(),
            () => line.receive(),
            () => line.next(),
            () => line.send('value'),
            () => select({ line: line.receiving(), default: 0 }),
            () => wait(Promise.resolve()),
            () => wait(() => Promise.resolve()),
            () => spawn(() => {}).join(),
          ]) {
            raised.push(((await rejection(operation())) as Error).name);
          }
        });
        await schedule();
        tasklet.kill({ grace: 0 });
        await tasklet.join();
        expect(raised)
          .to.deep.equal(Array.from(raised, () => 'TaskletExit'))
          .and.have.length(10);
        expect(clock.now()).to.equal(0);
        expect(line.balance).to.equal(0);
      }));

    it('with a grace of 0 is killed in the first of several operations, and the others end with it', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const tasklet = spawn(async () => {
          const never = (): Promise<never> => expect.fail('it was begun');
          const both = [
            () => [sleep(1), line.receive()],
            () => [schedule(), wait(never)],
            () => [wait(never), wait(never)],
          ];
          for (const operations of both) {
            expect(await rejection(Promise.all(operations()))).to.be.instanceOf(TaskletExit);
          }
          return 'value';
        });
        await schedule();
        tasklet.kill({ grace: 0 });
        expect(tasklet.state).to.equal('runnable');
        expect(await tasklet.join()).to.equal('value');
        expect(line.balance).to.equal(0);
      }));

    it('with an infinite grace is killed once', () =>
      simulate(async ({ clock }) => {
        const tasklet = spawn(async () => {
          await rejection(sleep(10));
          await sleep(1e9);
          return clock.now();
        });
        await schedule();
        tasklet.kill({ grace: Infinity });
        expect(await tasklet.join()).to.equal(1e9);
      }));

    it('that is killed a second time is interrupted again', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = spawn(async () => {
          try {
            await sleep(1000);
          } finally {
            try {
              await sleep(500);
            } finally {
              log.push('again');
            }
          }
        });
        await schedule();
        tasklet.kill();
        await schedule();
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['again']);
      }));

    it('that is killed a second time has the shorter grace, and no timer of others is late', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        const others = [300, 500, 700].map((ms) =>
          spawn(() => sleep(ms).then(() => log.push(`${clock.now()}`))),
        );
        const tasklet = spawn(async () => {
          await rejection(sleep(5000));
          await rejection(sleep(5000));
          try {
            await sleep(5000);
          } catch {
            log.push(`out at ${clock.now()}`);
          }
        });
        await schedule();
        tasklet.kill({ grace: 1000 });
        await schedule();
        tasklet.kill({ grace: 100 });
        await tasklet.join();
        for (const other of others) await other.join();
        expect(log).to.deep.equal(['out at 100', '300', '500', '700']);
      }));

    it('that is killed a second time keeps the first grace, if that is shorter', () =>
      simulate(async ({ clock }) => {
        const tasklet = spawn(async () => {
          await rejection(sleep(5000));
          await rejection(sleep(5000));
          await rejection(sleep(5000));
          return clock.now();
        });
        await schedule();
        tasklet.kill({ grace: 100 });
        await sleep(50);
        tasklet.kill({ grace: Infinity });
        expect(await tasklet.join()).to.equal(100);
      }));

    it('[INV-51] that throws, makes the tasklet fail with that', () =>
      simulate(async () => {
        const wrong = new Error('clean-up');
        const tasklet = spawn(async () => {
          try {
            await sleep(1000);
          } finally {
            await schedule();
            // eslint-disable-next-line no-unsafe-finally -- that is what a careless clean-up does
            throw wrong;
          }
        });
        await schedule();
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.equal(wrong);
        expect(tasklet.state).to.equal('failed');
      }));

    it('leaves no timer of its grace behind', () =>
      simulate(async ({ clock }) => {
        const tasklet = spawn(async () => {
          try {
            await sleep(1000);
          } finally {
            await sleep(10);
          }
        });
        await schedule();
        tasklet.kill();
        await rejection(tasklet.join());
        expect(clock.next).to.equal(undefined);
      }));
  });

  describe('[INV-23] swallowed by a loop that catches all', () => {
    const loops: Record<string, () => Promise<unknown>> = {
      sleep: () => sleep(1),
      schedule: () => schedule(),
      'wait for a promise': () => wait(new Promise(() => {})),
      'wait for a function': () => wait(() => new Promise(() => {})),
      shield: () => shield(() => sleep(1)),
      join: () => spawn(() => sleep(1e9)).join(),
      'two at a time': () => Promise.all([sleep(1), schedule()]),
    };
    for (const [name, operation] of Object.entries(loops)) {
      it(`(${name}) starves nobody, neither tasklets nor timers nor the event loop`, async () => {
        // In real time: virtual time stands still while somebody can run, and this one always can.
        let rounds = 0;
        const main = async (): Promise<void> => {
          let over = false;
          const stubborn = spawn(async () => {
            while (!over) {
              rounds++;
              try {
                await operation();
              } catch {
                // Nothing: that is what makes it stubborn.
              }
            }
          });
          await schedule();
          stubborn.kill({ grace: 0 });
          const turns = deferred();
          setImmediate(() => setImmediate(turns.resolve));
          await turns.promise;
          await sleep(2);
          for (let i = 0; i < 10; i++) await schedule();
          over = true;
          await stubborn.join();
          await shutdown();
        };
        await run(main, { scheduler: new Scheduler() });
        expect(rounds).to.be.above(10);
      });
    }

    it('does not hold a shutdown up, which names it', async () => {
      const main = async (): Promise<unknown> => {
        let over = false;
        const stubborn = spawn(async function stubborn() {
          while (!over) await sleep(1).catch(() => {});
        });
        await schedule();
        const error = await rejection(shutdown({ timeout: 20 }));
        over = true;
        await stubborn.join();
        return error;
      };
      const error = await run(main, { scheduler: new Scheduler() });
      expect(error).to.be.instanceOf(ShutdownError).and.include({ code: 'ERR_SHUTDOWN' });
      expect((error as ShutdownError).tasklets.map(({ name }) => name)).to.deep.equal(['stubborn']);
      expect((error as Error).message).to.include('stubborn');
    });
  });

  describe('by a signal', () => {
    it('kills the tasklet, with the reason', () =>
      simulate(async () => {
        const controller = new AbortController();
        const tasklet = new Tasklet(() => sleep(1000), { signal: controller.signal }).start();
        await schedule();
        const reason = new Error('enough');
        controller.abort(reason);
        expect(await rejection(tasklet.join()))
          .to.be.instanceOf(TaskletKilledError)
          .and.have.property('cause', reason);
      }));

    it('that is aborted already, its function never runs', () =>
      simulate(async () => {
        const controller = new AbortController();
        const before = new Tasklet(() => expect.fail('it ran'), { signal: controller.signal });
        controller.abort();
        const after = new Tasklet(() => expect.fail('it ran'), { signal: controller.signal });
        for (const tasklet of [before.start(), after.start()]) {
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        }
      }));

    it('[INV-31] leaves no listener, however the tasklet ends', () =>
      simulate(async () => {
        const { signal } = new AbortController();
        const ends: ((tasklet: Tasklet) => void)[] = [
          () => {},
          (tasklet) => tasklet.kill(),
          (tasklet) => tasklet.throw(new Error('x')),
        ];
        for (const turns of [0, 1]) {
          for (const end of ends) {
            const tasklet = new Tasklet(() => sleep(5), { signal }).start();
            expect(getEventListeners(signal, 'abort')).to.have.length(1);
            for (let i = 0; i < turns; i++) await schedule();
            end(tasklet);
            await tasklet.join().catch(() => {});
            expect(getEventListeners(signal, 'abort')).to.have.length(0);
          }
        }
      }));
  });

  describe('refuses', () => {
    const wrong: [string, KillOptions, new () => Error][] = [
      ['an unknown option', { gracious: 1 } as KillOptions, TypeError],
      ['a negative grace', { grace: -1 }, RangeError],
      ['a grace of NaN', { grace: NaN }, RangeError],
      ['a grace that is no number', { grace: '1' as unknown as number }, TypeError],
    ];
    for (const [what, options, error] of wrong) {
      it(`${what}, and kills nobody`, () =>
        simulate(async () => {
          const tasklet = spawn(() => 'value');
          expect(() => tasklet.kill(options)).to.throw(error, /^kill: /);
          expect(await tasklet.join()).to.equal('value');
        }));
    }
  });
});
