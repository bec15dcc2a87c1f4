/** What everything promises that can be waited for, whatever it is. */
import { expect } from 'chai';
import {
  after,
  Channel,
  Event,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RLock,
  schedule,
  select,
  Semaphore,
  sleep,
  spawn,
  Tasklet,
  TaskletKilledError,
  TimeoutError,
  wait,
  type Selectable,
  type WaitOptions,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** One thing that can be waited for; nothing is there when it is made. */
interface Receivable {
  receive(options?: WaitOptions): Promise<unknown>;
  selecting(): Selectable;
  /** Makes it that one wait can go on. */
  ready(): void;
  /** As `dump()` calls a wait for it. */
  readonly title: string;
  /** Takes back what the thing itself leaves running. */
  tidy?(): void;
}

function locked(lock: Lock | RLock | Semaphore, title: string): Receivable {
  const lease = lock.tryAcquire();
  return {
    title,
    receive: (options) => lock.acquire(options),
    selecting: () => lock.acquiring(),
    ready: () => lease?.[Symbol.dispose](),
  };
}

function gotten(queue: Queue<number>): Receivable {
  return {
    title: "get from queue 'jobs'",
    receive: (options) => queue.get(options),
    selecting: () => queue.getting(),
    ready: () => void queue.tryPut(7),
  };
}

const ALL: Record<string, () => Receivable> = {
  Channel: () => {
    const channel = new Channel<number>({ name: 'jobs' });
    return {
      title: "receive on channel 'jobs'",
      receive: (options) => channel.receive(options),
      selecting: () => channel.receiving(),
      ready: () => channel.post(7),
    };
  },
  'Channel, sending': () => {
    const channel = new Channel<number>({ name: 'jobs' });
    return {
      title: "send on channel 'jobs'",
      receive: (options) => channel.send(7, options),
      selecting: () => channel.sending(7),
      ready: () => void spawn(() => channel.receive()),
    };
  },
  'Tasklet, joining': () => {
    const go = new Channel<void>();
    const worker = new Tasklet(() => go.receive(), { name: 'worker', daemon: true }).start();
    return {
      title: "join tasklet 'worker'",
      receive: (options) => worker.join(options),
      selecting: () => worker.joining(),
      ready: () => go.post(),
      tidy: () => worker.kill(),
    };
  },
  after: () => {
    const late = after(50);
    return {
      title: 'after 50 ms',
      receive: (options) => late.receive(options),
      selecting: () => late.receiving(),
      ready: () => {},
    };
  },
  'a promise': () => {
    let settle = (): void => {};
    const promise = new Promise<void>((resolve) => (settle = resolve));
    return {
      title: 'wait for a promise',
      receive: (options) => wait(promise, options),
      selecting: () => promise,
      ready: settle,
    };
  },
  Event: () => {
    const event = new Event({ name: 'go' });
    return {
      title: "event 'go'",
      receive: (options) => event.wait(options),
      selecting: () => event.waiting(),
      ready: () => event.set(),
    };
  },
  Lock: () => locked(new Lock({ name: 'db' }), "lock 'db'"),
  Semaphore: () => locked(new Semaphore(1, { name: 'db' }), "semaphore 'db'"),
  RLock: () => {
    const lock = new RLock({ name: 'db' });
    const go = new Channel<void>();
    const holder = spawn(async () => {
      using _ = lock.tryAcquire();
      await go.receive();
    });
    return {
      title: "rlock 'db'",
      receive: (options) => lock.acquire(options),
      selecting: () => lock.acquiring(),
      ready: () => go.post(),
      tidy: () => holder.kill(),
    };
  },
  Queue: () => gotten(new Queue({ name: 'jobs' })),
  LifoQueue: () => gotten(new LifoQueue({ name: 'jobs' })),
  PriorityQueue: () => gotten(new PriorityQueue(undefined, { name: 'jobs' })),
  'Queue, putting': () => {
    const queue = new Queue<number>({ name: 'jobs', maxSize: 1 });
    queue.tryPut(1);
    return {
      title: "put into queue 'jobs'",
      receive: (options) => queue.put(7, options),
      selecting: () => queue.putting(7),
      ready: () => void queue.tryGet(),
    };
  },
  'Queue, joining': () => {
    const queue = new Queue<number>({ name: 'jobs' });
    queue.tryPut(1);
    return {
      title: "join queue 'jobs'",
      receive: (options) => queue.join(options),
      selecting: () => queue.joining(),
      ready: () => queue.clear(),
    };
  },
};

for (const [kind, make] of Object.entries(ALL)) {
  describe(`everything receivable · ${kind}`, () => {
    /** What it is like in a simulation, when all who are to be there have come. */
    const over = (story: (thing: Receivable) => Promise<void>): Promise<void> =>
      simulate(async () => {
        const thing = make();
        await schedule();
        await story(thing);
        thing.tidy?.();
      });

    it('waits until there is something', () =>
      over(async (thing) => {
        const log: string[] = [];
        const waiter = spawn(async () => {
          await thing.receive();
          log.push('received');
        });
        await sleep(40);
        expect(log).to.deep.equal([]);
        expect(waiter.blockedOn).to.equal(thing.title);
        thing.ready();
        await waiter.join();
      }));

    it('[INV-29] raises TimeoutError when time is up, not before', () =>
      over(async (thing) => {
        const log: string[] = [];
        spawn(async () => {
          const error = await rejection(thing.receive({ timeout: 10 }));
          expect(error).to.be.instanceOf(TimeoutError);
          expect((error as Error).message).to.equal(`${thing.title}: timed out after 10 ms`);
          log.push('timed out');
        });
        await sleep(9);
        expect(log).to.deep.equal([]);
        await sleep(2);
        expect(log).to.deep.equal(['timed out']);
      }));

    it('gives up after one turn with a timeout of 0', () =>
      over(async (thing) => {
        expect(await rejection(thing.receive({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
      }));

    it('[INV-28] [D-12] refuses wrong options', () =>
      over(async (thing) => {
        expect(await rejection(thing.receive({ timeout: -1 }))).to.be.instanceOf(RangeError);
        expect(await rejection(thing.receive({ timeout: NaN }))).to.be.instanceOf(RangeError);
        expect(await rejection(thing.receive({ timeout: '1' as never }))).to.be.instanceOf(TypeError);
        expect(await rejection(thing.receive({ until: 1 } as never))).to.be.instanceOf(TypeError);
        expect(await rejection(thing.receive({ signal: {} as never }))).to.be.instanceOf(TypeError);
      }));

    it('[INV-31] raises the reason of a signal, aborted before or meanwhile', () =>
      over(async (thing) => {
        const before = AbortSignal.abort(new Error('before'));
        expect(await rejection(thing.receive({ signal: before }))).to.have.property('message', 'before');
        const controller = new AbortController();
        const waiter = spawn(() => thing.receive({ signal: controller.signal }));
        const lost = rejection(waiter.join());
        await schedule();
        controller.abort(new Error('meanwhile'));
        expect(await lost).to.have.property('message', 'meanwhile');
      }));

    it('[INV-18] whoever gives up takes nothing: the next one has it', () =>
      over(async (thing) => {
        const killed = spawn(() => thing.receive());
        const timed = spawn(() => rejection(thing.receive({ timeout: 5 })));
        const loser = spawn(() => select({ thing: thing.selecting(), late: after(5).receiving() }));
        const next = spawn(() => thing.receive());
        await schedule();
        killed.kill();
        await timed.join();
        expect(await loser.join()).to.have.property('case', 'late');
        thing.ready();
        await next.join();
        expect(await rejection(killed.join())).to.be.instanceOf(TaskletKilledError);
      }));

    it('[INV-25] what was committed returns, and the kill comes with the next wait', () =>
      over(async (thing) => {
        const log: string[] = [];
        const waiter = spawn(async () => {
          await thing.receive();
          log.push('received');
          await schedule();
          log.push('never');
        });
        await schedule();
        thing.ready();
        // Who makes it ready may need a turn; then the waiter is woken, and has had none yet.
        for (let turns = 0; turns < 5 && waiter.state === 'blocked'; turns++) await schedule();
        const committed = waiter.state === 'runnable';
        expect(committed, 'committed').to.equal(kind !== 'after');
        waiter.kill();
        expect(await rejection(waiter.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(committed ? ['received'] : []);
      }));

    it('is a case of a select', () =>
      over(async (thing) => {
        const waiter = spawn(() => select({ never: new Channel().receiving(), thing: thing.selecting() }));
        await sleep(5);
        expect(waiter.blockedOn).to.contain(thing.title);
        thing.ready();
        expect(await waiter.join()).to.have.property('case', 'thing');
      }));

    it('is a case of a select that leaves no trace when another is chosen', () =>
      over(async (thing) => {
        const waiter = spawn(async () => {
          const { case: first } = await select({ thing: thing.selecting(), late: after(5).receiving() });
          expect(first).to.equal('late');
          await thing.receive();
        });
        await sleep(10);
        thing.ready();
        await waiter.join();
      }));
  });
}
