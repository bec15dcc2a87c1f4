import { expect } from 'chai';
import {
  current,
  joinAll,
  killAll,
  run,
  Scheduler,
  sleep,
  spawn,
  StateError,
  Tasklet,
  TaskletKilledError,
  TimeoutError,
} from '../../lib/index.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

async function later<T>(ms: number, value: T): Promise<T> {
  await sleep(ms);
  return value;
}

async function fail(ms: number, error: Error): Promise<never> {
  await sleep(ms);
  throw error;
}

describe('joinAll', () => {
  it('gives the values in the order of the list, typed one by one', async () => {
    await simulate(async () => {
      const [text, number]: [string, number] = await joinAll([
        spawn(later<string>, 20, 'a'),
        spawn(later<number>, 10, 1),
      ]);
      expect([text, number]).to.deep.equal(['a', 1]);
      expect(await joinAll([])).to.deep.equal([]);
    });
  });

  it('waits for all, and raises the error of the one that failed', async () => {
    await simulate(async ({ clock }) => {
      const trouble = new RangeError('one');
      expect(await rejection(joinAll([spawn(fail, 10, trouble), spawn(later<number>, 50, 1)]))).to.equal(
        trouble,
      );
      expect(clock.now()).to.equal(50);
    });
  });

  it('raises several errors together, in the order of the list, kills among them', async () => {
    await simulate(async () => {
      const list = [
        spawn(fail, 20, new RangeError('a')),
        spawn(fail, 10, new SyntaxError('b')),
        spawn(sleep, 99),
      ];
      list[2]?.kill();
      const error = (await rejection(joinAll(list))) as AggregateError;
      expect(error.errors.map(({ name }: Error) => name)).to.deep.equal([
        'RangeError',
        'SyntaxError',
        'TaskletKilledError',
      ]);
    });
  });

  it('takes those that have ended already, and one that stands twice', async () => {
    await simulate(async () => {
      const tasklet = spawn(later<number>, 1, 5);
      await tasklet.join();
      expect(await joinAll([tasklet, tasklet])).to.deep.equal([5, 5]);
    });
  });

  it('waits for one that is not started yet', async () => {
    await simulate(async () => {
      const tasklet = new Tasklet(() => 5);
      spawn(() => tasklet.start());
      expect(await joinAll([tasklet])).to.deep.equal([5]);
    });
  });

  it('rejects with TimeoutError, and changes nothing about them', async () => {
    await simulate(async () => {
      const list = [spawn(later<number>, 10, 1), spawn(later<number>, 100, 2)] as const;
      expect(await rejection(joinAll(list, { timeout: 50 }))).to.be.instanceOf(TimeoutError);
      expect(await joinAll(list)).to.deep.equal([1, 2]);
    });
  });

  for (const [when, ms] of [
    ['before', 10],
    ['after', 70],
  ] as const) {
    it(`answers for no error when it has given up: one that fails ${when} is reported`, async () => {
      const trouble = new RangeError('one');
      const log: unknown[] = [];
      const scheduler = new Scheduler({ clock: new VirtualClock() });
      const program = run(
        async () => {
          const list = [spawn(fail, ms, trouble), spawn(later<number>, 100, 1)];
          log.push(await rejection(joinAll(list, { timeout: 50 })));
          await sleep(1000);
          log.push('never');
        },
        { scheduler },
      );
      expect(await rejection(program)).to.equal(trouble);
      expect(log).to.have.length(1);
      expect(log[0]).to.be.instanceOf(TimeoutError);
    });
  }

  it('leaves an error to somebody else who has asked, or joins in time', async () => {
    await simulate(async () => {
      const trouble = new RangeError('one');
      const failing = spawn(fail, 10, trouble);
      const other = spawn(() => rejection(failing.join()));
      expect(await rejection(joinAll([failing, spawn(sleep, 99)], { timeout: 50 }))).to.be.instanceOf(
        TimeoutError,
      );
      expect(await other.join()).to.equal(trouble);
      const again = spawn(fail, 10, trouble);
      expect(await rejection(joinAll([again, spawn(sleep, 99)], { timeout: 50 }))).to.be.instanceOf(
        TimeoutError,
      );
      expect(await rejection(again.join())).to.equal(trouble);
    });
  });

  it('is shown in dump() as what it is', async () => {
    await simulate(async () => {
      const waiting = spawn(async () => joinAll([spawn(sleep, 10), spawn(sleep, 20)]));
      await sleep(5);
      expect(waiting.blockedOn).to.equal('join 2 tasklets');
      await waiting.join();
    });
  });

  it('refuses at once to wait for itself', async () => {
    await simulate(async () => {
      expect(await rejection(joinAll([current() as Tasklet]))).to.be.instanceOf(StateError);
      expect(await rejection(killAll([current() as Tasklet]))).to.be.instanceOf(StateError);
    });
  });
});

describe('killAll', () => {
  it('kills all and waits until their clean-up is over', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const careful = async (ms: number): Promise<void> => {
        try {
          await sleep(1000);
        } finally {
          await sleep(ms);
          log.push(`${ms}`);
        }
      };
      const list = [spawn(careful, 30), spawn(careful, 10), new Tasklet(() => log.push('never'))];
      await sleep(1);
      await killAll(list, { reason: 'done' });
      expect(log).to.deep.equal(['10', '30']);
      expect(list.map(({ state }) => state)).to.deep.equal(['killed', 'killed', 'killed']);
      expect(await rejection(list[0]!.join()))
        .to.be.instanceOf(TaskletKilledError)
        .with.property('cause', 'done');
    });
  });

  it('leaves the error of a clean-up to be reported', async () => {
    const trouble = new RangeError('clean-up');
    const program = run(
      async () => {
        const tasklet = spawn(async () => {
          try {
            await sleep(1000);
          } finally {
            // eslint-disable-next-line no-unsafe-finally -- a careless clean-up
            throw trouble;
          }
        });
        await sleep(1);
        await killAll([tasklet]);
        await sleep(10);
      },
      { scheduler: new Scheduler({ clock: new VirtualClock() }) },
    );
    expect(await rejection(program)).to.equal(trouble);
  });
});
