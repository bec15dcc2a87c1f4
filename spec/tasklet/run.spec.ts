import { expect } from 'chai';
import {
  Channel,
  current,
  DeadlockError,
  defaultScheduler,
  RLock,
  run,
  schedule,
  Scheduler,
  select,
  shutdown,
  ShutdownError,
  sleep,
  spawn,
  StateError,
  Tasklet,
  TaskletKilledError,
  timeout,
  TimeoutError,
  type RunOptions,
  type ShutdownOptions,
} from '../../lib/index.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** A scheduler of its own, in virtual time; and that nobody is left there in the end. */
async function alone<T>(test: (scheduler: Scheduler) => Promise<T>): Promise<T> {
  const scheduler = new Scheduler({ clock: new VirtualClock() });
  const result = await test(scheduler);
  expect(scheduler.tasklets(), 'who is left').to.deep.equal([]);
  expect(scheduler.supervisor, 'who answers for them').to.equal(null);
  return result;
}

/** What a process would do that has nothing left to do; a test's has always something. */
function runDry(): void {
  process.emit('beforeExit', 0);
}

/** What is written to stderr while `act` goes on. */
async function complaints(act: () => Promise<unknown>): Promise<string> {
  const { write } = process.stderr;
  const { exitCode } = process;
  let text = '';
  process.stderr.write = (chunk: string | Uint8Array) => {
    text += String(chunk);
    return true;
  };
  try {
    await act();
  } finally {
    process.stderr.write = write;
    process.exitCode = exitCode;
  }
  return text;
}

const silent = new Channel<never>({ name: 'silent' });

describe('run', () => {
  describe('resolves', () => {
    it('with what main returns, whatever kind of function it is', () =>
      alone(async (scheduler) => {
        expect(await run(() => 'plain', { scheduler })).to.equal('plain');
        expect(await run(async () => 'async', { scheduler })).to.equal('async');
        expect(await run(() => sleep(10).then(() => 'later'), { scheduler })).to.equal('later');
        expect(await run(() => undefined, { scheduler })).to.equal(undefined);
      }));

    it('when every tasklet that is no daemon has ended, also those that others have spawned', () =>
      alone(async (scheduler) => {
        const log: string[] = [];
        const value = await run(
          () => {
            spawn(async () => {
              await sleep(10);
              log.push('child');
              spawn(async () => {
                await sleep(10);
                log.push('grandchild');
              });
            });
            return 'main';
          },
          { scheduler },
        );
        expect([...log, value]).to.deep.equal(['child', 'grandchild', 'main']);
      }));

    it('after it has killed the daemons and their finally blocks have run', () =>
      alone(async (scheduler) => {
        const log: string[] = [];
        const daemon = async (): Promise<void> => {
          try {
            await silent.receive();
          } finally {
            await sleep(100);
            log.push('clean');
          }
        };
        await run(
          async () => {
            new Tasklet(daemon, { daemon: true }).start();
            await sleep(1);
            log.push('main');
          },
          { scheduler },
        );
        expect(log).to.deep.equal(['main', 'clean']);
      }));

    it('without main, when those that are there have ended', () =>
      alone(async (scheduler) => {
        const log: string[] = [];
        new Tasklet(() => sleep(5).then(() => log.push('there')), { scheduler }).start();
        expect(await run(undefined, { scheduler })).to.equal(undefined);
        expect(log).to.deep.equal(['there']);
        expect(await run(undefined, { scheduler })).to.equal(undefined);
      }));

    it('again and again', () =>
      alone(async (scheduler) => {
        for (let i = 0; i < 10; i++) expect(await run(async () => i, { scheduler })).to.equal(i);
      }));

    it('on the common scheduler by default', async () => {
      expect(await run(() => current()!.name)).to.equal('main');
      expect(
        await run(async function program() {
          await schedule();
          return [current()!.name, defaultScheduler.tasklets().length];
        }),
      ).to.deep.equal(['program', 1]);
    });

    it('if an error was joined, even late', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const main = async (): Promise<unknown> => {
          const failing = spawn(() => {
            throw wrong;
          });
          await schedule();
          return rejection(failing.join());
        };
        expect(await run(main, { scheduler })).to.equal(wrong);
      }));

    it('if main was killed, it rejects with that', () =>
      alone(async (scheduler) => {
        const main = async (): Promise<void> => {
          current()!.kill({ reason: 'enough' });
          await schedule();
        };
        const error = await rejection(run(main, { scheduler }));
        expect(error).to.be.instanceOf(TaskletKilledError).and.have.property('cause', 'enough');
      }));
  });

  describe('rejects [INV-48]', () => {
    it('with the error of main, whatever it is, after it has killed the rest', () =>
      alone(async (scheduler) => {
        for (const wrong of [new Error('x'), undefined, null, Object.freeze(new Error('frozen'))]) {
          const log: string[] = [];
          const main = async (): Promise<void> => {
            spawn(async () => {
              try {
                await silent.receive();
              } finally {
                await sleep(10);
                log.push('clean');
              }
            });
            await schedule();
            throw wrong;
          };
          expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
          expect(log).to.deep.equal(['clean']);
        }
      }));

    it('with what main throws at once', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const main = (): never => {
          throw wrong;
        };
        expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
      }));

    it('with the first error that nobody joins; main is killed as well', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const log: string[] = [];
        const main = async (): Promise<void> => {
          spawn(async () => {
            await sleep(5);
            throw wrong;
          });
          try {
            await silent.receive();
          } finally {
            log.push('clean');
          }
        };
        expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
        expect(log).to.deep.equal(['clean']);
      }));

    it('and kills whoever had the turn when the crash was told', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const log: string[] = [];
        const main = async (): Promise<void> => {
          spawn(() => {
            throw wrong;
          });
          spawn(async () => {
            try {
              await silent.receive();
            } finally {
              log.push('clean');
            }
          });
          await silent.receive();
        };
        expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
        expect(log).to.deep.equal(['clean']);
        expect(silent.balance).to.equal(0);
      }));

    it('also if it is the last one, and was outside when it failed', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const foreign = deferred();
        const main = (): void => {
          spawn(async () => {
            await foreign.promise;
            throw wrong;
          });
        };
        const over = rejection(run(main, { scheduler }));
        setImmediate(foreign.resolve);
        expect(await over).to.equal(wrong);
      }));

    it('also if it is the last one, and its time slice is over', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        for (let i = 0; i < 20; i++) {
          const main = async (): Promise<void> => {
            const until = performance.now() + 1.5;
            spawn(async () => {
              await schedule();
              while (performance.now() < until);
              throw wrong;
            });
            while (performance.now() < until - 1) await schedule();
          };
          expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
        }
      }));

    it('with the error of a daemon, at work and in its clean-up', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const working = async (): Promise<never> => {
          await sleep(1);
          throw wrong;
        };
        const cleaning = (wait: () => Promise<unknown>) => async (): Promise<void> => {
          try {
            await silent.receive();
          } finally {
            await wait();
            // eslint-disable-next-line no-unsafe-finally -- that is what a careless clean-up does
            throw wrong;
          }
        };
        const outside = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
        for (const daemon of [working, cleaning(schedule), cleaning(() => sleep(1)), cleaning(outside)]) {
          const main = async (): Promise<void> => {
            new Tasklet(daemon, { daemon: true }).start();
            await sleep(5);
          };
          expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
        }
      }));

    it('with the first error alone; those that follow are written down', async () => {
      const first = new Error('the first');
      const text = await complaints(() =>
        alone(async (scheduler) => {
          const main = (): void => {
            spawn(async () => {
              await sleep(1);
              throw first;
            });
            spawn(async () => {
              try {
                await silent.receive();
              } finally {
                await sleep(1);
                // eslint-disable-next-line no-unsafe-finally -- that is what a careless clean-up does
                throw new Error('the second');
              }
            });
          };
          expect(await rejection(run(main, { scheduler }))).to.equal(first);
        }),
      );
      expect(text).to.include('the second').and.not.include('the first');
    });

    it('also of one whose end others watch without joining it', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const lock = new RLock();
        const main = async (): Promise<void> => {
          spawn(async () => {
            await lock.acquire();
            await sleep(5);
            throw wrong;
          });
          await schedule();
          // It watches the owner, who may end without releasing the lock.
          expect(await rejection(lock.acquire())).to.be.instanceOf(StateError);
          await silent.receive();
        };
        expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
      }));

    it('with an error that came after a join of it was given up', () =>
      alone(async (scheduler) => {
        const wrong = new Error('x');
        const main = async (): Promise<void> => {
          const failing = spawn(async () => {
            await sleep(20);
            throw wrong;
          });
          expect(await rejection(failing.join({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
          await silent.receive();
        };
        expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
      }));
  });

  describe('[INV-42] in a deadlock', () => {
    it('rejects with a DeadlockError that names each and what it waits for, after the rest was killed', () =>
      alone(async (scheduler) => {
        const log: string[] = [];
        const a = new Channel<void>({ name: 'a' });
        const b = new Channel<void>({ name: 'b' });
        const main = async function main(): Promise<void> {
          spawn(async function first() {
            await a.receive();
            await b.send();
          });
          const second = spawn(async function second() {
            try {
              await b.receive();
              await a.send();
            } finally {
              await schedule();
              log.push('clean');
            }
          });
          new Tasklet(() => silent.receive(), { daemon: true, name: 'daemon' }).start();
          await second.join();
        };
        const over = rejection(run(main, { scheduler }));
        setImmediate(runDry);
        const error = await over;
        expect(error).to.be.instanceOf(DeadlockError).and.include({ code: 'ERR_DEADLOCK' });
        const { tasklets, message } = error as DeadlockError;
        expect(tasklets.map(({ name, state, blockedOn }) => [name, state, blockedOn])).to.deep.equal([
          ['main', 'blocked', "join tasklet 'second'"],
          ['first', 'blocked', "receive on channel 'a'"],
          ['second', 'blocked', "receive on channel 'b'"],
        ]);
        for (const { name, blockedOn, since } of tasklets) {
          expect(message).to.include(name).and.include(blockedOn);
          expect(since).to.be.at.least(0);
        }
        expect(log).to.deep.equal(['clean']);
      }));

    it('counts one that is paused, and one that awaits what will never come', async () => {
      const scheduler = new Scheduler({ clock: new VirtualClock() });
      const foreign = deferred();
      const main = async function main(): Promise<void> {
        spawn(async function paused() {
          await schedule();
        }).pause();
        await foreign.promise;
      };
      const over = rejection(run(main, { scheduler }));
      setImmediate(() => {
        runDry();
        // Dry again: who awaits what is not ours cannot be killed.
        setTimeout(runDry, 5);
      });
      const error = await over;
      expect((error as DeadlockError).tasklets.map(({ name, state }) => [name, state])).to.deep.equal([
        ['main', 'waiting'],
        ['paused', 'paused'],
      ]);
      foreign.resolve();
      await sleep(0);
    });

    it('is none while only daemons wait', () =>
      alone(async (scheduler) => {
        const daemon = new Tasklet(() => silent.receive(), { daemon: true, scheduler }).start();
        const text = await complaints(async () => runDry());
        expect(text).to.equal('');
        daemon.kill();
        await rejection(daemon.join());
      }));

    it('without a run is written down once, and they are killed', async () => {
      const log: string[] = [];
      const text = await complaints(async () => {
        const stuck = spawn(async function stuck() {
          try {
            await silent.receive();
          } finally {
            log.push('clean');
          }
        });
        // Nobody could run: it has begun.
        await Promise.resolve();
        await Promise.resolve();
        runDry();
        runDry();
        expect(process.exitCode).to.equal(1);
        expect(await rejection(stuck.join())).to.be.instanceOf(TaskletKilledError);
      });
      expect(text.match(/deadlock/g)).to.have.length(1);
      expect(text).to.include('stuck').and.include("receive on channel 'silent'");
      expect(log).to.deep.equal(['clean']);
    });
  });

  describe('refuses', () => {
    it('a second one while one is active, and goes on', () =>
      alone(async (scheduler) => {
        const first = run(() => sleep(5).then(() => 'first'), { scheduler });
        expect(await rejection(run(() => {}, { scheduler }))).to.be.instanceOf(StateError);
        expect(await first).to.equal('first');
      }));

    it('to be called in a tasklet of its own scheduler, but not of another one', () =>
      alone(async (scheduler) => {
        const main = async (): Promise<unknown[]> => [
          await rejection(run(() => {}, { scheduler })),
          await run(() => 'other', { scheduler: new Scheduler() }),
        ];
        const [error, other] = await run(main, { scheduler });
        expect(error).to.be.instanceOf(StateError);
        expect(other).to.equal('other');
      }));

    const wrong: [string, () => unknown, RunOptions | undefined][] = [
      ['a main that is no function', 'main' as unknown as () => void, undefined],
      ['an unknown option', () => {}, { schedular: 1 } as RunOptions],
      ['a scheduler that is none', () => {}, { scheduler: {} as never }],
      ['a scheduler that is null', () => {}, { scheduler: null as unknown as Scheduler }],
    ];
    for (const [what, main, options] of wrong) {
      it(what, async () => {
        expect(await rejection(run(main, options))).to.be.instanceOf(TypeError);
      });
    }
  });
});

describe('[INV-44] two schedulers', () => {
  it('meet at a channel, join, kill and select each other’s tasklets, and each goes on in its own ring', () =>
    alone((one) =>
      alone(async (two) => {
        const line = new Channel<string>();
        const over = new Channel<void>();
        const log: string[] = [];
        const other = run(
          async () => {
            log.push(`two got ${await line.receive()}`);
            await line.send('from two');
            expect(two.current).to.equal(current()!.waiter);
            await over.receive();
          },
          { scheduler: two },
        );
        const main = async (): Promise<void> => {
          await line.send('from one');
          log.push(`one got ${await line.receive()}`);
          expect(one.current).to.equal(current()!.waiter);
          const value = new Tasklet(() => sleep(5).then(() => 'value'), { scheduler: two }).start();
          expect([await value.join(), value.state]).to.deep.equal(['value', 'done']);
          const victim = new Tasklet(() => line.receive(), { scheduler: two }).start();
          await sleep(1);
          expect(line.balance).to.equal(-1);
          victim.kill();
          expect(line.balance).to.equal(0);
          expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
          const chosen = new Tasklet(() => sleep(1).then(() => 'chosen'), { scheduler: two }).start();
          expect(await select({ a: chosen.joining(), b: line.receiving() })).to.deep.equal({
            case: 'a',
            value: 'chosen',
          });
          await over.send();
        };
        await Promise.all([other, run(main, { scheduler: one })]);
        expect(log).to.deep.equal(['two got from one', 'one got from two']);
      }),
    ));

  it('keep each its turns: a busy one does not hold the other up', () =>
    alone((one) =>
      alone(async (two) => {
        let over = false;
        const busy = async (): Promise<void> => {
          while (!over) await schedule();
        };
        const short = async (): Promise<void> => {
          for (let i = 0; i < 100; i++) await schedule();
          over = true;
        };
        await Promise.all([run(busy, { scheduler: one }), run(short, { scheduler: two })]);
      }),
    ));
});

describe('shutdown', () => {
  it('kills all but the caller, and waits until their finally blocks have run', () =>
    simulate(async ({ scheduler }) => {
      const log: string[] = [];
      for (const [name, ms] of Object.entries({ a: 30, b: 10 })) {
        spawn(async () => {
          try {
            await silent.receive();
          } finally {
            await sleep(ms);
            log.push(name);
          }
        });
      }
      new Tasklet(() => silent.receive(), { daemon: true }).start();
      await schedule();
      spawn(() => expect.fail('it ran'));
      await shutdown();
      log.push('over');
      expect(scheduler.tasklets()).to.deep.equal([current()]);
      expect(log).to.deep.equal(['b', 'a', 'over']);
    }));

  it('keeps the caller atomic', () =>
    simulate(async () => {
      const log: string[] = [];
      for (const name of ['a', 'b']) {
        spawn(async () => {
          try {
            await silent.receive();
          } finally {
            log.push(name);
          }
        });
      }
      await schedule();
      const over = shutdown();
      log.push('called');
      await over;
      expect(log).to.deep.equal(['called', 'a', 'b']);
    }));

  it('kills those too that are spawned in a clean-up', () =>
    simulate(async () => {
      const log: string[] = [];
      spawn(async () => {
        try {
          await silent.receive();
        } finally {
          spawn(async () => {
            try {
              await silent.receive();
            } finally {
              log.push('grandchild');
            }
          });
          await schedule();
          log.push('child');
        }
      });
      await schedule();
      await shutdown();
      expect(log).to.deep.equal(['child', 'grandchild']);
    }));

  it('names in a ShutdownError who is still alive when its time is up', () =>
    simulate(async () => {
      const foreign = deferred();
      const stuck = spawn(async function stuck() {
        await foreign.promise;
      });
      const slow = spawn(async function slow() {
        try {
          await silent.receive();
        } finally {
          await sleep(500);
        }
      });
      await schedule();
      const error = await rejection(shutdown({ timeout: 100 }));
      expect(error).to.be.instanceOf(ShutdownError).and.include({ code: 'ERR_SHUTDOWN' });
      const { tasklets, message } = error as ShutdownError;
      expect(tasklets.map(({ name, blockedOn }) => [name, blockedOn])).to.deep.equal([
        ['stuck', 'something it awaits that is not ours'],
        ['slow', 'sleep 500 ms'],
      ]);
      expect(message).to.include('stuck').and.include('slow');
      foreign.resolve();
      await stuck.join();
      expect(await rejection(slow.join())).to.be.instanceOf(TaskletKilledError);
    }));

  it('raises the end of a time scope around, and not a ShutdownError', () =>
    simulate(async () => {
      const foreign = deferred();
      const stuck = spawn(() => foreign.promise);
      await schedule();
      expect(await rejection(timeout(10, () => shutdown({ timeout: 100 })))).to.be.instanceOf(TimeoutError);
      foreign.resolve();
      await stuck.join();
    }));

  it('that has given up kills nobody any more', () =>
    simulate(async () => {
      const foreign = deferred();
      const stuck = spawn(() => foreign.promise);
      await schedule();
      expect(await rejection(shutdown({ timeout: 10 }))).to.be.instanceOf(ShutdownError);
      const later = spawn(() => sleep(10).then(() => 'value'));
      foreign.resolve();
      await stuck.join();
      expect(await later.join()).to.equal('value');
    }));

  it('is over at once when nobody is there', () =>
    simulate(async () => {
      await shutdown();
      await shutdown({ timeout: 0 });
    }));

  it('can be called outside tasklets, and for another scheduler', () =>
    alone(async (scheduler) => {
      const tasklet = new Tasklet(() => silent.receive(), { scheduler }).start();
      await new Promise((resolve) => setImmediate(resolve));
      await shutdown({ scheduler });
      expect(tasklet.state).to.equal('killed');
    }));

  it('can be killed itself', () =>
    alone((scheduler) =>
      simulate(async () => {
        const foreign = deferred();
        const stuck = new Tasklet(() => foreign.promise, { scheduler }).start();
        const downer = spawn(() => shutdown({ scheduler }));
        await schedule();
        expect(downer.blockedOn).to.equal('shutdown');
        downer.kill();
        expect(await rejection(downer.join())).to.be.instanceOf(TaskletKilledError);
        foreign.resolve();
        await stuck.join();
      }),
    ));

  it('leaves an error of a clean-up to be reported', () =>
    alone(async (scheduler) => {
      const wrong = new Error('x');
      const main = async (): Promise<void> => {
        spawn(async () => {
          try {
            await silent.receive();
          } finally {
            // eslint-disable-next-line no-unsafe-finally -- that is what a careless clean-up does
            throw wrong;
          }
        });
        await schedule();
        await shutdown();
      };
      expect(await rejection(run(main, { scheduler }))).to.equal(wrong);
    }));

  describe('refuses', () => {
    const wrong: [string, ShutdownOptions, new () => Error][] = [
      ['an unknown option', { time: 1 } as ShutdownOptions, TypeError],
      ['a negative timeout', { timeout: -1 }, RangeError],
      ['a timeout of NaN', { timeout: NaN }, RangeError],
      ['a scheduler that is none', { scheduler: {} as never }, TypeError],
    ];
    for (const [what, options, error] of wrong) {
      it(`${what}, and kills nobody`, () =>
        simulate(async () => {
          const tasklet = spawn(() => 'value');
          expect(await rejection(shutdown(options))).to.be.instanceOf(error);
          expect(await tasklet.join()).to.equal('value');
        }));
    }
  });
});
