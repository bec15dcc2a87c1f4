import { readFile, stat } from 'node:fs';
import { lookup } from 'node:dns';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  after,
  current,
  DeadlockError,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { call, startCall } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

type Back = (error: Error | null, value?: string) => void;

/** A function whose callback is called by the test. */
function asked(): {
  readonly ask: (callback: Back) => void;
  readonly answer: Back;
  readonly asks: () => number;
} {
  const callbacks: Back[] = [];
  return {
    ask: (callback) => void callbacks.push(callback),
    answer: (error, value) => callbacks[0]!(error, value),
    asks: () => callbacks.length,
  };
}

const missing = path.join(tmpdir(), 'there', 'is', 'no', 'such', 'file');

describe('call', () => {
  describe('waits for what the callback says', () => {
    it('of a function of Node', async () => {
      const text: string = await call(readFile, __filename, 'utf8');
      expect(text).to.include('of a function of Node');
      expect((await call(stat, __filename)).size).to.equal(Buffer.byteLength(text));
    });

    it('while others have their turns', () =>
      simulate(async () => {
        const log: string[] = [];
        const { ask, answer } = asked();
        const caller = spawn(async () => log.push(`got ${await call(ask)}`));
        spawn(async () => {
          log.push('other');
          await schedule();
          answer(null, 'answer');
          log.push('answered');
        });
        await caller.join();
        expect(log).to.deep.equal(['other', 'answered', 'got answer']);
      }));

    it('and goes on in its own tasklet, wherever the callback came from', () =>
      simulate(async () => {
        const { ask, answer } = asked();
        const caller = spawn(async () => {
          await call(ask);
          return current();
        });
        spawn(() => answer(null));
        expect(await caller.join()).to.equal(caller);
      }));

    it('at once, without another turn, if it was called at once', () =>
      simulate(async () => {
        const log: string[] = [];
        const other = spawn(() => log.push('other'));
        const text = (x: number, back: Back): void => back(null, `${x}`);
        log.push((await call(text, 7))!);
        await other.join();
        expect(log).to.deep.equal(['7', 'other']);
      }));

    it('outside tasklets too', async () => {
      expect(await call((back: Back) => void setImmediate(back, null, 'outside'))).to.equal('outside');
    });

    it('with its arguments, and `undefined` if there is no value', () =>
      simulate(async () => {
        const log: unknown[] = [];
        const fn = (a: number, b: string, back: (error?: null) => void): void => {
          log.push(a, b);
          back();
        };
        log.push(...(await Promise.all([call(fn, 1, 'b')])));
        expect(log).to.deep.equal([1, 'b', undefined]);
      }));

    it('with an array, if there are several values', () =>
      simulate(async () => {
        const values: [number, string] = await call((back: (error: null, a: number, b: string) => void) =>
          back(null, 1, 'b'),
        );
        expect(values).to.deep.equal([1, 'b']);
      }));

    it('with an object, where Node names them', async () => {
      expect(await call(lookup, '127.0.0.1')).to.deep.equal({ address: '127.0.0.1', family: 4 });
      expect(await call(lookup, '127.0.0.1', { all: true })).to.deep.equal([
        { address: '127.0.0.1', family: 4 },
      ]);
    });

    it('in the way the function says by util.promisify.custom', async () => {
      const stream = Readable.from(['text']);
      stream.resume();
      await call(finished, stream);
      expect(stream.readableEnded).to.equal(true);
      const wrong = new Error('custom');
      const shaped = Object.assign((): never => expect.fail('it has another shape'), {
        [promisify.custom]: (doFail: boolean) => (doFail ? Promise.reject(wrong) : Promise.resolve('shaped')),
      });
      expect(await call(shaped, false)).to.equal('shaped');
      expect(await rejection(call(shaped, true))).to.equal(wrong);
    });

    it('of a method that is bound to its object', async () => {
      const server = createServer();
      await call((back) => server.listen(0, '127.0.0.1', back as () => void));
      expect(server.listening).to.equal(true);
      await call(server.close.bind(server));
      expect(server.listening).to.equal(false);
      expect(await rejection(call(server.close.bind(server)))).to.include({ code: 'ERR_SERVER_NOT_RUNNING' });
    });
  });

  describe('raises', () => {
    it('[INV-65] the error of the system as it is, with code, errno and syscall', async () => {
      const error = await rejection(call(readFile, missing));
      expect(error).to.be.instanceOf(Error).and.include({ code: 'ENOENT', syscall: 'open', path: missing });
      expect(error).to.have.property('errno').that.is.below(0);
    });

    it('the very object that the callback was called with, be it no Error', () =>
      simulate(async () => {
        for (const wrong of [new Error('x'), Object.freeze(new Error('frozen')), 'text', 7, Symbol('s')]) {
          expect(await rejection(call((back: (error: unknown) => void) => back(wrong)))).to.equal(wrong);
        }
      }));

    it('nothing for a falsy error', () =>
      simulate(async () => {
        for (const none of [null, undefined, 0, '', false]) {
          expect(await call((back: (error: unknown, value: string) => void) => back(none, 'fine'))).to.equal(
            'fine',
          );
        }
      }));

    it('what the function throws at once', () =>
      simulate(async () => {
        const wrong = new Error('at once');
        const fn = (_: () => void): void => {
          throw wrong;
        };
        expect(await rejection(call(fn))).to.equal(wrong);
      }));

    it('[INV-48] what an async function fails with before it calls back', () =>
      simulate(async () => {
        const wrong = new Error('async');
        const fn = async (_: () => void): Promise<void> => {
          await sleep(1);
          throw wrong;
        };
        expect(await rejection(call(fn))).to.equal(wrong);
      }));

    it('a TypeError for what is no function', async () => {
      for (const wrong of [undefined, null, 'fs.readFile', {}] as unknown as (() => void)[]) {
        expect(await rejection(call(wrong))).to.be.instanceOf(TypeError);
        expect(() => startCall(wrong)).to.throw(TypeError, /^startCall: /);
      }
    });
  });

  describe('ignores', () => {
    it('a callback that is called again', () =>
      simulate(async () => {
        const { ask, answer } = asked();
        const caller = spawn(async () => {
          const first = await call(ask);
          await schedule();
          return first;
        });
        await schedule();
        answer(null, 'first');
        answer(null, 'second');
        answer(new Error('third'));
        expect(await caller.join()).to.equal('first');
      }));

    it('what the function throws after it has called back', () =>
      simulate(async () => {
        const fn = (back: Back): void => {
          back(null, 'first');
          throw new Error('then');
        };
        expect(await call(fn)).to.equal('first');
      }));

    it('the end of an async function, which calls back later', () =>
      simulate(async () => {
        const fn = async (back: Back): Promise<void> => {
          spawn(async () => {
            await sleep(5);
            back(null, 'later');
          });
        };
        expect(await call(fn)).to.equal('later');
      }));

    it('[INV-18] a callback after the kill, whatever it says', () =>
      simulate(async () => {
        for (const late of [null, new Error('late')]) {
          const { ask, answer } = asked();
          const caller = spawn(() => call(ask));
          await schedule();
          caller.kill();
          answer(late, 'late');
          expect(await rejection(caller.join())).to.be.instanceOf(TaskletKilledError);
          answer(late, 'later');
          await schedule();
        }
      }));
  });

  describe('killed', () => {
    it('gives up at once, and runs its finally', () =>
      simulate(async () => {
        const log: string[] = [];
        const caller = spawn(async () => {
          try {
            await call((_: Back) => {});
          } finally {
            log.push('finally');
          }
        });
        await schedule();
        caller.kill();
        await rejection(caller.join());
        expect(log).to.deep.equal(['finally']);
      }));

    it('before it calls, does not call', () =>
      simulate(async () => {
        const { ask, asks } = asked();
        const caller = spawn(async () => {
          current()!.kill();
          await call(ask);
        });
        await rejection(caller.join());
        expect(asks()).to.equal(0);
      }));

    it('[INV-25] after the callback, returns what it said, and is killed at the next wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const { ask, answer } = asked();
        const caller = spawn(async () => {
          log.push((await call(ask))!);
          await schedule();
          log.push('not here');
        });
        await schedule();
        answer(null, 'said');
        caller.kill();
        await rejection(caller.join());
        expect(log).to.deep.equal(['said']);
      }));

    it('again and again, in a loop that catches all, starves nobody', () =>
      simulate(async () => {
        let rounds = 0;
        const stubborn = spawn(async () => {
          while (rounds < 5) {
            try {
              await call((_: Back) => {});
            } catch {
              rounds++;
            }
          }
        });
        await schedule();
        stubborn.kill({ grace: 0 });
        const log: number[] = [];
        while (stubborn.alive) {
          log.push(rounds);
          await schedule();
        }
        expect(log).to.deep.equal([0, 1, 2, 3, 4]);
      }));
  });

  describe('timed out', () => {
    it('by a scope gives up', () =>
      simulate(async () => {
        const { ask, answer } = asked();
        expect(await rejection(timeout(50, () => call(ask)))).to.be.instanceOf(TimeoutError);
        answer(null, 'late');
      }));
  });

  it('is named in dump() and in a deadlock', async () => {
    const seen: (string | undefined)[] = [];
    function neverAnswers(_: Back): void {}
    const object = { method: neverAnswers };
    const scheduler = new Scheduler();
    const main = async (): Promise<void> => {
      const tasklets = [
        spawn(() => call(neverAnswers)),
        spawn(() => call(object.method.bind(object))),
        spawn(() => call((_: Back) => {})),
      ];
      await schedule();
      seen.push(...tasklets.map(({ blockedOn }) => blockedOn));
      for (const tasklet of tasklets.slice(1)) tasklet.kill();
    };
    const over = rejection(run(main, { scheduler }));
    // The event loop of a test never runs dry: what it would say is asked for here.
    setImmediate(() => process.emit('beforeExit', 0));
    const error = await over;
    expect(seen).to.deep.equal(['call of neverAnswers', 'call of neverAnswers', 'call of a function']);
    expect(error).to.be.instanceOf(DeadlockError);
    expect((error as DeadlockError).tasklets.map(({ blockedOn }) => blockedOn)).to.deep.equal([
      'call of neverAnswers',
    ]);
  });

  it('leaves nothing behind when it is called beside another wait', () =>
    simulate(async () => {
      const { ask, answer } = asked();
      const both = Promise.all([call(ask), call((back: Back) => back(null, 'b'))]);
      answer(null, 'a');
      expect(await both).to.deep.equal(['a', 'b']);
    }));
});

describe('startCall', () => {
  it('calls at once, and the answer can be received as often as one likes', () =>
    simulate(async () => {
      const { ask, answer, asks } = asked();
      const channel = startCall(ask);
      expect(asks()).to.equal(1);
      expect(channel.tryReceive()).to.equal(undefined);
      answer(null, 'answer');
      expect([await channel.receive(), await channel.receive()]).to.deep.equal(['answer', 'answer']);
    }));

  it('takes WaitOptions in its receive, and says in the error what it was', () =>
    simulate(async () => {
      function slow(_: Back): void {}
      const error = await rejection(startCall(slow).receive({ timeout: 10 }));
      expect(error).to.be.instanceOf(TimeoutError);
      expect((error as Error).message).to.include('call of slow');
    }));

  it('stands in a select, and an abandoned one is asked again', () =>
    simulate(async () => {
      const { ask, answer } = asked();
      const channel = startCall(ask);
      const cases = () => ({ answer: channel.receiving(), late: after(10).receiving() });
      expect(await select(cases())).to.deep.equal({ case: 'late', value: undefined });
      answer(null, 'now');
      expect(await select(cases())).to.deep.equal({ case: 'answer', value: 'now' });
    }));

  it('raises its error where it is received, and nowhere if it is not', () =>
    simulate(async () => {
      const wrong = new Error('x');
      const fail = (back: Back): void => back(wrong);
      expect(await rejection(select({ answer: startCall(fail).receiving() }))).to.equal(wrong);
      startCall(fail);
      startCall(() => {
        throw wrong;
      });
      await sleep(1);
    }));
});
