/**
 * Whatever is thrown arrives: the very object, at whoever is to get it, though nothing can be asked of it.
 *
 * Anything can be thrown in JavaScript, and an object may defend itself: its getters throw, it cannot be written to,
 * it has no prototype, or only a trap that throws when it is looked at. Whoever passes it on must not look.
 */
import { expect } from 'chai';
import { asCompleted, Future, TaskletPoolExecutor } from '../../lib/futures/index.js';
import {
  Channel,
  Condition,
  joinAll,
  Lock,
  retry,
  schedule,
  select,
  shield,
  sleep,
  spawn,
  TaskGroup,
  timeout,
  wait,
} from '../../lib/index.js';
import { call } from '../../lib/io/index.js';
import { collect, map, pipeline } from '../../lib/pipeline/index.js';
import { simulate } from '../support/simulate.js';

function trap(): never {
  throw new Error('it was looked at');
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function armed(): object {
  const names = ['name', 'message', 'cause', 'code', 'errors', 'constructor', 'toString', 'then'];
  const error = new Error('armed');
  // Read once, so that nobody else is made to.
  expect(error.stack).to.be.a('string');
  for (const name of [...names, 'stack']) Object.defineProperty(error, name, { get: trap, set: trap });
  return error;
}

function ownCause(): Error {
  const error = new Error('because of itself');
  error.cause = error;
  return error;
}

const HOSTILE: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  'a number': () => NaN,
  'a symbol': () => Symbol('thrown'),
  'a function': () => trap,
  'an object without prototype': () => Object.create(null) as object,
  'an error without prototype': () => Object.setPrototypeOf(new Error('x'), null) as object,
  'a frozen error': () => Object.freeze(new Error('x')),
  'an error that is its own cause': ownCause,
  'an error whose getters throw': armed,
  'a proxy that throws': () =>
    new Proxy(
      {},
      {
        get: trap,
        set: trap,
        has: trap,
        getPrototypeOf: trap,
        ownKeys: trap,
        getOwnPropertyDescriptor: trap,
      },
    ),
  'a revoked proxy': revoked,
};

/** Each hands `wrong` on in its own way, and raises what comes out. */
const WAYS: Record<string, (fail: () => Promise<never>, wrong: unknown) => Promise<unknown>> = {
  'a join': (fail) => spawn(fail).join(),
  'a late join': async (fail) => {
    const failing = spawn(fail);
    await schedule();
    return failing.join();
  },
  'a join in a select': (fail) => select({ failing: spawn(fail).joining() }),
  'a body that is not async': (_, wrong) =>
    spawn(() => {
      throw wrong;
    }).join(),
  joinAll: (fail) => joinAll([spawn(fail), spawn(() => schedule())]),
  'a group': (fail) => TaskGroup.run((group) => void group.spawn(fail)),
  'the body of a group': (fail) => TaskGroup.run(fail),
  timeout: (fail) => timeout(1000, fail),
  shield: (fail) => shield(fail),
  wait: (_, wrong) => wait(Promise.reject(wrong)),
  'wait for a function': (fail) => wait(fail),
  'a clean-up after a kill': async (fail) => {
    const failing = spawn(async () => {
      try {
        await sleep(1000);
      } finally {
        await fail();
      }
    });
    await schedule();
    failing.kill();
    return failing.join();
  },
  'the reason of a kill': async (_, wrong) => {
    const victim = spawn(() => sleep(1000));
    await schedule();
    victim.kill({ reason: wrong });
    try {
      await victim.join();
    } catch (error) {
      throw (error as Error).cause;
    }
    return 'nothing';
  },
  'the reason of an abort': async (_, wrong) => {
    // Without a reason there is one of the platform's.
    if (wrong === undefined) throw wrong;
    const controller = new AbortController();
    const waiting = spawn(() => new Channel<never>().receive({ signal: controller.signal }));
    await schedule();
    controller.abort(wrong);
    return waiting.join();
  },
  'a lock': (fail) => new Lock().with(fail),
  'a condition': (fail) => new Condition().with(fail),
  retry: (fail) => retry(fail, { attempts: 2 }),
  'a future': (_, wrong) => {
    const future = new Future();
    future.reject(wrong);
    return future.get();
  },
  asCompleted: async (_, wrong) => {
    const future = new Future<number>();
    future.reject(wrong);
    for await (const done of asCompleted([future])) await done.get();
    return 'nothing';
  },
  'an executor': async (fail) => {
    await using pool = new TaskletPoolExecutor({ size: 1 });
    return await pool.submit(fail).get();
  },
  'the map of an executor': async (fail) => {
    await using pool = new TaskletPoolExecutor({ size: 1 });
    for await (const _ of pool.map([1, 2, 3], fail));
    return 'nothing';
  },
  'a pipeline': (fail) => pipeline([1, 2, 3], map(fail), collect()),
  'the source of a pipeline': (_, wrong) => {
    const next = (): never => {
      throw wrong;
    };
    return pipeline({ [Symbol.iterator]: () => ({ next }) }, collect());
  },
  call: (_, wrong) =>
    call(() => {
      throw wrong;
    }),
};

describe('[INV-48] [INV-50] what is thrown', () => {
  for (const [kind, make] of Object.entries(HOSTILE)) {
    describe(`is ${kind}`, () => {
      for (const [name, way] of Object.entries(WAYS)) {
        it(`comes out of ${name}`, () =>
          simulate(async () => {
            const wrong = make();
            const fail = async (): Promise<never> => {
              await schedule();
              throw wrong;
            };
            let caught: readonly unknown[] = [];
            try {
              await way(fail, wrong);
            } catch (error) {
              caught = [error];
            }
            // Not with chai: it would look.
            if (caught.length === 0) expect.fail('nothing came out');
            if (!Object.is(caught[0], wrong)) throw caught[0];
          }));
      }
    });
  }
});
