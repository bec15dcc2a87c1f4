import { expect } from 'chai';
import {
  Channel,
  current,
  run,
  schedule,
  Scheduler,
  sleep,
  spawn,
  StateError,
  Tasklet,
  TaskGroup,
  TaskletKilledError,
  timeout,
  TimeoutError,
  type TaskGroupOptions,
} from '../../lib/index.js';
import { explore } from '../../lib/testing/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const silent = new Channel<never>({ name: 'silent' });

/** Waits until it is killed, and writes down that it was. */
function patient(log: string[], name: string, clean: () => unknown = () => {}): () => Promise<void> {
  return async () => {
    try {
      await silent.receive();
    } finally {
      await clean();
      log.push(name);
    }
  };
}

/** Fails with `error` after `ms` milliseconds. */
function failing(error: unknown, ms = 0): () => Promise<never> {
  return async () => {
    await sleep(ms);
    throw error;
  };
}

describe('TaskGroup', () => {
  describe('join', () => {
    it('waits until all have ended, those too that were spawned meanwhile', () =>
      simulate(async ({ clock }) => {
        const group = new TaskGroup();
        group.spawn(() => sleep(30));
        group.spawn(async () => {
          await sleep(10);
          group.spawn(() => sleep(100));
        });
        expect(group.size).to.equal(2);
        await group.join();
        expect([group.size, clock.now()]).to.deep.equal([0, 110]);
      }));

    it('is over at once when nobody is there, and may come again', () =>
      simulate(async () => {
        const group = new TaskGroup();
        await group.join();
        group.spawn(() => sleep(1));
        await group.join();
        await group.join();
      }));

    it('lets several wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const group = new TaskGroup();
        group.spawn(() => sleep(10));
        const waiters = ['a', 'b'].map((name) => spawn(() => group.join().then(() => log.push(name))));
        for (const waiter of waiters) await waiter.join();
        expect(log).to.deep.equal(['a', 'b']);
      }));

    it('is named in dump()', () =>
      simulate(async ({ scheduler }) => {
        const group = new TaskGroup({ name: 'downloads' });
        group.spawn(() => sleep(10));
        const waiter = spawn(() => group.join());
        await schedule();
        expect(scheduler.dump()).to.include("group 'downloads'");
        await waiter.join();
      }));

    it('by one of its own is a StateError, as it would wait for itself', () =>
      simulate(async () => {
        const group = new TaskGroup();
        const member = group.spawn(async () => rejection(group.join()));
        expect(await member.join()).to.be.instanceOf(StateError);
        await group.join();
      }));
  });

  describe('whose owner is killed for good', () => {
    /** It is killed at every wait, and one of the group takes its time to clean up. */
    const program = async (): Promise<void> => {
      const log: string[] = [];
      const owner = spawn(() =>
        TaskGroup.run((group) => void group.spawn(patient(log, 'cleaned', () => sleep(500)))),
      );
      await sleep(1);
      owner.kill({ grace: 10 });
      expect(await rejection(owner.join())).to.be.instanceOf(TaskletKilledError);
      expect(log).to.deep.equal(['cleaned']);
    };

    it('waits for its end as if it were killed once, and does not go round in a loop', () =>
      explore(program, { runs: 1, steps: 200 }));
  });

  describe('spawn', () => {
    it('gives a tasklet with its value, in the group', () =>
      simulate(async () => {
        const group = new TaskGroup();
        const sum = group.spawn((a: number, b: number) => a + b, 1, 2);
        expect(sum).to.be.instanceOf(Tasklet);
        expect(await sum.join()).to.equal(3);
        await group.join();
      }));

    it('an error of one that is joined is still the group’s', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const group = new TaskGroup();
        const member = group.spawn(failing(wrong));
        expect(await rejection(member.join())).to.equal(wrong);
        expect(await rejection(group.join())).to.equal(wrong);
      }));

    it('after the scope was left is a StateError: nobody would hear of its error', () =>
      simulate(async () => {
        let kept: TaskGroup;
        {
          await using group = new TaskGroup();
          kept = group;
        }
        expect(() => kept.spawn(() => {})).to.throw(StateError);
        await TaskGroup.run((group) => {
          kept = group;
        });
        expect(() => kept.spawn(() => {})).to.throw(StateError);
      }));

    it('refuses what is no function, and has not counted it', () => {
      const group = new TaskGroup();
      expect(() => group.spawn('fn' as unknown as () => void)).to.throw(TypeError);
      expect(group.size).to.equal(0);
    });
  });

  describe('with a limit', () => {
    it('lets so many live at a time; the next begins when one ends, in order', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        let living = 0;
        const group = new TaskGroup({ limit: 2 });
        const members = [30, 10, 10, 10].map((ms, i) =>
          group.spawn(async () => {
            expect(++living).to.be.at.most(2);
            log.push(`${i} from ${clock.now()}`);
            await sleep(ms);
            living--;
          }),
        );
        expect(members.map(({ state }) => state)).to.deep.equal(['runnable', 'runnable', 'new', 'new']);
        expect(group.size).to.equal(4);
        await group.join();
        expect(log).to.deep.equal(['0 from 0', '1 from 0', '2 from 10', '3 from 20']);
      }));

    it('of 1 is one after another', () =>
      simulate(async () => {
        const log: string[] = [];
        const group = new TaskGroup({ limit: 1 });
        for (const name of ['a', 'b', 'c']) {
          group.spawn(async () => {
            log.push(name);
            await schedule();
            log.push(name);
          });
        }
        await group.join();
        expect(log.join('')).to.equal('aabbcc');
      }));

    it('gives the arguments to one that waited', () =>
      simulate(async () => {
        const group = new TaskGroup({ limit: 1 });
        group.spawn(() => sleep(1));
        const late = group.spawn((a: number) => a + 1, 1);
        expect(await late.join()).to.equal(2);
        await group.join();
      }));

    it('makes room when one that waits for its beginning is killed', () =>
      simulate(async () => {
        const log: string[] = [];
        const group = new TaskGroup({ limit: 1 });
        group.spawn(() => sleep(1));
        const victim = group.spawn(() => log.push('victim'));
        group.spawn(() => log.push('next'));
        victim.kill();
        expect(group.size).to.equal(2);
        await group.join();
        expect(log).to.deep.equal(['next']);
      }));

    it('begins none of those that wait after an error, and ends them', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const group = new TaskGroup({ limit: 1 });
        group.spawn(failing(wrong));
        const waiting = group.spawn(() => expect.fail('it ran'));
        const joiner = spawn(() => rejection(waiting.join()));
        expect(await rejection(group.join())).to.equal(wrong);
        expect(waiting.state).to.equal('killed');
        expect(await joiner.join()).to.be.instanceOf(TaskletKilledError);
      }));

    it('runs a thousand', () =>
      simulate(async () => {
        let sum = 0;
        const group = new TaskGroup({ limit: 7 });
        for (let i = 0; i < 1000; i++) {
          group.spawn(async () => {
            await schedule();
            sum += i;
          });
        }
        await group.join();
        expect(sum).to.equal(499_500);
      }));
  });

  describe('when one fails', () => {
    it('kills the others, waits for them, and raises its error', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        const wrong = new Error('x');
        const group = new TaskGroup();
        const others = ['a', 'b'].map((name) => group.spawn(patient(log, name, () => sleep(20))));
        group.spawn(failing(wrong, 10));
        expect(await rejection(group.join())).to.equal(wrong);
        expect([log, clock.now()]).to.deep.equal([['a', 'b'], 30]);
        for (const other of others) {
          const error = await rejection(other.join());
          expect(error).to.be.instanceOf(TaskletKilledError).and.have.property('cause', wrong);
        }
      }));

    it('before the others have begun, they never do', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const group = new TaskGroup();
        group.spawn(() => {
          throw wrong;
        });
        group.spawn(() => expect.fail('it ran'));
        expect(await rejection(group.join())).to.equal(wrong);
      }));

    it('[INV-51] raises an AggregateError if others fail in their clean-up, in the order in which they did', () =>
      simulate(async () => {
        const wrongs = ['1', '2', '3'].map((text) => new Error(text));
        const group = new TaskGroup();
        group.spawn(
          patient([], 'a', async () => {
            await sleep(20);
            throw wrongs[2]!;
          }),
        );
        group.spawn(
          patient([], 'b', async () => {
            await sleep(10);
            throw wrongs[1]!;
          }),
        );
        group.spawn(failing(wrongs[0], 5));
        const error = await rejection(group.join());
        expect(error).to.be.instanceOf(AggregateError);
        expect((error as AggregateError).errors).to.deep.equal(wrongs);
      }));

    it('whatever it throws', () =>
      simulate(async () => {
        for (const wrong of [undefined, null, 'text', Object.freeze(new Error('frozen'))]) {
          const group = new TaskGroup();
          group.spawn(failing(wrong));
          expect(await rejection(group.join())).to.equal(wrong);
        }
      }));

    it('raises it once', () =>
      simulate(async () => {
        const group = new TaskGroup();
        group.spawn(failing(new Error('x')));
        await rejection(group.join());
        await group.join();
      }));

    it('takes no more', () =>
      simulate(async () => {
        const group = new TaskGroup();
        group.spawn(failing(new Error('x')));
        await rejection(group.join());
        expect(() => group.spawn(() => {})).to.throw(StateError);
      }));
  });

  it('does not mind one that is killed', () =>
    simulate(async () => {
      const group = new TaskGroup();
      const victim = group.spawn(() => silent.receive());
      const other = group.spawn(() => sleep(10).then(() => 'value'));
      await schedule();
      victim.kill();
      await group.join();
      expect(await other.join()).to.equal('value');
    }));

  describe('cancel', () => {
    it('kills all, with reason and grace, and does not wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const group = new TaskGroup();
        const members = ['a', 'b'].map((name) => group.spawn(patient(log, name)));
        await schedule();
        const reason = new Error('enough');
        group.cancel({ reason });
        expect(log).to.deep.equal([]);
        await group.join();
        expect(log).to.deep.equal(['a', 'b']);
        for (const member of members) {
          expect(await rejection(member.join())).to.have.property('cause', reason);
        }
      }));

    it('ends those too that wait for the limit, and whoever joins them', () =>
      simulate(async () => {
        const group = new TaskGroup({ limit: 1 });
        group.spawn(() => silent.receive());
        const waiting = group.spawn(() => expect.fail('it ran'));
        const joiner = spawn(() => rejection(waiting.join()));
        await schedule();
        group.cancel();
        expect([waiting.state, group.size]).to.deep.equal(['killed', 1]);
        expect(await joiner.join()).to.be.instanceOf(TaskletKilledError);
        await group.join();
      }));

    it('takes no more after it, and may come again', () =>
      simulate(async () => {
        const group = new TaskGroup();
        group.cancel();
        group.cancel();
        expect(() => group.spawn(() => {})).to.throw(StateError);
        await group.join();
      }));

    it('by one of its own kills that one too, at its next wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const group = new TaskGroup();
        group.spawn(patient(log, 'other'));
        group.spawn(async () => {
          await schedule();
          group.cancel();
          log.push('cancelled');
          await schedule();
          log.push('not here');
        });
        await group.join();
        expect(log).to.deep.equal(['cancelled', 'other']);
      }));

    it('refuses wrong options, and kills nobody', () =>
      simulate(async () => {
        const group = new TaskGroup();
        const member = group.spawn(() => sleep(1).then(() => 'value'));
        expect(() => group.cancel({ gracious: 1 } as object)).to.throw(TypeError);
        expect(() => group.cancel({ grace: -1 })).to.throw(RangeError);
        group.spawn(() => {});
        await group.join();
        expect(await member.join()).to.equal('value');
      }));
  });

  describe('whoever is interrupted while it joins', () => {
    it('by a kill, cancels the group, waits for its end, and is killed', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        const joiner = spawn(async () => {
          const group = new TaskGroup();
          group.spawn(patient(log, 'member', () => sleep(50)));
          await group.join();
        });
        await sleep(10);
        joiner.kill();
        expect(await rejection(joiner.join())).to.be.instanceOf(TaskletKilledError);
        expect([log, clock.now()]).to.deep.equal([['member'], 60]);
      }));

    it('by a kill, while a member fails in its clean-up, fails with that: a crash is never silent', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const joiner = spawn(async () => {
          const group = new TaskGroup();
          group.spawn(patient([], 'member', failing(wrong)));
          await group.join();
        });
        await sleep(10);
        joiner.kill();
        expect(await rejection(joiner.join())).to.equal(wrong);
      }));

    it('by a second kill, still waits for the end', () =>
      simulate(async () => {
        const log: string[] = [];
        const joiner = spawn(async () => {
          const group = new TaskGroup();
          group.spawn(patient(log, 'member', () => sleep(50)));
          await group.join();
        });
        await sleep(10);
        joiner.kill();
        await sleep(10);
        joiner.kill();
        expect(await rejection(joiner.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['member']);
      }));

    it('by a time scope, cancels, and raises that', () =>
      simulate(async ({ clock }) => {
        const log: string[] = [];
        const fallback = await timeout(
          10,
          async () => {
            const group = new TaskGroup();
            group.spawn(patient(log, 'member'));
            await group.join();
          },
          { fallback: 'late' },
        );
        expect([fallback, log, clock.now()]).to.deep.equal(['late', ['member'], 10]);
      }));

    it('[INV-51] by an error, while members fail, raises all of them', () =>
      simulate(async () => {
        const [thrown, wrong] = [new Error('thrown'), new Error('x')];
        const joiner = spawn(async () => {
          const group = new TaskGroup();
          group.spawn(patient([], 'member', failing(wrong)));
          await group.join();
        });
        await schedule();
        joiner.throw(thrown);
        const error = await rejection(joiner.join());
        expect(error).to.be.instanceOf(AggregateError);
        expect((error as AggregateError).errors).to.deep.equal([thrown, wrong]);
      }));
  });

  describe('await using', () => {
    it('joins when the scope is left', () =>
      simulate(async () => {
        const log: string[] = [];
        {
          await using group = new TaskGroup();
          group.spawn(async () => {
            await sleep(10);
            log.push('member');
          });
          log.push('body');
        }
        log.push('after');
        expect(log).to.deep.equal(['body', 'member', 'after']);
      }));

    it('raises the error of a member', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const scope = async (): Promise<void> => {
          await using group = new TaskGroup();
          group.spawn(failing(wrong));
        };
        expect(await rejection(scope())).to.equal(wrong);
      }));
  });

  describe('run', () => {
    it('returns what its body returns, when all have ended', () =>
      simulate(async () => {
        const log: string[] = [];
        const value = await TaskGroup.run(
          (group) => {
            group.spawn(() => sleep(10).then(() => log.push('member')));
            return 'value';
          },
          { limit: 3 },
        );
        expect([value, log]).to.deep.equal(['value', ['member']]);
      }));

    it('cancels the group when its body fails, and raises that', () =>
      simulate(async () => {
        const log: string[] = [];
        const wrong = new Error('x');
        const body = async (group: TaskGroup): Promise<void> => {
          group.spawn(patient(log, 'member'));
          await schedule();
          throw wrong;
        };
        expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
        expect(log).to.deep.equal(['member']);
        const atOnce = (): never => {
          throw wrong;
        };
        expect(await rejection(TaskGroup.run(atOnce))).to.equal(wrong);
      }));

    it('raises an error at the wait of its body when a member fails', () =>
      simulate(async () => {
        const log: string[] = [];
        const wrong = new Error('x');
        const body = async (group: TaskGroup): Promise<void> => {
          group.spawn(failing(wrong, 10));
          await patient(log, 'body')();
        };
        expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
        expect(log).to.deep.equal(['body']);
        expect(silent.balance).to.equal(0);
      }));

    it('raises it not after the body, when there was no wait of it any more', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const body = async (group: TaskGroup): Promise<void> => {
          group.spawn(failing(wrong));
          await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
        };
        expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
        await schedule();
      }));

    it('raises it all the same if the body catches it', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const body = async (group: TaskGroup): Promise<string> => {
          group.spawn(failing(wrong));
          expect(await rejection(silent.receive())).to.equal(wrong);
          return 'value';
        };
        expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
      }));

    it('raises the error of a member that its body has joined once', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const body = async (group: TaskGroup): Promise<void> => {
          await group.spawn(failing(wrong)).join();
        };
        expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
      }));

    it('[INV-51] raises an AggregateError of the body’s error and those of clean-ups', () =>
      simulate(async () => {
        const [thrown, wrong] = [new Error('thrown'), new Error('x')];
        const body = async (group: TaskGroup): Promise<void> => {
          group.spawn(patient([], 'member', failing(wrong)));
          await schedule();
          throw thrown;
        };
        const error = await rejection(TaskGroup.run(body));
        expect(error).to.be.instanceOf(AggregateError);
        expect((error as AggregateError).errors).to.deep.equal([thrown, wrong]);
      }));

    it('killed in its body, kills the members, and is killed', () =>
      simulate(async () => {
        const log: string[] = [];
        const victim = spawn(() =>
          TaskGroup.run(async (group) => {
            group.spawn(patient(log, 'member', () => sleep(10)));
            await silent.receive();
          }),
        );
        await sleep(5);
        victim.kill();
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['member']);
      }));

    it('nests: an inner error passes through all scopes and ends them', () =>
      simulate(async () => {
        const log: string[] = [];
        const wrong = new Error('x');
        const inner = async (group: TaskGroup): Promise<void> => {
          group.spawn(patient(log, 'inner'));
          group.spawn(failing(wrong, 5));
        };
        const outer = async (group: TaskGroup): Promise<void> => {
          group.spawn(patient(log, 'outer'));
          group.spawn(() => TaskGroup.run(inner));
        };
        expect(await rejection(TaskGroup.run(outer))).to.equal(wrong);
        expect(log).to.deep.equal(['inner', 'outer']);
      }));

    it('recognises a time scope around it', () =>
      simulate(async () => {
        const log: string[] = [];
        const body = async (group: TaskGroup): Promise<void> => {
          group.spawn(patient(log, 'member'));
          await silent.receive();
        };
        const error = await rejection(timeout(10, () => TaskGroup.run(body)));
        expect(error).to.be.instanceOf(TimeoutError);
        expect(log).to.deep.equal(['member']);
        expect(await timeout(10, () => TaskGroup.run(body), { fallback: 1 })).to.equal(1);
      }));

    it('works outside tasklets', async () => {
      const value = await TaskGroup.run(async (group) => {
        const members = [1, 2, 3].map((n) => group.spawn(() => n));
        return Promise.all(members.map((member) => member.join()));
      });
      expect(value).to.deep.equal([1, 2, 3]);
      const wrong = new Error('x');
      const body = async (group: TaskGroup): Promise<void> => {
        group.spawn(() => {
          throw wrong;
        });
      };
      expect(await rejection(TaskGroup.run(body))).to.equal(wrong);
    });

    it('in a program: its error is the program’s', async () => {
      const wrong = new Error('x');
      const main = (): Promise<void> =>
        TaskGroup.run((group) => {
          group.spawn(() => {
            throw wrong;
          });
        });
      expect(await rejection(run(main, { scheduler: new Scheduler() }))).to.equal(wrong);
    });
  });

  describe('[INV-48] that nobody joins', () => {
    const program = (main: () => unknown): Promise<unknown> =>
      rejection(run(main, { scheduler: new Scheduler() }));

    it('has its error reported when the tasklet that made it has ended', async () => {
      const wrong = new Error('x');
      const log: string[] = [];
      const main = async (): Promise<void> => {
        spawn(async () => {
          const group = new TaskGroup();
          group.spawn(failing(wrong));
          await sleep(5);
          log.push('it goes on');
        });
        await silent.receive();
      };
      expect(await program(main)).to.equal(wrong);
      expect(log).to.deep.equal(['it goes on']);
    });

    it('has it reported also if that one had ended before', async () => {
      const wrong = new Error('x');
      const main = (): void => {
        const group = new TaskGroup();
        group.spawn(failing(wrong, 5));
      };
      expect(await program(main)).to.equal(wrong);
    });

    it('has all reported if there are several', async () => {
      const wrongs = [new Error('1'), new Error('2')];
      const main = (): void => {
        const group = new TaskGroup();
        group.spawn(patient([], 'member', failing(wrongs[1])));
        group.spawn(failing(wrongs[0], 5));
      };
      const error = await program(main);
      expect(error).to.be.instanceOf(AggregateError);
      expect((error as AggregateError).errors).to.deep.equal(wrongs);
    });

    it('[INV-82] is not held by its maker once its error was heard', () =>
      simulate(async () => {
        const groups: WeakRef<TaskGroup>[] = [];
        for (let i = 0; i < 10; i++) {
          const body = async (group: TaskGroup): Promise<void> => {
            groups.push(new WeakRef(group));
            group.spawn(failing(new Error('x')));
            await silent.receive();
          };
          await rejection(TaskGroup.run(body));
        }
        await collectGarbage();
        expect(groups.slice(0, -1).filter((ref) => ref.deref() !== undefined)).to.have.length(0);
      }));

    it('has nothing reported if another tasklet joins it', () =>
      simulate(async () => {
        const wrong = new Error('x');
        const line = new Channel<TaskGroup>();
        spawn(async () => {
          const group = new TaskGroup();
          group.spawn(failing(wrong, 5));
          await line.send(group);
        });
        const group = await line.receive();
        expect(await rejection(group.join())).to.equal(wrong);
        await sleep(10);
      }));
  });

  it('members know who spawned them', () =>
    simulate(async () => {
      const group = new TaskGroup();
      expect(group.spawn(() => {}).parent).to.equal(current());
      await group.join();
    }));

  describe('refuses', () => {
    const wrong: [string, TaskGroupOptions, new () => Error][] = [
      ['an unknown option', { limits: 1 } as TaskGroupOptions, TypeError],
      ['a limit of 0', { limit: 0 }, RangeError],
      ['a limit of 1.5', { limit: 1.5 }, RangeError],
      ['a limit of NaN', { limit: NaN }, RangeError],
      ['a limit that is no number', { limit: '2' as unknown as number }, TypeError],
      ['a name that is no string', { name: 7 as unknown as string }, TypeError],
    ];
    for (const [what, options, error] of wrong) {
      it(what, async () => {
        expect(() => new TaskGroup(options)).to.throw(error, /^TaskGroup: /);
        expect(await rejection(TaskGroup.run(() => {}, options))).to.be.instanceOf(error);
      });
    }

    it('a body that is no function', async () => {
      expect(await rejection(TaskGroup.run('body' as unknown as () => void))).to.be.instanceOf(TypeError);
    });
  });
});
