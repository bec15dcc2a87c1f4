import { expect } from 'chai';
import {
  Channel,
  schedule,
  select,
  sleep,
  spawn,
  StateError,
  TaskletExit,
  TaskletKilledError,
  timeout,
  TimeoutError,
  wait,
  type TimeoutOptions,
} from '../../lib/index.js';
import { deferred } from '../support/deferred.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

const silent = new Channel<never>({ name: 'silent' });

describe('timeout', () => {
  it('returns what its function returns, and leaves no timer', () =>
    simulate(async ({ clock }) => {
      expect(await timeout(100, () => 'plain')).to.equal('plain');
      expect(await timeout(100, () => sleep(10).then(() => 'value'))).to.equal('value');
      expect([clock.now(), clock.next]).to.deep.equal([10, undefined]);
    }));

  it('raises what its function throws, at once and later', () =>
    simulate(async ({ clock }) => {
      const wrong = new Error('x');
      const atOnce = (): never => {
        throw wrong;
      };
      expect(await rejection(timeout(100, atOnce))).to.equal(wrong);
      expect(await rejection(timeout(100, () => sleep(1).then(atOnce)))).to.equal(wrong);
      expect(clock.next).to.equal(undefined);
    }));

  it('raises TimeoutError at the wait where its function stands, of any kind', () =>
    simulate(async ({ clock }) => {
      const waits: (() => Promise<unknown>)[] = [
        () => silent.receive(),
        () => silent.send(undefined as never),
        () => sleep(1000),
        () => select({ a: silent.receiving(), b: silent.sending(undefined as never) }),
        () => wait(new Promise(() => {})),
        () => wait(() => new Promise(() => {})),
        () => spawn(() => sleep(100)).join(),
        () => Promise.all([silent.receive(), silent.receive(), sleep(1000)]),
      ];
      for (const operation of waits) {
        const began = clock.now();
        const log: unknown[] = [];
        const fn = async (): Promise<void> => {
          try {
            await operation();
          } catch (error) {
            log.push(error);
            throw error;
          }
        };
        const error = await rejection(timeout(50, fn));
        expect(error, String(operation)).to.be.instanceOf(TimeoutError).and.include({ code: 'ERR_TIMEOUT' });
        expect([log, clock.now() - began]).to.deep.equal([[error], 50]);
        expect(silent.balance).to.equal(0);
      }
      await sleep(1000);
    }));

  it('is one deadline over many waits', () =>
    simulate(async ({ clock }) => {
      const log: number[] = [];
      const fn = async (): Promise<void> => {
        for (;;) {
          await sleep(30);
          log.push(clock.now());
        }
      };
      expect(await rejection(timeout(100, fn))).to.be.instanceOf(TimeoutError);
      expect([log, clock.now()]).to.deep.equal([[30, 60, 90], 100]);
    }));

  it('raises it at the next wait if there is none now', () =>
    simulate(async ({ clock }) => {
      const foreign = deferred();
      const log: string[] = [];
      const fn = async (): Promise<void> => {
        await foreign.promise;
        log.push('foreign');
        await schedule();
        log.push('not here');
      };
      const scope = spawn(() => timeout(10, fn));
      await sleep(20);
      foreign.resolve();
      expect(await rejection(scope.join())).to.be.instanceOf(TimeoutError);
      expect([log, clock.now()]).to.deep.equal([['foreign'], 20]);
    }));

  it('lets the value of its function count that came to its end all the same', () =>
    simulate(async () => {
      const foreign = deferred<string>();
      const scope = spawn(async () => {
        const value = await timeout(10, () => foreign.promise);
        await schedule();
        await sleep(1);
        return value;
      });
      await sleep(20);
      foreign.resolve('value');
      expect(await scope.join()).to.equal('value');
    }));

  it('is raised once: its function may clean up', () =>
    simulate(async ({ clock }) => {
      const fn = async (): Promise<void> => {
        try {
          await silent.receive();
        } finally {
          await sleep(50);
        }
      };
      expect(await rejection(timeout(10, fn))).to.be.instanceOf(TimeoutError);
      expect(clock.now()).to.equal(60);
    }));

  it('swallowed by its function is gone', () =>
    simulate(async () => {
      const fn = async (): Promise<string> => {
        await rejection(silent.receive());
        await sleep(10);
        return 'value';
      };
      expect(await timeout(10, fn)).to.equal('value');
    }));

  describe('fallback', () => {
    it('is what comes instead, `undefined` too', () =>
      simulate(async () => {
        expect(await timeout(10, () => silent.receive(), { fallback: 'late' })).to.equal('late');
        expect(await timeout(10, () => silent.receive(), { fallback: undefined })).to.equal(undefined);
      }));

    it('is not for other errors, nor for a TimeoutError of another', () =>
      simulate(async () => {
        const fn = (): Promise<never> => silent.receive({ timeout: 5 });
        const error = await rejection(timeout(10, fn, { fallback: 'late' }));
        expect(error).to.be.instanceOf(TimeoutError);
        expect((error as Error).message).to.include('silent');
      }));
  });

  describe('[INV-30] nested', () => {
    it('the inner one first: it is recognised there, and the outer one goes on', () =>
      simulate(async ({ clock }) => {
        const value = await timeout(
          100,
          async () => {
            const inner = await timeout(10, () => silent.receive(), { fallback: 'inner' });
            await sleep(20);
            return inner;
          },
          { fallback: 'outer' },
        );
        expect([value, clock.now()]).to.deep.equal(['inner', 30]);
      }));

    it('the outer one first: it passes through the inner one', () =>
      simulate(async ({ clock }) => {
        const value = await timeout(10, () => timeout(100, () => silent.receive(), { fallback: 'inner' }), {
          fallback: 'outer',
        });
        expect([value, clock.now()]).to.deep.equal(['outer', 10]);
      }));

    it('at the same time: the outer one, which was set first, and no error is left', () =>
      simulate(async () => {
        const value = await timeout(
          10,
          async () => {
            const inner = await timeout(10, () => silent.receive(), { fallback: 'inner' });
            await sleep(1);
            return inner;
          },
          { fallback: 'outer' },
        );
        expect(value).to.equal('outer');
        await sleep(100);
      }));
  });

  it('belongs to one tasklet: what others do meanwhile is not meant', () =>
    simulate(async () => {
      const other = spawn(() => sleep(100).then(() => 'other'));
      const scope = spawn(() => timeout(10, () => silent.receive(), { fallback: 'late' }));
      expect([await scope.join(), await other.join()]).to.deep.equal(['late', 'other']);
    }));

  it('does not mean a tasklet that its function has spawned', () =>
    simulate(async () => {
      const made: { child?: ReturnType<typeof spawn<[], string>> } = {};
      await rejection(
        timeout(10, async () => {
          made.child = spawn(() => sleep(50).then(() => 'child'));
          await silent.receive();
        }),
      );
      expect(await made.child!.join()).to.equal('child');
    }));

  describe('together with a kill', () => {
    it('the kill passes through', () =>
      simulate(async () => {
        const seen: unknown[] = [];
        const victim = spawn(() =>
          timeout(
            100,
            async () => {
              seen.push(await rejection(silent.receive()));
              throw seen[0];
            },
            { fallback: 'late' },
          ),
        );
        await schedule();
        victim.kill();
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        expect(seen[0]).to.be.instanceOf(TaskletExit);
      }));

    it('[INV-27] at one time: the first one is raised, the other one at the next wait', () =>
      simulate(async () => {
        const log: string[] = [];
        const victim = spawn(async () => {
          await timeout(10, async () => {
            try {
              await silent.receive();
            } catch (error) {
              log.push((error as Error).name);
              throw error;
            } finally {
              await schedule().catch((error: unknown) => {
                log.push((error as Error).name);
                throw error;
              });
            }
          });
        });
        const killer = spawn(async () => {
          await sleep(10);
          victim.kill();
        });
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
        await killer.join();
        expect(log).to.deep.equal(['TimeoutError', 'TaskletExit']);
      }));
  });

  it('[INV-2] a value that was committed when time was up is returned', () =>
    simulate(async ({ clock }) => {
      const line = new Channel<string>({ preference: 'neither' });
      const scope = spawn(() => timeout(10, () => line.receive()));
      await schedule();
      await line.send('value');
      clock.advance(10);
      expect(await scope.join()).to.equal('value');
    }));

  it('of 0 has time for one turn', () =>
    simulate(async ({ clock }) => {
      expect(await timeout(0, () => 'plain')).to.equal('plain');
      const line = new Channel<string>();
      spawn(() => line.send('value'));
      expect(await timeout(0, () => line.receive())).to.equal('value');
      expect(await timeout(0, () => silent.receive(), { fallback: 'late' })).to.equal('late');
      expect(clock.now()).to.equal(0);
    }));

  it('of Infinity is none', () =>
    simulate(async ({ clock }) => {
      await timeout(Infinity, () => sleep(1e9));
      expect([clock.now(), clock.next]).to.deep.equal([1e9, undefined]);
    }));

  it('[INV-80] leaves nothing after many that were in time', () =>
    simulate(async ({ clock }) => {
      for (let i = 0; i < 1000; i++) await timeout(100, () => schedule());
      expect(clock.next).to.equal(undefined);
    }));

  describe('refuses', () => {
    it('to be called outside a tasklet', async () => {
      expect(await rejection(timeout(10, () => 'value'))).to.be.instanceOf(StateError);
    });

    const wrong: [string, () => Promise<unknown>, new () => Error][] = [
      ['a negative time', () => timeout(-1, () => expect.fail('it ran')), RangeError],
      ['NaN', () => timeout(NaN, () => expect.fail('it ran')), RangeError],
      ['what is no number', () => timeout('10' as unknown as number, () => expect.fail('it ran')), TypeError],
      ['what is no function', () => timeout(10, 'fn' as unknown as () => void), TypeError],
      [
        'an unknown option',
        () => timeout(10, () => expect.fail('it ran'), { default: 1 } as TimeoutOptions<number>),
        TypeError,
      ],
    ];
    for (const [what, make, error] of wrong) {
      it(`[INV-28] ${what}, and runs nothing`, () =>
        simulate(async ({ clock }) => {
          expect(await rejection(make())).to.be.instanceOf(error);
          expect(clock.next).to.equal(undefined);
        }));
    }
  });
});
