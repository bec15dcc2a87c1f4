import { AsyncLocalStorage } from 'node:async_hooks';
import { promiseHooks } from 'node:v8';
import { expect } from 'chai';
import { defaultScheduler } from '../../lib/kernel/caller.js';
import {
  byContext,
  byHooks,
  byTurn,
  identity as platform,
  trust,
  type Identity,
} from '../../lib/kernel/identity.js';
import { TASKLET, Waiter } from '../../lib/kernel/waiter.js';

const outside = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const timer = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** Runs `body` as `waiter`, as a scheduler does: in a microtask of its own. */
function as(identity: Identity, waiter: Waiter, body: () => Promise<void>): Promise<void> {
  identity.on();
  return new Promise((resolve, reject) => {
    void Promise.resolve().then(() =>
      identity.run(waiter, () => {
        body().then(resolve, reject);
      }),
    );
  }).finally(() => identity.off()) as Promise<void>;
}

/** A thenable of another make. */
const foreign = {
  then: (resolve: () => void): unknown => setImmediate(resolve),
} as unknown as PromiseLike<void>;

function someone(): Waiter {
  return new Waiter(TASKLET, defaultScheduler, null);
}

describe('identity', () => {
  for (const [name, make] of [
    [
      'by native async context',
      () => {
        const storage = new AsyncLocalStorage<Waiter>();
        // Where it is not native (Node 20 and 22) it tells microtasks apart only after its first use.
        storage.run(someone(), () => {});
        return byContext(storage);
      },
    ],
    ['by promise hooks', () => byHooks(promiseHooks as unknown as Parameters<typeof byHooks>[0])],
  ] as const) {
    describe(name, () => {
      it('is nobody outside', async () => {
        const identity = make();
        expect(identity.current()).to.equal(undefined);
        const me = someone();
        const inside = as(identity, me, async () => {
          await timer();
          expect(identity.current()).to.equal(me);
        });
        for (let i = 0; i < 5; i++) {
          expect(identity.current()).to.equal(undefined);
          await outside();
        }
        await inside;
        expect(identity.current()).to.equal(undefined);
      });

      it('is nobody in a callback from outside, whoever ran last', async () => {
        const identity = make();
        const seen: (Waiter | undefined)[] = [];
        const callbacks = new Promise<void>((resolve) => {
          let left = 10;
          const look = (): void => {
            seen.push(identity.current());
            if (--left > 0) setImmediate(look);
            else resolve();
          };
          setImmediate(look);
        });
        await as(identity, someone(), async () => {
          while (seen.length < 10) await outside();
        });
        await callbacks;
        expect(seen).to.deep.equal(Array(10).fill(undefined));
      });

      it('[INV-45] is the same after every await, ours or not', async () => {
        const identity = make();
        const me = someone();
        await as(identity, me, async () => {
          const look = (): void => {
            expect(identity.current()).to.equal(me);
          };
          const helper = async (depth: number): Promise<void> => {
            look();
            if (depth > 0) await helper(depth - 1);
            look();
          };
          look();
          await Promise.resolve();
          look();
          await helper(5);
          look();
          await outside();
          look();
          await Promise.all([outside(), timer(), helper(2)]);
          look();
          await Promise.race([outside(), timer()]);
          look();
          await Promise.resolve(foreign);
          look();
          await Promise.reject(new Error('caught')).catch(look);
          look();
          await new Promise<void>((resolve) => {
            look();
            queueMicrotask(resolve);
          });
          look();
          for await (const _ of (async function* () {
            look();
            yield 1;
            await outside();
            look();
            yield 2;
          })()) {
            look();
          }
          try {
            await outside().then(() => Promise.reject(new Error('caught')));
          } catch {
            look();
          } finally {
            await timer();
            look();
          }
        });
      });

      it('tells several apart that are in flight at once', async () => {
        const identity = make();
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => {
            const me = someone();
            return as(identity, me, async () => {
              for (let turn = 0; turn < 10; turn++) {
                await ((i + turn) % 3 === 0 ? outside() : Promise.resolve());
                expect(identity.current()).to.equal(me);
              }
            });
          }),
        );
      });

      it('is that of the code that waits, not of the code that settles', async () => {
        const identity = make();
        const [one, two] = [someone(), someone()];
        let settle: () => void = () => {};
        const waits = as(identity, one, async () => {
          await new Promise<void>((resolve) => (settle = resolve));
          expect(identity.current()).to.equal(one);
        });
        await as(identity, two, async () => {
          await outside();
          settle();
          expect(identity.current()).to.equal(two);
        });
        await waits;
      });

      it('is inherited by who begins inside, who then is somebody else', async () => {
        const identity = make();
        const [parent, child] = [someone(), someone()];
        await as(identity, parent, async () => {
          const began = as(identity, child, async () => {
            expect(identity.current()).to.equal(child);
            await timer();
            expect(identity.current()).to.equal(child);
          });
          expect(identity.current()).to.equal(parent);
          await began;
          expect(identity.current()).to.equal(parent);
        });
      });

      it('is nobody again when the last one has ended', async () => {
        const identity = make();
        for (let i = 0; i < 3; i++) {
          const me = someone();
          await as(identity, me, async () => {
            await Promise.resolve();
            expect(identity.current()).to.equal(me);
          });
          await outside();
          expect(identity.current()).to.equal(undefined);
        }
      });
    });
  }

  describe('by turn, where the platform is no help', () => {
    after(() => {
      const { current } = defaultScheduler;
      expect(current.kind).not.to.equal(TASKLET);
      trust(() => (defaultScheduler.current.kind === TASKLET ? defaultScheduler.current : undefined));
    });

    it('is who begins, else who has the turn', () => {
      const identity = byTurn();
      const one = someone();
      const two = someone();
      const turns: Waiter[] = [];
      trust(() => turns[0]);
      expect(identity.current()).to.equal(undefined);
      turns.push(one);
      expect(identity.current()).to.equal(one);
      identity.run(two, () => {
        expect(identity.current()).to.equal(two);
      });
      expect(identity.current()).to.equal(one);
      expect(() =>
        identity.run(two, () => {
          throw new Error('bad');
        }),
      ).to.throw('bad');
      expect(identity.current()).to.equal(one);
      identity.on();
      identity.off();
    });
  });

  it('of this platform is one of them', () => {
    expect(platform.current()).to.equal(undefined);
    expect(platform).to.have.all.keys('current', 'run', 'on', 'off');
  });
});
