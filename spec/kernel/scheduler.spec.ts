import { expect } from 'chai';
import {
  Channel,
  current,
  defaultScheduler,
  idle,
  run,
  schedule,
  Scheduler,
  select,
  sleep,
  spawn,
  Tasklet,
} from '../../lib/index.js';
import { observe } from '../../lib/tasklet/observe.js';
import type { Waiter } from '../../lib/kernel/waiter.js';
import { VirtualClock } from '../../lib/testing/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** Keeps the processor busy. */
function burn(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Lets the time slice be over at the next switch. */
function endSlice(scheduler: Scheduler): void {
  burn(1.5);
  scheduler.budget = 0;
}

const turnOfTheEventLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the ring', () => {
  it('puts who is spawned last, and runs nothing of it inside spawn', async () => {
    const log: string[] = [];
    await simulate(async () => {
      for (const name of ['a', 'b']) {
        spawn(() => {
          log.push(name);
          spawn(() => log.push(`child of ${name}`));
        });
      }
      log.push('main');
      await schedule();
      log.push('main');
    });
    expect(log).to.deep.equal(['main', 'a', 'b', 'main', 'child of a', 'child of b']);
  });

  it('goes round', async () => {
    const log: string[] = [];
    await simulate(() => {
      for (const name of ['a', 'b', 'c']) {
        spawn(async () => {
          for (let i = 1; i <= 3; i++) {
            log.push(`${name}${i}`);
            await schedule();
          }
        });
      }
    });
    expect(log.join(' ')).to.equal('a1 b1 c1 a2 b2 c2 a3 b3 c3');
  });

  it('[INV-40] gives each its turn within a lap, whatever the others do', async () => {
    const turns = [0, 0, 0];
    await simulate(async () => {
      const channel = new Channel<number>();
      const busy = Array.from({ length: 10 }, (_, i) =>
        spawn(async () => {
          for (let turn = 0; turn < 200; turn++) await (i % 2 === 0 ? channel.send(turn) : channel.receive());
        }),
      );
      for (const i of turns.keys()) {
        spawn(async () => {
          while (busy.some(({ alive }) => alive)) {
            turns[i]!++;
            expect(Math.max(...turns) - Math.min(...turns)).to.be.at.most(1);
            await schedule();
          }
        });
      }
    });
    // Each lap moves each of the ten by a step or two.
    expect(Math.min(...turns)).to.be.above(100);
  });

  it('gives the turn of one that ends to its successor', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const channel = new Channel<number>();
      spawn(async () => {
        await channel.receive();
        log.push('ends');
      });
      await schedule();
      spawn(() => log.push('successor'));
      await channel.send(1);
      log.push('main');
    });
    expect(log).to.deep.equal(['ends', 'successor', 'main']);
  });

  it('does not wait for itself to go round', async () => {
    await simulate(async ({ scheduler }) => {
      for (let i = 0; i < 10; i++) await schedule();
      expect(scheduler.tasklets().map(({ name }) => name)).to.have.length(1);
    });
  });

  it('knows who lives, and when nobody can run', async () => {
    const scheduler = new Scheduler({ clock: new VirtualClock() });
    expect([scheduler.isIdle, scheduler.tasklets()]).to.deep.equal([true, []]);
    await run(
      async () => {
        const daemon = new Tasklet(() => sleep(10), { daemon: true }).start();
        const child = spawn(() => sleep(20));
        expect(scheduler.isIdle).to.equal(false);
        expect(scheduler.tasklets()).to.deep.equal([current(), daemon, child]);
        expect(scheduler.essential).to.equal(2);
        await daemon.join();
        expect(scheduler.tasklets()).to.deep.equal([current(), child]);
      },
      { scheduler },
    );
    expect([scheduler.isIdle, scheduler.tasklets()]).to.deep.equal([true, []]);
  });

  describe('[INV-47] does not grow the stack', () => {
    it('over 10,000 tasklets that each spawn the next', async () => {
      const depth = await simulate(async () => {
        let deepest = 0;
        const nest = (left: number): void => {
          deepest++;
          if (left > 1) spawn(nest, left - 1);
        };
        spawn(nest, 10_000);
        await idle();
        return deepest;
      });
      expect(depth).to.equal(10_000);
    });

    it('over 10,000 that each join the next', async () => {
      const value = await simulate(() => {
        const nest = async (left: number): Promise<number> => (left === 0 ? 7 : spawn(nest, left - 1).join());
        return nest(10_000);
      });
      expect(value).to.equal(7);
    });

    it('over 100,000 guests that are served in one go', async () => {
      const channel = new Channel<number>();
      let count = 0;
      const waits = Array.from({ length: 100_000 }, () => channel.next().then(() => count++));
      channel.close();
      await Promise.all(waits);
      expect(count).to.equal(100_000);
    }).timeout(30_000);
  });

  it('[INV-41] keeps alive whom nobody else knows', async () => {
    let done = false;
    await simulate(async () => {
      (() => {
        const secret = new Channel<number>();
        spawn(async () => {
          await sleep(10);
          await secret.send(1);
        });
        spawn(async () => (done = (await secret.receive()) === 1));
      })();
      await schedule();
      await collectGarbage();
    });
    expect(done).to.equal(true);
  });

  it('[INV-82] forgets who has ended, and its function', async () => {
    await simulate(async () => {
      const seen: WeakRef<object>[] = [];
      await (async () => {
        const big = { size: 1 };
        const tasklet = spawn(async () => {
          await schedule();
          return big.size;
        });
        seen.push(new WeakRef(big), new WeakRef(tasklet));
        await tasklet.join();
      })();
      await schedule();
      await collectGarbage();
      expect(seen.map((ref) => ref.deref())).to.deep.equal([undefined, undefined]);
    });
  });
});

describe('a turn', () => {
  /** What workers use to wait: operations of ours, or something that only looks like it. */
  interface Means {
    readonly start: (worker: () => Promise<void>) => void;
    readonly pause: () => Promise<void>;
  }

  /** Runs workers through critical sections full of helpers that do not wait; counts who got in between. */
  function overlaps({ start, pause }: Means): {
    readonly count: () => number;
    readonly sections: () => number;
  } {
    let count = 0;
    let sections = 0;
    let inside: number | undefined;
    const helper = async (depth: number): Promise<number> => {
      if (depth === 0) return 1;
      try {
        return (await helper(depth - 1)) + 1;
      } finally {
        await none();
      }
    };
    const none = async (): Promise<void> => {};
    async function* numbers(): AsyncGenerator<number> {
      for (let i = 0; i < 3; i++) {
        await none();
        yield i;
      }
    }
    const section = async (me: number): Promise<void> => {
      if (inside !== undefined) count++;
      inside = me;
      await helper(10);
      for await (const _ of numbers()) await none();
      await Promise.all([helper(3), helper(5), none()]);
      await Promise.resolve(none()).then(none).finally(none);
      await rejection(none().then(() => Promise.reject(new Error('caught'))));
      if (inside !== me) count++;
      inside = undefined;
      sections++;
    };
    for (let me = 0; me < 5; me++) {
      start(async () => {
        for (let i = 0; i < 20; i++) {
          await section(me);
          await pause();
        }
      });
    }
    return { count: () => count, sections: () => sections };
  }

  it('[INV-39] is atomic from wait to wait, through any depth of helpers that do not wait', async () => {
    for (const means of ['schedule', 'channel', 'sleep', 'select', 'rejected receive'] as const) {
      await simulate(async () => {
        const channel = new Channel<number>();
        const turnstile = new Channel<number>({ preference: 'sender' });
        let odd = false;
        const pauses: Record<typeof means, () => Promise<unknown>> = {
          schedule,
          channel: () => {
            odd = !odd;
            return odd ? turnstile.send(1) : turnstile.receive();
          },
          sleep: () => sleep(1),
          select: () => select({ it: channel.receiving() }, { timeout: 0 }).catch(() => {}),
          'rejected receive': () => rejection(channel.receive({ timeout: 0 })),
        };
        const result = overlaps({
          start: (worker) => spawn(worker),
          pause: async () => {
            await pauses[means]();
          },
        });
        await sleep(1000);
        expect([result.count(), result.sections()], means).to.deep.equal([0, 100]);
      });
    }
  });

  it('would not be so with plain promises', async () => {
    const workers: Promise<void>[] = [];
    const { count, sections } = overlaps({
      start: (worker) => workers.push(worker()),
      pause: () => Promise.resolve(),
    });
    await Promise.all(workers);
    expect(sections()).to.equal(100);
    expect(count()).to.be.above(10);
  });

  it('is one of each scheduler', async () => {
    const log: string[] = [];
    const half = (name: string): Promise<void> =>
      simulate(async () => {
        for (let i = 0; i < 3; i++) {
          log.push(`${name}${i}`);
          await sleep(10);
        }
      });
    await Promise.all([half('a'), half('b')]);
    expect(log.filter((line) => line.startsWith('a'))).to.deep.equal(['a0', 'a1', 'a2']);
    expect(log.filter((line) => line.startsWith('b'))).to.deep.equal(['b0', 'b1', 'b2']);
  });
});

describe('the event loop', () => {
  /** Things that are always ready, and so never need anybody else's turn. */
  const busy: readonly (readonly [name: string, begin: (over: () => boolean) => Promise<unknown>])[] = [
    [
      'a rendezvous',
      (over) => {
        const channel = new Channel<number>();
        const sender = spawn(async () => {
          while (!over()) await channel.send(1);
          channel.close();
        });
        const receiver = spawn(async () => {
          for await (const _ of channel);
        });
        return Promise.all([sender.join(), receiver.join()]);
      },
    ],
    [
      'two that yield',
      (over) => {
        const yielding = async (): Promise<void> => {
          while (!over()) await schedule();
        };
        return Promise.all([spawn(yielding).join(), spawn(yielding).join()]);
      },
    ],
    [
      'one that yields, alone',
      (over) =>
        spawn(async () => {
          while (!over()) await schedule();
        }).join(),
    ],
    [
      'receives that never wait',
      (over) =>
        spawn(async () => {
          const channel = new Channel<number>();
          while (!over()) {
            channel.post(1);
            await channel.receive();
          }
        }).join(),
    ],
    [
      'selects that never wait',
      (over) =>
        spawn(async () => {
          while (!over()) await select({ default: 1 });
        }).join(),
    ],
    [
      'operations that fail at once',
      (over) =>
        spawn(async () => {
          const channel = new Channel<number>();
          channel.close();
          while (!over()) await rejection(channel.receive());
        }).join(),
    ],
    [
      'one that swallows its kill',
      (over) => {
        const immortal = new Tasklet(async () => {
          immortal.kill({ grace: 0 });
          while (!over()) await schedule().catch(() => {});
        });
        return immortal.start().join();
      },
    ],
    [
      'one that waits until nobody else can run',
      (over) =>
        spawn(async () => {
          while (!over()) await idle();
        }).join(),
    ],
    [
      'timeouts of 0',
      (over) =>
        spawn(async () => {
          const channel = new Channel<number>();
          while (!over()) await rejection(channel.receive({ timeout: 0 }));
        }).join(),
    ],
    [
      'code outside tasklets',
      async (over) => {
        const channel = new Channel<number>();
        while (!over()) {
          channel.post(1);
          await channel.receive();
        }
      },
    ],
  ];

  for (const [name, begin] of busy) {
    it(`[INV-40] has a turn again and again: ${name}`, async () => {
      let [immediates, timers, rounds] = [0, 0, 0];
      const immediate = (): void => {
        if (++immediates < 5) setImmediate(immediate);
      };
      const timer = (): void => {
        if (++timers < 2) setTimeout(timer);
      };
      setImmediate(immediate);
      setTimeout(timer);
      await begin(() => (immediates >= 5 && timers >= 2) || ++rounds > 2_000_000);
      expect([immediates, timers]).to.deep.equal([5, 2]);
    }).timeout(100_000);
  }

  it('has none in a loop of plain promises: what the tests above could not have seen', async () => {
    let fired = false;
    setImmediate(() => (fired = true));
    for (let i = 0; i < 100_000; i++) await Promise.resolve();
    expect(fired).to.equal(false);
    await turnOfTheEventLoop();
    expect(fired).to.equal(true);
  });

  it('[INV-43] changes nothing in the order, however slow the turns are', async () => {
    const trace = async (slow: boolean): Promise<string> => {
      const log: string[] = [];
      await simulate(async ({ scheduler }) => {
        const work = (line: string): void => {
          log.push(line);
          if (slow) endSlice(scheduler);
        };
        const channel = new Channel<number>();
        for (const name of ['a', 'b']) {
          spawn(async () => {
            for (let i = 0; i < 3; i++) {
              work(`${name} sends ${i}`);
              await channel.send(i);
              await schedule();
            }
          });
        }
        const receiver = spawn(async () => {
          for await (const value of channel) work(`got ${value}`);
        });
        spawn(async () => {
          for (let i = 0; i < 4; i++) {
            work(`yields ${i}`);
            await schedule();
            await sleep(i);
          }
          channel.close();
          work('closed');
        });
        await receiver.join();
      });
      return log.join('\n');
    };
    const fast = await trace(false);
    expect(await trace(true)).to.equal(fast);
    expect(await trace(false)).to.equal(fast);
  });

  describe('while it has a turn and others could run', () => {
    interface Scene {
      readonly scheduler: Scheduler;
      readonly log: string[];
      readonly a: Tasklet;
      readonly b: Tasklet;
      readonly me: Tasklet;
      /** Somebody waits here for a word to log. */
      readonly line: Channel<string>;
    }

    /** Lets the event loop have a turn with `a`, `b` and the caller in the ring, and calls `meanwhile` in it. */
    async function resting(meanwhile: (scene: Scene) => unknown): Promise<string[]> {
      const log: string[] = [];
      let rested = false;
      await simulate(async ({ scheduler }) => {
        const line = new Channel<string>();
        spawn(async () => {
          for await (const word of line) log.push(word);
        });
        await schedule();
        const [a, b] = ['a', 'b'].map((name) => spawn(() => void log.push(name))) as [Tasklet, Tasklet];
        const me = current()!;
        // A microtask that no tasklet owns runs while the event loop has the turn, and before it takes it.
        queueMicrotask(() => {
          rested = !scheduler.isIdle && scheduler.current !== me.waiter;
          meanwhile({ scheduler, log, a, b, me, line });
        });
        endSlice(scheduler);
        try {
          await schedule();
          log.push('me');
          await schedule();
        } finally {
          line.close();
        }
      });
      expect(rested).to.equal(true);
      return log;
    }

    it('goes on as if nothing had been', async () => {
      expect(await resting(() => {})).to.deep.equal(['a', 'b', 'me']);
    });

    it('puts who is spawned last', async () => {
      expect(
        await resting(({ scheduler, log }) => new Tasklet(() => log.push('new'), { scheduler }).start()),
      ).to.deep.equal(['a', 'b', 'me', 'new']);
    });

    it('puts who is woken last', async () => {
      expect(await resting(({ line }) => line.trySend('woken'))).to.deep.equal(['a', 'b', 'me', 'woken']);
    });

    it('loses the next one to a kill, or all others', async () => {
      expect(await resting(({ a }) => a.kill())).to.deep.equal(['b', 'me']);
      expect(await resting(({ b }) => b.kill())).to.deep.equal(['a', 'me']);
      expect(await resting(({ a, b }) => [a, b].forEach((tasklet) => tasklet.kill()))).to.deep.equal(['me']);
    });

    it('loses the next one to a pause, or everybody', async () => {
      const later = (...paused: Tasklet[]): void => {
        for (const tasklet of paused) tasklet.pause();
        setTimeout(() => {
          for (const tasklet of paused) tasklet.resume();
        });
      };
      expect(await resting(({ a }) => later(a))).to.deep.equal(['b', 'me', 'a']);
      expect(await resting(({ a, b, me }) => later(b, me, a))).to.deep.equal(['b', 'me', 'a']);
    });

    it('raises a kill at who yields there', async () => {
      const error = await rejection(resting(({ me }) => me.kill()));
      expect(error).to.have.property('code', 'ERR_TASKLET_KILLED');
    });

    it('does not take back what was committed', async () => {
      const log: string[] = [];
      await simulate(async ({ scheduler }) => {
        const channel = new Channel<number>({ preference: 'neither' });
        const victim = spawn(async () => {
          for (;;) log.push(`got ${await channel.receive()}`);
        });
        await schedule();
        queueMicrotask(() => {
          expect(scheduler.isIdle).to.equal(false);
          victim.kill();
        });
        endSlice(scheduler);
        await channel.send(1);
        log.push('sent');
        expect(await rejection(victim.join())).to.have.property('code', 'ERR_TASKLET_KILLED');
      });
      expect(log).to.deep.equal(['sent', 'got 1']);
    });
  });
});

describe('who waits for idleness', () => {
  it('goes on when nobody else can run, one after another', async () => {
    const log: string[] = [];
    await simulate(async () => {
      for (const name of ['a', 'b']) {
        spawn(async () => {
          await idle();
          log.push(name);
          for (let i = 0; i < 2; i++) {
            await schedule();
            log.push(`${name} again`);
          }
        });
      }
      spawn(async () => {
        for (let i = 0; i < 3; i++) {
          log.push('busy');
          await schedule();
        }
      });
    });
    expect(log).to.deep.equal([
      ...Array<string>(3).fill('busy'),
      ...['a', 'b'].flatMap((n) => [n, `${n} again`, `${n} again`]),
    ]);
  });

  it('comes before time moves on', async () => {
    await simulate(async ({ clock }) => {
      spawn(() => sleep(10));
      await idle();
      expect(clock.now()).to.equal(0);
    });
  });

  it('gets no turn while it is paused, and lets the next one have it', async () => {
    const log: string[] = [];
    await simulate(async () => {
      const [paused] = ['paused', 'other'].map((name) =>
        spawn(async () => {
          await idle();
          log.push(name);
        }),
      );
      await schedule();
      paused!.pause();
      await sleep(10);
      log.push('resumed');
      paused!.resume();
    });
    expect(log).to.deep.equal(['other', 'resumed', 'paused']);
  });

  it('can be killed there', async () => {
    await simulate(async ({ scheduler }) => {
      const waiting = spawn(() => idle());
      await schedule();
      waiting.kill();
      expect(scheduler.idlers.first).to.equal(null);
    });
  });

  it('goes on after the operations of others, when one of those is the last in the ring', async () => {
    const log: string[] = [];
    const channel = new Channel<number>();
    const outside = channel.receive().then((value) => log.push(`outside ${value}`));
    const tasklet = spawn(async () => {
      channel.trySend(1);
      await idle();
      log.push('idle');
    });
    await Promise.all([outside, tasklet.join()]);
    expect(log).to.deep.equal(['outside 1', 'idle']);
  });

  it('may be code outside tasklets', async () => {
    const log: string[] = [];
    await idle();
    const worker = spawn(async () => {
      await schedule();
      log.push('worker');
    });
    await idle();
    log.push('outside');
    await worker.join();
    expect(log).to.deep.equal(['worker', 'outside']);
  });
});

describe('two schedulers', () => {
  /** Two that run at once, each with a program. */
  async function both(
    one: (scheduler: Scheduler) => Promise<void>,
    two: (scheduler: Scheduler) => Promise<void>,
  ): Promise<[Scheduler, Scheduler]> {
    const [first, second] = [new Scheduler(), new Scheduler()];
    await Promise.all([
      run(() => one(first), { scheduler: first }),
      run(() => two(second), { scheduler: second }),
    ]);
    for (const scheduler of [first, second, defaultScheduler]) {
      expect([scheduler.isIdle, scheduler.live.size]).to.deep.equal([true, 0]);
    }
    return [first, second];
  }

  it('[INV-44] meet at channels', async () => {
    for (const preference of ['receiver', 'sender', 'neither'] as const) {
      const [ping, pong] = [new Channel<number>({ preference }), new Channel<number>({ preference })];
      const log: number[] = [];
      await both(
        async (scheduler) => {
          for (let i = 0; i < 50; i++) {
            await ping.send(i);
            log.push(await pong.receive());
            expect(scheduler.current).to.equal(current()!.waiter);
          }
          ping.close();
        },
        async (scheduler) => {
          for await (const value of ping) {
            expect(scheduler.current).to.equal(current()!.waiter);
            await pong.send(value * 2);
          }
        },
      );
      expect(log).to.deep.equal(Array.from({ length: 50 }, (_, i) => 2 * i));
    }
  });

  it('[INV-44] select, join, kill and pause across', async () => {
    const [ready, never] = [new Channel<Tasklet>(), new Channel<never>()];
    await both(
      async () => {
        const victim = spawn(() => never.receive());
        const job = spawn(async () => {
          await schedule();
          return 7;
        });
        await ready.send(victim);
        await ready.send(job);
        await rejection(victim.join());
      },
      async () => {
        const victim = (await select({ it: ready.receiving() })).value;
        const job = await ready.receive();
        expect(await job.join()).to.equal(7);
        while (victim.state !== 'blocked') await schedule();
        victim.pause();
        expect(victim.state).to.equal('paused');
        victim.kill();
        expect(await rejection(victim.join())).to.have.property('code', 'ERR_TASKLET_KILLED');
      },
    );
    expect([ready.balance, never.balance]).to.deep.equal([0, 0]);
  });

  it('each have their own time', async () => {
    const clock = new VirtualClock();
    const scheduler = new Scheduler({ clock });
    const channel = new Channel<number>();
    await both(
      async () => {
        const far = new Tasklet(() => rejection(channel.receive({ timeout: 3_600_000 })), {
          scheduler,
        }).start();
        expect(await far.join()).to.have.property('code', 'ERR_TIMEOUT');
      },
      async () => {},
    );
    expect(clock.now()).to.equal(3_600_000);
  });
});

describe('an observer', () => {
  interface Told {
    readonly events: string[];
    readonly observe: (scheduler: Scheduler) => void;
  }

  function teller(): Told {
    const events: string[] = [];
    const name = ({ owner }: Waiter): string => (owner as { readonly name?: string } | null)?.name ?? 'world';
    return {
      events,
      observe: (scheduler) => {
        scheduler.observer = {
          switched: (from, to) => events.push(`${name(from)} → ${name(to)}`),
          blocked: (waiter) => events.push(`${name(waiter)} waits`),
          woken: (waiter) => events.push(`${name(waiter)} woken`),
        };
      },
    };
  }

  it('is told of every wait, every wake-up and every switch', async () => {
    const { events, observe } = teller();
    await simulate(async ({ scheduler }) => {
      observe(scheduler);
      const channel = new Channel<number>();
      spawn(async function taker() {
        await channel.receive();
      });
      await schedule();
      await channel.send(1);
      scheduler.observer = null;
    });
    expect(events).to.deep.equal([
      'taker woken',
      'main → taker',
      'taker waits',
      'taker → main',
      'taker woken',
      'main → taker',
      'taker → main',
    ]);
  });

  it('[INV-46] changes nothing', async () => {
    const program = async (observe?: (scheduler: Scheduler) => void): Promise<string> => {
      const log: string[] = [];
      await simulate(async ({ scheduler }) => {
        observe?.(scheduler);
        const channel = new Channel<number>();
        const victim = spawn(() => channel.send(99));
        for (const name of ['a', 'b', 'c']) {
          spawn(async () => {
            for (let i = 0; i < 3; i++) {
              const hit = await select(
                { in: channel.receiving(), out: channel.sending(i) },
                { timeout: 5 },
              ).catch(() => undefined);
              log.push(`${name} ${JSON.stringify(hit)}`);
              await schedule();
            }
          });
        }
        await schedule();
        victim.kill();
        await idle();
        scheduler.observer = null;
      });
      return log.join('\n');
    };
    const plain = await program();
    const { events, observe } = teller();
    expect(await program(observe)).to.equal(plain);
    expect(events).not.to.have.length(0);
  });

  describe('[INV-46] that interferes', () => {
    const deeds: readonly (readonly [string, (tasklet: Tasklet) => void])[] = [
      ['kills', (tasklet) => tasklet.kill()],
      ['pauses', (tasklet) => tasklet.pause()],
      ['pauses and resumes', (tasklet) => [tasklet.pause(), tasklet.resume()]],
      ['throws into', (tasklet) => tasklet.throw(new Error('interference'))],
      ['selects and sends beside', () => void select({ it: new Channel<number>().sending(1), default: 1 })],
      ['spawns beside', () => spawn(() => schedule())],
      ['waits beside', () => void sleep(5).catch(() => {})],
    ];
    for (const event of ['switched', 'blocked', 'woken'] as const) {
      for (const [name, deed] of deeds) {
        it(`breaks nothing: ${name} who was ${event}`, async () => {
          for (const victim of ['taker', 'giver', 'walker']) {
            for (const moment of [0, 1, 2]) {
              await simulate(async ({ scheduler, clock }) => {
                const line = new Channel<number>();
                let seen = 0;
                const stop = observe(
                  {
                    [event]: (first: Tasklet | undefined, second: Tasklet) => {
                      const tasklet = event === 'switched' ? second : first;
                      if (tasklet?.name === victim && seen++ === moment) deed(tasklet);
                    },
                  },
                  { scheduler },
                );
                const taken: number[] = [];
                const group = [
                  spawn(async function taker() {
                    for (;;) taken.push(await line.receive());
                  }),
                  spawn(async function giver() {
                    for (let i = 0; i < 4; i++) await line.send(i);
                  }),
                  spawn(async function walker() {
                    for (let i = 0; i < 4; i++) await schedule();
                  }),
                ];
                const ends = group.map((tasklet) => tasklet.join().catch(() => {}));
                await sleep(10);
                stop();
                // What was taken was sent, once and in order; and nobody stands in two places.
                expect(taken).to.deep.equal([0, 1, 2, 3].slice(0, taken.length));
                const waiting = group.filter(({ state }) => state === 'blocked').length;
                expect(line.senders.size + line.receivers.size).to.be.at.least(waiting);
                for (const tasklet of group) {
                  tasklet.resume();
                  tasklet.kill();
                }
                expect([line.senders.first, line.receivers.first]).to.deep.equal([null, null]);
                await Promise.all(ends);
                expect(clock.next).to.equal(undefined);
              });
            }
          }
        });
      }
    }
  });
});

describe('Scheduler · made', () => {
  it('has a clock of its own, or the one given', () => {
    const clock = new VirtualClock();
    expect(new Scheduler({ clock }).clock).to.equal(clock);
    expect(new Scheduler().clock).to.not.equal(new Scheduler().clock);
  });

  it('refuses what is no clock, and unknown options', () => {
    expect(() => new Scheduler({ clock: {} as never })).to.throw(TypeError, /clock must be a Clock/);
    expect(() => new Scheduler({ clok: new VirtualClock() } as object)).to.throw(TypeError, /'clok'/);
  });
});
