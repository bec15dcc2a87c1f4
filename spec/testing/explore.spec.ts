import { expect } from 'chai';
import {
  Channel,
  DeadlockError,
  Event,
  Lock,
  StateError,
  TaskletExit,
  idle,
  schedule,
  select,
  sleep,
  spawn,
  wait,
} from '../../lib/index.js';
import { here } from '../../lib/kernel/caller.js';
import { ExplorationError, UncontrolledError, exhaust, explore } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';

/** Two who each read, let others have a turn, and write what they have read plus one. */
async function lostUpdate(): Promise<void> {
  let count = 0;
  const add = async (): Promise<void> => {
    const seen = count;
    await schedule();
    count = seen + 1;
  };
  const both = [spawn(add), spawn(add)];
  for (const each of both) await each.join();
  expect(count).to.equal(2);
}

/** A flag and a wake-up that goes to nobody when it comes too early. */
async function lostWakeUp(): Promise<void> {
  const bell = new Channel<string>({ name: 'bell' });
  let ready = false;
  spawn(async function waiter() {
    if (ready) return;
    await schedule();
    await bell.receive();
  });
  spawn(async function ringer() {
    await schedule();
    ready = true;
    bell.trySend('now');
  });
}

/** Right in the order of the ring, and only there. */
async function order(): Promise<void> {
  const log: string[] = [];
  for (const name of ['a', 'b', 'c']) spawn(() => log.push(name));
  await idle();
  expect(log.join('')).to.not.equal('cba');
}

async function failure(promise: Promise<unknown>): Promise<ExplorationError> {
  const error = await rejection(promise);
  expect(error).to.be.instanceOf(ExplorationError);
  return error as ExplorationError;
}

/** Runs `task` with the environment variable set as a user would set it. */
async function replaying<T>(schedule: string, task: () => Promise<T>): Promise<T> {
  process.env['EVERGREEN_REPLAY'] = schedule;
  try {
    return await task();
  } finally {
    delete process.env['EVERGREEN_REPLAY'];
  }
}

describe('explore', () => {
  describe('when a bug was planted', () => {
    for (const program of [lostUpdate, lostWakeUp, order]) {
      it(`finds it: ${program.name}`, async () => {
        await failure(explore(program, { runs: 500, seed: 1 }));
      });

      it(`replays it: ${program.name}`, async () => {
        const found = await failure(explore(program, { runs: 500, seed: 2 }));
        const again = await failure(replaying(found.schedule, () => explore(program)));
        expect(again.trace).to.equal(found.trace);
        expect(again.schedule).to.equal(found.schedule);
        expect((again.cause as Error).name).to.equal((found.cause as Error).name);
      });
    }

    it('finds a deadlock, and says who waits for what', async () => {
      const { cause } = await failure(explore(lostWakeUp, { runs: 500, seed: 3 }));
      expect(cause).to.be.instanceOf(DeadlockError);
      expect((cause as DeadlockError).message)
        .to.contain('waiter')
        .and.to.contain("channel 'bell'");
    });

    it('says for how long they have waited, in the time of the program', async () => {
      const failure = await rejection(
        explore(
          async () => {
            await sleep(1000);
            const silent = new Channel<never>({ name: 'silent' });
            spawn(async function early() {
              await silent.receive();
            });
            await sleep(500);
            await silent.receive();
          },
          { runs: 1 },
        ),
      );
      expect(String(failure)).to.match(/main \(#\d+\): receive on channel 'silent', for 0 ms/);
      expect(String(failure)).to.match(/early \(#\d+\): receive on channel 'silent', for 500 ms/);
    });

    it('tells those of one name apart, also when one is killed', async () => {
      const failure = await rejection(
        explore(
          ({ killable }) => {
            const all = [0, 1].map(() => {
              const worker = (): Promise<void> => sleep(10);
              return killable(spawn(worker));
            });
            return all[1]!.join();
          },
          { runs: 100, seed: 1 },
        ),
      );
      expect((failure as ExplorationError).trace).to.match(/^worker \(2\) is killed$/m);
    });

    it('finds a lock that is taken twice over, in either order', async () => {
      const { cause } = await failure(
        explore(
          async () => {
            const a = new Lock({ name: 'a' });
            const b = new Lock({ name: 'b' });
            const both = async (first: Lock, second: Lock): Promise<void> => {
              await first.acquire();
              await schedule();
              await second.acquire();
              second.release();
              first.release();
            };
            spawn(both, a, b);
            spawn(both, b, a);
          },
          { seed: 1 },
        ),
      );
      expect(cause).to.be.instanceOf(DeadlockError);
    });

    it('finds a value that is lost when its taker is killed', async () => {
      await failure(
        explore(
          async ({ killable }) => {
            const stock = ['a', 'b'];
            const line = new Channel<string>();
            const taken: string[] = [];
            const taker = killable(
              spawn(async () => {
                for (;;) {
                  const item = await line.receive();
                  await schedule();
                  taken.push(item);
                }
              }),
            );
            for (const item of stock) await line.send(item, { timeout: 10 }).catch(() => taken.push(item));
            taker.kill();
            await taker.join().catch(() => {});
            expect(taken.sort()).to.deep.equal(stock);
          },
          { seed: 1 },
        ),
      );
    });

    it('finds a program that never ends', async () => {
      const { cause } = await failure(
        explore(
          async () => {
            for (;;) await schedule();
          },
          { steps: 200, runs: 1 },
        ),
      );
      expect((cause as Error).message).to.equal('it has not ended after 200 steps');
    });

    it('finds the error that nobody joins', async () => {
      const planted = new Error('planted');
      const { cause } = await failure(
        explore(() => {
          spawn(() => {
            throw planted;
          });
        }),
      );
      expect(cause).to.equal(planted);
    });
  });

  describe('when it fails', () => {
    it('tells error, seed, schedule and story, and the same for the same seed', async () => {
      const first = await failure(explore(order, { seed: 4 }));
      const second = await failure(explore(order, { seed: 4 }));
      expect(first.message).to.equal(second.message);
      expect(first.message).to.match(
        /^AssertionError: expected 'cba' to not equal 'cba'\n\(run \d+ of 1000, seed 4\)/,
      );
      expect(first.message).to.contain(`EVERGREEN_REPLAY=${first.schedule}\n`);
      expect(first.message).to.contain(first.trace.split('\n')[0]);
      expect(first.code).to.equal('ERR_EXPLORATION');
    });

    it('shows of a long story the beginning and the end, and of what is no error what it is', async () => {
      const { message, trace } = await failure(
        explore(async () => {
          for (let i = 0; i < 100; i++) spawn(() => schedule());
          await idle();
          throw { odd: 1 };
        }),
      );
      const [lines, shown] = [trace.split('\n'), message.split('\n')];
      const story = shown.slice(shown.indexOf('Its story:') + 1).map((line) => line.trim());
      expect(lines.length).to.be.above(200);
      expect(story.length).to.equal(81);
      expect([story[0], story.at(-1)]).to.deep.equal([lines[0], lines.at(-1)]);
      expect(story[40]).to.equal(`… ${lines.length - 80} lines more, in the error's \`trace\` …`);
      expect(shown[0]).to.equal('an object');
    });

    it('finds a timer that the program left behind', async () => {
      const { cause } = await failure(
        explore(() => {
          here().clock.set({ due: 0, order: 0, place: -1, fire: () => {} }, 5);
        }),
      );
      expect((cause as Error).message).to.contain('left a timer behind');
    });

    it('makes it smaller: no decision is left that is not needed', async () => {
      // One tasklet has to come before two others; all else is the order of the ring.
      const { schedule: text } = await failure(
        explore(
          async () => {
            const log: string[] = [];
            for (const name of ['a', 'b', 'c', 'd', 'e']) {
              spawn(async () => {
                await schedule();
                log.push(name);
                await schedule();
              });
            }
            await idle();
            expect(log[0]).to.not.equal('e');
          },
          { seed: 5 },
        ),
      );
      expect(Array.from(text).filter((digit) => digit !== '0').length).to.be.at.most(2);
    });

    it('leaves nothing of the failed program behind', async () => {
      let cleaned = 0;
      await failure(
        explore(
          async () => {
            spawn(async () => {
              try {
                await new Channel().receive();
              } finally {
                await schedule();
                cleaned++;
              }
            });
          },
          { runs: 1 },
        ),
      );
      expect(cleaned).to.be.above(0);
    });
  });

  describe('what is decided', () => {
    it('is who of those who can run is next', async () => {
      const seen = new Set<string>();
      const { distinct } = await explore(
        async () => {
          const log: string[] = [];
          for (const name of ['a', 'b', 'c']) spawn(() => log.push(name));
          await idle();
          seen.add(log.join(''));
        },
        { runs: 300, seed: 1 },
      );
      expect(seen.size).to.equal(6);
      expect(distinct).to.equal(6);
    });

    it('is whether a timer fires before a tasklet has its turn', async () => {
      const { values } = await exhaust(async () => {
        const line = new Channel<string>();
        spawn(() => line.send('value', { timeout: 5 }).catch(() => {}));
        await schedule();
        return line.receive({ timeout: 10 }).catch((error: unknown) => (error as Error).name);
      });
      expect([...values].sort()).to.deep.equal(['TimeoutError', 'value']);
    });

    it('is whether somebody is killed, and when', async () => {
      const { values } = await exhaust(async ({ killable }) => {
        const log: string[] = [];
        const mortal = killable(
          spawn(async () => {
            try {
              log.push('begins');
              await schedule();
              log.push('goes on');
            } catch (error) {
              log.push(error instanceof TaskletExit ? 'killed' : 'failed');
              throw error;
            }
          }),
        );
        // Alone, it would go on at once: `schedule` waits only if somebody else can run.
        spawn(() => schedule());
        await mortal.join().catch(() => log.push('gone'));
        return log.join(', ');
      });
      expect([...values].sort()).to.deep.equal(['begins, goes on', 'begins, killed, gone', 'gone']);
    });

    it('is which of the ready cases a select does', async () => {
      const { values } = await exhaust(async () => {
        const channels = [new Channel<string>(), new Channel<string>(), new Channel<string>()] as const;
        for (const [i, channel] of channels.entries()) channel.post(`from ${i}`);
        const [a, b, c] = channels;
        return (await select({ a: a.receiving(), b: b.receiving(), c: c.receiving() })).value;
      });
      expect([...values].sort()).to.deep.equal(['from 0', 'from 1', 'from 2']);
    });

    it('is what the program asks for', async () => {
      const { values, runs } = await exhaust(({ choose }) => choose(3) * 10 + choose(2));
      expect([...values].sort()).to.deep.equal([0, 1, 10, 11, 20, 21]);
      expect(runs).to.equal(6);
    });

    it('is not whether somebody comes in between two operations that do not wait', async () => {
      const { values } = await exhaust(async () => {
        const line = new Channel<string>();
        const log: string[] = [];
        line.post('x');
        line.post('y');
        spawn(() => log.push('other'));
        log.push(await line.receive(), await line.receive());
        await idle();
        return log.join(' ');
      });
      expect([...values]).to.deep.equal(['x y other']);
    });

    it('is not when a wait with timeout 0 gives up: everybody has had one turn', async () => {
      const { values } = await exhaust(async () => {
        const line = new Channel<string>();
        spawn(() => line.send('in time'));
        return line.receive({ timeout: 0 });
      });
      expect([...values]).to.deep.equal(['in time']);
    });

    it('is not when an error that nobody joins is reported: whoever could join in time does', async () => {
      const { complete } = await exhaust(async () => {
        const failing = spawn(() => {
          throw new Error('joined');
        });
        await schedule();
        expect(await rejection(failing.join())).to.be.instanceOf(Error);
      });
      expect(complete).to.equal(true);
    });
  });

  describe('when a program is not controlled', () => {
    const elsewhere = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

    it('tells of a foreign await, and in whom', async () => {
      const { cause } = await failure(
        explore(async () => {
          await spawn(async function stranger() {
            await elsewhere();
          }).join();
        }),
      );
      expect(cause).to.be.instanceOf(UncontrolledError);
      expect((cause as Error).message).to.contain("tasklet 'stranger'");
    });

    it('tells of a foreign await while others can go on', async () => {
      const { cause } = await failure(
        explore(async () => {
          spawn(async () => {
            for (let i = 0; i < 5; i++) await schedule();
          });
          await elsewhere();
        }),
      );
      expect(cause).to.be.instanceOf(UncontrolledError);
    });

    it('tells of one that is waited for in our way', async () => {
      const { cause } = await failure(explore(() => wait(elsewhere())));
      expect(cause).to.be.instanceOf(UncontrolledError);
    });

    it('tells of a promise that never comes', async () => {
      const { cause } = await failure(explore(() => new Promise(() => {})));
      expect(cause).to.be.instanceOf(UncontrolledError);
    });

    it('tells of state that outlives a run', async () => {
      let runs = 0;
      const error = await rejection(
        explore(async () => {
          spawn(() => {});
          if (runs++ % 2 === 0) spawn(() => {});
          await idle();
        }),
      );
      expect(error).to.be.instanceOf(StateError);
      expect((error as Error).message).to.contain('the same decisions led elsewhere');
    });

    it('says so when a failure does not come again', async () => {
      let runs = 0;
      const { message } = await failure(
        explore(() => {
          if (runs++ === 0) throw new Error('once');
        }),
      );
      expect(message).to.contain('It did not fail again');
    });
  });

  it('takes an await that ends by itself, and one of several operations at once, for ours', async () => {
    const { runs } = await explore(
      async () => {
        const [a, b] = [new Channel<number>(), new Channel<number>()];
        spawn(async () => {
          await Promise.resolve();
          await a.send(1);
        });
        spawn(() => b.send(2));
        expect(await Promise.all([a.receive(), b.receive()])).to.deep.equal([1, 2]);
      },
      { runs: 100 },
    );
    expect(runs).to.equal(100);
  });

  it('finds nothing in a program that is right', async () => {
    await explore(
      async ({ killable }) => {
        const lock = new Lock();
        const done = new Event();
        let inside = 0;
        const users = Array.from({ length: 3 }, () =>
          killable(
            spawn(async () => {
              using _ = await lock.acquire();
              expect(++inside).to.equal(1);
              try {
                await sleep(5);
              } finally {
                inside--;
              }
            }),
          ),
        );
        for (const user of users) await user.join().catch(() => {});
        done.set();
        await done.wait();
        expect(lock.locked).to.equal(false);
      },
      { runs: 500 },
    );
  });

  it('lets who waits for another in a loop come to an end: nobody is kept from his turn for ever', async () => {
    const { runs } = await explore(
      async () => {
        let ready = false;
        spawn(async () => {
          await schedule();
          ready = true;
        });
        while (!ready) await schedule();
      },
      { runs: 200, steps: 500 },
    );
    expect(runs).to.equal(200);
  });

  it('makes time pass in no time', async () => {
    const { runs } = await explore(() => sleep(3_600_000), { runs: 10 });
    expect(runs).to.equal(10);
  });

  it('refuses what it does not know', async () => {
    const program = (): void => {};
    expect(await rejection(explore(program, { runs: 0 }))).to.be.instanceOf(RangeError);
    expect(await rejection(explore(program, { seed: -1 }))).to.be.instanceOf(RangeError);
    expect(await rejection(explore(program, { tries: 1 } as object))).to.be.instanceOf(TypeError);
    expect(await rejection(explore(5 as never))).to.be.instanceOf(TypeError);
    expect(await rejection(exhaust(program, { limit: 1.5 }))).to.be.instanceOf(RangeError);
    expect(await rejection(replaying('0?1', () => explore(program)))).to.be.instanceOf(TypeError);
  });
});
