import { expect } from 'chai';
import {
  Channel,
  current,
  schedule,
  select,
  sleep,
  spawn,
  StateError,
  Tasklet,
  TaskletExit,
  TaskletKilledError,
  TimeoutError,
  type TaskletState,
} from '../../lib/index.js';
import { deferred } from '../support/deferred.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('Tasklet', () => {
  describe('made', () => {
    it('runs nothing until it is started', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = new Tasklet((text: string) => log.push(text));
        await schedule();
        expect([log, tasklet.state, tasklet.alive]).to.deep.equal([[], 'new', false]);
        tasklet.start('started');
        expect([log, tasklet.state, tasklet.alive]).to.deep.equal([[], 'runnable', true]);
        await schedule();
        expect([log, tasklet.state, tasklet.alive]).to.deep.equal([['started'], 'done', false]);
      }));

    it('is called by the name given, else by that of its function, else by its number', () => {
      const made = (fn: () => void, options?: { name: string }): string => new Tasklet(fn, options).name;
      expect(made(function work() {})).to.equal('work');
      expect(made(function work() {}, { name: 'given' })).to.equal('given');
      const nameless = new Tasklet(() => {});
      expect(nameless.name).to.equal(`tasklet-${nameless.id}`);
      expect(new Tasklet(() => {}).id).to.be.above(nameless.id);
    });

    it('is called by its number if the name of its function is no text', () =>
      simulate(async ({ scheduler }) => {
        for (const name of [7, null, Symbol('s'), {}]) {
          const fn = Object.defineProperty(() => schedule(), 'name', { value: name });
          const tasklet = spawn(fn);
          expect(tasklet.name).to.equal(`tasklet-${tasklet.id}`);
          expect(scheduler.dump()).to.include(tasklet.name);
          await tasklet.join();
        }
      }));

    it('knows who made it', () =>
      simulate(async () => {
        const parent = spawn(async () => {
          const child = spawn(() => schedule());
          const made = child.parent;
          await child.join();
          return [made, child.parent];
        });
        expect(await parent.join()).to.deep.equal([parent, undefined]);
      }));

    it('[INV-82] does not hold its ancestors: a long line of successors would hold them all', () =>
      simulate(async () => {
        const over = new Channel<void>();
        const seen: WeakRef<Tasklet>[] = [];
        const link = async (n: number): Promise<void> => {
          seen.push(new WeakRef<Tasklet>(current()!));
          if (n > 0) spawn(link, n - 1);
          else await over.receive();
        };
        spawn(link, 10);
        await sleep(1);
        await collectGarbage();
        // The last one is alive; the one before it may be kept, as the parent of the last one.
        expect(seen.slice(0, -2).filter((ref) => ref.deref() !== undefined)).to.have.length(0);
        await over.send();
      }));

    it('outside tasklets has no parent', () => {
      expect(new Tasklet(() => {}).parent).to.equal(undefined);
    });

    const wrong: [string, () => unknown][] = [
      ['no function', () => new Tasklet('fn' as unknown as () => void)],
      ['an unknown option', () => new Tasklet(() => {}, { deamon: true } as object)],
      ['options that are no object', () => new Tasklet(() => {}, 'name' as unknown as object)],
      ['a name that is no string', () => new Tasklet(() => {}, { name: 7 as unknown as string })],
      ['a daemon that is no boolean', () => new Tasklet(() => {}, { daemon: 'yes' as unknown as boolean })],
      ['a scheduler that is none', () => new Tasklet(() => {}, { scheduler: {} as never })],
      ['a signal that is none', () => new Tasklet(() => {}, { signal: {} as AbortSignal })],
    ];
    for (const [what, make] of wrong) {
      it(`refuses ${what}`, () => {
        expect(make).to.throw(TypeError, /^Tasklet: /);
      });
    }
  });

  describe('start', () => {
    it('gives the arguments, and returns the tasklet', () =>
      simulate(async () => {
        const sum = new Tasklet((a: number, b: number) => a + b);
        expect(sum.start(1, 2)).to.equal(sum);
        expect(await sum.join()).to.equal(3);
      }));

    it('twice is a StateError, which changes nothing', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = new Tasklet(() => log.push('ran')).start();
        expect(() => tasklet.start()).to.throw(StateError);
        await tasklet.join();
        expect(() => tasklet.start()).to.throw(StateError);
        await schedule();
        expect(log).to.deep.equal(['ran']);
      }));
  });

  it('says in its state how it is', () =>
    simulate(async () => {
      const foreign = deferred();
      const line = new Channel<void>();
      const log: TaskletState[] = [];
      const tasklet: Tasklet = new Tasklet(async () => {
        log.push(tasklet.state);
        await schedule();
        await line.receive();
        await foreign.promise;
        log.push(tasklet.state);
        await schedule();
        log.push(tasklet.state);
      });
      log.push(tasklet.state);
      tasklet.start();
      log.push(tasklet.state);
      await schedule();
      log.push(tasklet.state);
      await schedule();
      log.push(tasklet.state);
      await line.send();
      log.push(tasklet.state);
      tasklet.pause();
      log.push(tasklet.state);
      tasklet.resume();
      foreign.resolve();
      await tasklet.join();
      log.push(tasklet.state);
      expect(log).to.deep.equal([
        'new',
        'runnable',
        'running',
        'runnable',
        'blocked',
        'waiting',
        'paused',
        // It came back from what is not ours while nobody had a turn; with its next operation it gets one.
        'waiting',
        'running',
        'done',
      ]);
      const failed = spawn(() => {
        throw new Error('x');
      });
      await rejection(failed.join());
      const killed = spawn(() => schedule());
      killed.kill();
      expect([failed.state, killed.state]).to.deep.equal(['failed', 'killed']);
    }));

  it('says in blockedOn what it waits for, and in since for how long', () =>
    simulate(async () => {
      const foreign = deferred();
      const line = new Channel<void>({ name: 'line' });
      const tasklet = spawn(async () => {
        await line.send();
        await line.receive();
        await sleep(5);
        await spawn(() => sleep(5)).join();
        await foreign.promise;
      });
      const log: (string | undefined)[] = [tasklet.blockedOn];
      await schedule();
      log.push(tasklet.blockedOn);
      await line.receive();
      await schedule();
      log.push(tasklet.blockedOn);
      await line.send();
      log.push(tasklet.blockedOn);
      await sleep(6);
      log.push(tasklet.blockedOn?.replace(/\d+/, 'n'));
      await sleep(10);
      log.push(tasklet.blockedOn);
      expect(log).to.deep.equal([
        undefined,
        "send on channel 'line'",
        "receive on channel 'line'",
        'sleep 5 ms',
        "join tasklet 'tasklet-n'",
        'something it awaits that is not ours',
      ]);
      expect(tasklet.since).to.be.at.least(0);
      foreign.resolve();
      await tasklet.join();
      expect([tasklet.blockedOn, tasklet.since]).to.deep.equal([undefined, 0]);
    }));

  describe('is not thenable', () => {
    it('so that an async function can return one', () =>
      simulate(async () => {
        const line = new Channel<void>();
        const make = async (): Promise<Tasklet<void>> => spawn(() => line.receive());
        const tasklet = await make();
        await schedule();
        expect(tasklet.state).to.equal('blocked');
        await line.send();
        await tasklet.join();
      }));

    it('so that it can be sent over a channel', () =>
      simulate(async () => {
        const line = new Channel<Tasklet<void>>();
        const end = new Channel<void>();
        spawn(() => line.send(spawn(() => end.receive())));
        const tasklet = await line.receive();
        expect(tasklet.alive).to.equal(true);
        await end.send();
        await tasklet.join();
      }));
  });

  describe('join', () => {
    it('returns the value, before the end and after, to any number', () =>
      simulate(async () => {
        const value = {};
        const tasklet = spawn(async () => {
          await schedule();
          return value;
        });
        const early = [spawn(() => tasklet.join()), spawn(() => tasklet.join())];
        for (const joiner of early) expect(await joiner.join()).to.equal(value);
        expect(await tasklet.join()).to.equal(value);
      }));

    it('raises the very thing that was thrown, be it no error', () =>
      simulate(async () => {
        for (const wrong of [
          new Error('x'),
          Object.freeze(new Error('frozen')),
          undefined,
          null,
          0,
          'text',
        ]) {
          const tasklet = spawn(async () => {
            await schedule();
            throw wrong;
          });
          const early = spawn(() => rejection(tasklet.join()));
          expect(await rejection(tasklet.join())).to.equal(wrong);
          expect(await early.join()).to.equal(wrong);
          expect(await rejection(tasklet.join())).to.equal(wrong);
        }
      }));

    it('waits for what the function returns, as an await would', () =>
      simulate(async () => {
        const thenable = { then: (resolve: (value: string) => void) => resolve('value') };
        expect(await spawn(() => thenable as PromiseLike<string>).join()).to.equal('value');
        expect(await spawn(() => Promise.resolve('value')).join()).to.equal('value');
      }));

    it('of one that is not started waits until it is, and has ended', () =>
      simulate(async () => {
        const tasklet = new Tasklet(() => 'value');
        const joiner = spawn(() => tasklet.join());
        await schedule();
        expect(joiner.state).to.equal('blocked');
        tasklet.start();
        expect(await joiner.join()).to.equal('value');
      }));

    it('of oneself is a StateError at once', () =>
      simulate(async () => {
        const tasklet: Tasklet = spawn(async () => {
          const inner = async (): Promise<unknown> => rejection(tasklet.join());
          return inner();
        });
        expect(await tasklet.join()).to.be.instanceOf(StateError);
      }));

    it('[INV-26] of a killed one raises TaskletKilledError at all, once, with the reason as its cause', () =>
      simulate(async () => {
        const tasklet = spawn(() => sleep(1000));
        const log: unknown[] = [];
        const joiners = [1, 2, 3].map(() =>
          spawn(async () => {
            log.push(await rejection(tasklet.join()));
          }),
        );
        await schedule();
        const reason = { code: 7 };
        tasklet.kill({ reason });
        for (const joiner of joiners) await joiner.join();
        expect(log).to.have.length(3);
        for (const error of [...log, await rejection(tasklet.join())]) {
          expect(error)
            .to.be.instanceOf(TaskletKilledError)
            .and.include({ code: 'ERR_TASKLET_KILLED', cause: reason });
        }
      }));

    it('wakes the joiners in the order in which they came', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = spawn(() => sleep(1));
        const joiners = ['a', 'b', 'c'].map((name) => spawn(() => tasklet.join().then(() => log.push(name))));
        for (const joiner of joiners) await joiner.join();
        expect(log).to.deep.equal(['a', 'b', 'c']);
      }));

    it('takes WaitOptions, and may be tried again', () =>
      simulate(async () => {
        const tasklet = spawn(async () => {
          await sleep(20);
          return 'value';
        });
        const error = await rejection(tasklet.join({ timeout: 5 }));
        expect(error).to.be.instanceOf(TimeoutError);
        expect((error as Error).message).to.include(`join tasklet '${tasklet.name}'`);
        expect(await rejection(tasklet.join({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
        const controller = new AbortController();
        const reason = new Error('enough');
        spawn(() => controller.abort(reason));
        expect(await rejection(tasklet.join({ signal: controller.signal }))).to.equal(reason);
        expect(await tasklet.join({ timeout: 100 })).to.equal('value');
      }));

    it('killed while it joins, leaves the other tasklet alone', () =>
      simulate(async () => {
        const tasklet = spawn(async () => {
          await sleep(5);
          return 'value';
        });
        const joiner = spawn(() => tasklet.join());
        await schedule();
        joiner.kill();
        expect(await rejection(joiner.join())).to.be.instanceOf(TaskletKilledError);
        expect(await tasklet.join()).to.equal('value');
      }));

    it('works outside tasklets', async () => {
      expect(await spawn(() => 'value').join()).to.equal('value');
    });

    it('stands in a select: value, error and kill', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const sleeper = spawn(() => sleep(1000));
        const value = spawn(async () => {
          await sleep(1);
          return 'value';
        });
        expect(await select({ sleeper: sleeper.joining(), value: value.joining() })).to.deep.equal({
          case: 'value',
          value: 'value',
        });
        const failing = spawn(async () => {
          await sleep(1);
          throw wrong;
        });
        expect(await rejection(select({ sleeper: sleeper.joining(), failing: failing.joining() }))).to.equal(
          wrong,
        );
        sleeper.kill();
        expect(await rejection(select({ sleeper: sleeper.joining() }))).to.be.instanceOf(TaskletKilledError);
      }));
  });

  describe('throw', () => {
    it('raises the error at the current wait, and the tasklet may go on', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const wrong = new Error('x');
        const tasklet = spawn(async () => {
          const caught = await rejection(line.receive());
          return [caught, await line.receive()];
        });
        await schedule();
        tasklet.throw(wrong);
        expect(line.balance).to.equal(0);
        await schedule();
        await line.send('next');
        expect(await tasklet.join()).to.deep.equal([wrong, 'next']);
      }));

    it('at its next wait, if it has none of ours now', () =>
      simulate(async () => {
        const foreign = deferred<string>();
        const wrong = new Error('x');
        const tasklet = spawn(async () => [await foreign.promise, await rejection(schedule())]);
        await schedule();
        tasklet.throw(wrong);
        foreign.resolve('foreign');
        expect(await tasklet.join()).to.deep.equal(['foreign', wrong]);
      }));

    it('[INV-2] after a commit, lets the operation return and comes at the next wait', () =>
      simulate(async () => {
        const line = new Channel<string>({ preference: 'neither' });
        const wrong = new Error('x');
        const tasklet = spawn(async () => [await line.receive(), await rejection(schedule())]);
        await schedule();
        await line.send('value');
        tasklet.throw(wrong);
        expect(await tasklet.join()).to.deep.equal(['value', wrong]);
      }));

    it('several come one after another', () =>
      simulate(async () => {
        const wrongs = [new Error('1'), new Error('2'), new Error('3')];
        const tasklet = spawn(async () => {
          const caught: unknown[] = [];
          while (caught.length < 3) caught.push(await rejection(sleep(1000)));
          await schedule();
          return caught;
        });
        await schedule();
        for (const wrong of wrongs) tasklet.throw(wrong);
        expect(await tasklet.join()).to.deep.equal(wrongs);
      }));

    it('before its first turn makes it fail, and its function never runs', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const tasklet = spawn(() => expect.fail('it ran'));
        tasklet.throw(wrong);
        expect(tasklet.state).to.equal('failed');
        expect(await rejection(tasklet.join())).to.equal(wrong);
        await schedule();
      }));

    it('a TaskletExit is a kill', () =>
      simulate(async () => {
        for (const turns of [0, 1]) {
          const tasklet = spawn(() => sleep(1000));
          for (let i = 0; i < turns; i++) await schedule();
          tasklet.throw(new TaskletExit());
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
          expect(tasklet.state).to.equal('killed');
        }
      }));

    it('refuses what is no Error, and a tasklet that is not alive', () =>
      simulate(async () => {
        const tasklet = new Tasklet(() => {});
        expect(() => tasklet.throw(new Error('x'))).to.throw(StateError);
        tasklet.start();
        expect(() => tasklet.throw('text' as unknown as Error)).to.throw(TypeError);
        await tasklet.join();
        expect(() => tasklet.throw(new Error('x'))).to.throw(StateError);
      }));
  });

  describe('pause', () => {
    it('gives no turns until it is resumed, and then the last one', () =>
      simulate(async () => {
        const log: string[] = [];
        const [a] = ['a', 'b', 'c'].map((name) =>
          spawn(async () => {
            log.push(name);
            await schedule();
            log.push(name);
          }),
        );
        await schedule();
        a!.pause();
        await schedule();
        log.push('-');
        await schedule();
        const d = spawn(() => log.push('d'));
        a!.resume();
        await d.join();
        await a!.join();
        expect(log).to.deep.equal(['a', 'b', 'c', 'b', 'c', '-', 'd', 'a']);
      }));

    it('before its first turn', () =>
      simulate(async () => {
        const log: string[] = [];
        const tasklet = spawn(() => log.push('ran'));
        tasklet.pause();
        await sleep(1);
        expect([log, tasklet.state]).to.deep.equal([[], 'paused']);
        tasklet.resume();
        await tasklet.join();
        expect(log).to.deep.equal(['ran']);
      }));

    it('while it is blocked it can be met, and goes on when it is resumed', () =>
      simulate(async () => {
        for (const preference of ['receiver', 'sender', 'neither'] as const) {
          const line = new Channel<string>({ preference });
          const tasklet = spawn(() => line.receive());
          await schedule();
          tasklet.pause();
          await line.send('value');
          expect(line.balance).to.equal(0);
          await sleep(1);
          expect(tasklet.state).to.equal('paused');
          tasklet.resume();
          expect(await tasklet.join()).to.equal('value');
        }
      }));

    it('while it is blocked and not met, it is blocked again when it is resumed', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const tasklet = spawn(() => line.receive());
        await schedule();
        tasklet.pause();
        tasklet.resume();
        expect(tasklet.state).to.equal('blocked');
        await line.send('value');
        expect(await tasklet.join()).to.equal('value');
      }));

    it('of oneself comes at the next wait, of any kind', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const waits: (() => Promise<unknown>)[] = [
          () => schedule(),
          () => line.receive({ timeout: 1 }).catch(() => {}),
          () => sleep(1),
          () => line.next({ timeout: 0 }).catch(() => {}),
          () => spawn(() => {}).join(),
          () => select({ nothing: line.receiving(), default: 1 }),
        ];
        for (const wait of waits) {
          const log: string[] = [];
          const tasklet = spawn(async () => {
            current()!.pause();
            log.push('on');
            await wait();
            log.push('after');
          });
          await sleep(5);
          expect([log, tasklet.state], wait.toString()).to.deep.equal([['on'], 'paused']);
          tasklet.resume();
          await tasklet.join();
          expect(log).to.deep.equal(['on', 'after']);
        }
      }));

    it('of oneself, and back before the next wait, changes nothing', () =>
      simulate(async () => {
        const tasklet = spawn(async () => {
          current()!.pause();
          current()!.resume();
          await schedule();
          return 'value';
        });
        expect(await tasklet.join()).to.equal('value');
      }));

    it('does not stop a return', () =>
      simulate(async () => {
        const tasklet = spawn(() => current()!.pause());
        await tasklet.join();
        expect(tasklet.state).to.equal('done');
      }));

    it('while it waits for something foreign comes at its next wait', () =>
      simulate(async () => {
        const foreign = deferred();
        const log: string[] = [];
        const tasklet = spawn(async () => {
          await foreign.promise;
          log.push('foreign');
          await schedule();
          log.push('after');
        });
        await schedule();
        tasklet.pause();
        foreign.resolve();
        await sleep(1);
        expect([log, tasklet.state]).to.deep.equal([['foreign'], 'paused']);
        tasklet.resume();
        await tasklet.join();
        expect(log).to.deep.equal(['foreign', 'after']);
      }));

    it('lets its timeouts run, which it sees when it is resumed', () =>
      simulate(async () => {
        const line = new Channel<string>();
        const tasklet = spawn(() => rejection(line.receive({ timeout: 10 })));
        await schedule();
        tasklet.pause();
        await sleep(20);
        expect([tasklet.state, line.balance]).to.deep.equal(['paused', 0]);
        tasklet.resume();
        expect(await tasklet.join()).to.be.instanceOf(TimeoutError);
      }));

    it('twice is once; of one that is not alive is nothing', () =>
      simulate(async () => {
        const fresh = new Tasklet(() => 'value');
        fresh.pause();
        fresh.resume();
        fresh.start();
        fresh.pause();
        fresh.pause();
        fresh.resume();
        fresh.resume();
        expect(await fresh.join()).to.equal('value');
        fresh.pause();
        fresh.resume();
        expect(fresh.state).to.equal('done');
      }));

    it('ends with a kill: before the first turn, blocked, met', () =>
      simulate(async () => {
        const log: string[] = [];
        const line = new Channel<string>();
        const body = async (): Promise<void> => {
          try {
            log.push(await line.receive());
            await schedule();
            log.push('not here');
          } finally {
            log.push('finally');
          }
        };
        for (const turns of [0, 1, 2]) {
          const tasklet = spawn(body);
          if (turns > 0) await schedule();
          tasklet.pause();
          if (turns > 1) await line.send('met');
          tasklet.kill();
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        }
        expect(log).to.deep.equal(['finally', 'met', 'finally']);
        expect(line.balance).to.equal(0);
      }));

    it('of a select, which is hit meanwhile, commits one case', () =>
      simulate(async () => {
        const a = new Channel<string>();
        const b = new Channel<string>();
        const tasklet = spawn(() => select({ a: a.receiving(), b: b.receiving() }));
        await schedule();
        tasklet.pause();
        await b.send('value');
        expect([a.balance, b.balance]).to.deep.equal([0, 0]);
        tasklet.resume();
        expect(await tasklet.join()).to.deep.equal({ case: 'b', value: 'value' });
      }));
  });

  describe('signal', () => {
    it('is aborted by a kill, with the TaskletExit that is raised', () =>
      simulate(async () => {
        const tasklet = spawn(async () => {
          const { signal } = current()!;
          const raised = await rejection(sleep(1000));
          return [signal.aborted, signal.reason === raised, raised instanceof TaskletExit];
        });
        await schedule();
        tasklet.kill();
        expect(await tasklet.join()).to.deep.equal([true, true, true]);
      }));

    it('made after the kill, or after the end, says so', () =>
      simulate(async () => {
        const victim = spawn(async () => {
          await rejection(sleep(1000));
          return current()!.signal.aborted;
        });
        await schedule();
        victim.kill();
        expect(await victim.join()).to.equal(true);
        const dead = spawn(() => {});
        dead.kill();
        expect(dead.signal.aborted).to.equal(true);
        expect(dead.signal.reason).to.be.instanceOf(TaskletExit);
        const done = spawn(() => {});
        await done.join();
        expect(done.signal.aborted).to.equal(false);
      }));

    it('is one and the same', () => {
      const tasklet = new Tasklet(() => {});
      expect(tasklet.signal).to.equal(tasklet.signal);
    });
  });

  describe('[Symbol.asyncDispose]', () => {
    it('[INV-84] kills and waits for the end, and may come again', () =>
      simulate(async () => {
        const log: string[] = [];
        let kept: Tasklet<void>;
        {
          await using tasklet = spawn(async () => {
            try {
              await sleep(1000);
            } finally {
              await sleep(10);
              log.push('clean');
            }
          });
          kept = tasklet;
          await schedule();
          log.push('leave');
        }
        log.push('left');
        await kept[Symbol.asyncDispose]();
        expect(log).to.deep.equal(['leave', 'clean', 'left']);
      }));

    it('is content with one that is new, or done', () =>
      simulate(async () => {
        const fresh = new Tasklet(() => expect.fail('it ran'));
        await fresh[Symbol.asyncDispose]();
        expect(fresh.state).to.equal('killed');
        const done = spawn(() => {});
        await done.join();
        await done[Symbol.asyncDispose]();
      }));

    it('raises an error of its clean-up', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const tasklet = spawn(async () => {
          try {
            await sleep(1000);
          } finally {
            // eslint-disable-next-line no-unsafe-finally -- that is what a careless clean-up does
            throw wrong;
          }
        });
        await schedule();
        expect(await rejection(tasklet[Symbol.asyncDispose]())).to.equal(wrong);
      }));
  });
});
