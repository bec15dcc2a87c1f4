import { expect } from 'chai';
import {
  Channel,
  getCurrent,
  main,
  run,
  RuntimeError,
  schedule,
  StopIteration,
  tasklet,
  TaskletExit,
  ValueError,
} from '../../lib/stackless/index.js';
import { rejection } from '../support/rejection.js';

describe('stackless Channel', () => {
  describe('when nobody is there', () => {
    it('ST-1 blocks a tasklet that sends, and counts it', () =>
      main(async () => {
        const ch = new Channel<number>();
        const sender = tasklet(() => ch.send(1))();
        await run();
        expect([sender.blocked, ch.balance]).to.deep.equal([true, 1]);
      }));

    it('ST-2 blocks a tasklet that receives, and counts it', () =>
      main(async () => {
        const ch = new Channel<number>();
        const receiver = tasklet(() => ch.receive())();
        await run();
        expect([receiver.blocked, ch.balance]).to.deep.equal([true, -1]);
      }));

    it('ST-5 tells main that it is a deadlock, and is as before', () =>
      main(async () => {
        const ch = new Channel<number>();
        expect(await rejection(ch.receive())).to.be.instanceOf(RuntimeError);
        expect([ch.balance, ch.queue]).to.deep.equal([0, null]);
      }));
  });

  describe('when the other one waits', () => {
    it('ST-3 lets a send go on that must not block, and delivers during the send', () =>
      main(async () => {
        const ch = new Channel<string>();
        const got: string[] = [];
        tasklet(async () => got.push(await ch.receive()))();
        await run();
        getCurrent().blockTrap = true;
        await ch.send('x');
        expect(got).to.deep.equal(['x']);
      }));

    it('ST-4 lets a receive go on that must not block', () =>
      main(async () => {
        const ch = new Channel<string>();
        tasklet(() => ch.send('x'))();
        await run();
        getCurrent().blockTrap = true;
        expect(await ch.receive()).to.equal('x');
      }));

    it('ST-51 keeps the sender scheduled after a receive, and it can be killed', () =>
      main(async () => {
        const ch = new Channel<number>();
        const sender = tasklet(() => ch.send(1))();
        await run();
        await ch.receive();
        expect([sender.scheduled, sender.blocked]).to.deep.equal([true, false]);
        await sender.kill();
        expect(sender.alive).to.equal(false);
      }));

    it('ST-52 runs the receiver to its end before the send returns', () =>
      main(async () => {
        const ch = new Channel<number>();
        const log: string[] = [];
        tasklet(async () => {
          await ch.receive();
          log.push('received');
        })();
        await run();
        await ch.send(1);
        log.push('sent');
        expect(log).to.deep.equal(['received', 'sent']);
      }));

    it('ST-53 runs the sender to its end before the receive returns, with preference 1', () =>
      main(async () => {
        const ch = new Channel<number>();
        ch.preference = 1;
        const log: string[] = [];
        tasklet(async () => {
          await ch.send(1);
          log.push('sent');
        })();
        await run();
        await ch.receive();
        log.push('received');
        expect(log).to.deep.equal(['sent', 'received']);
      }));

    it('ST-111 does not run the receiver before the send returns, with preference 0', () =>
      main(async () => {
        const ch = new Channel<number>();
        ch.preference = 0;
        const got: number[] = [];
        tasklet(async () => got.push(await ch.receive()))();
        await run();
        await ch.send(1);
        expect(got).to.deep.equal([]);
        await run();
        expect(got).to.deep.equal([1]);
      }));

    it('ST-110 runs all senders before all receivers with preference 1, whoever came first', async () => {
      for (const first of ['senders', 'receivers']) {
        const log: string[] = [];
        await main(async () => {
          const ch = new Channel<number>();
          ch.preference = 1;
          const sender = async (i: number) => {
            await ch.send(i);
            log.push(`s${i}`);
          };
          const receiver = async (i: number) => {
            await ch.receive();
            log.push(`r${i}`);
          };
          const groups = first === 'senders' ? [sender, receiver] : [receiver, sender];
          for (const group of groups) for (let i = 0; i < 3; i++) tasklet(group)(i);
          await run();
        });
        expect(log, first).to.deep.equal(['s0', 's1', 's2', 'r0', 'r1', 'r2']);
      }
    });
  });

  describe('errors', () => {
    it('ST-6 makes the error of sendException from its arguments', () =>
      main(async () => {
        const ch = new Channel();
        tasklet(() => ch.sendException(ValueError, 1, 2, 3))();
        const error = await rejection(ch.receive());
        expect(error).to.be.instanceOf(ValueError);
        expect((error as ValueError).args).to.deep.equal([1, 2, 3]);
      }));

    it('ST-7 delivers the very error of sendThrow, with where it came from', () =>
      main(async () => {
        const ch = new Channel();
        const error = new Error('mine');
        const { stack } = error;
        tasklet(() => ch.sendThrow(error))();
        expect(await rejection(ch.receive())).to.equal(error);
        expect(error.stack).to.equal(stack);
      }));

    it('ST-114 lets a receiver that survived an error wait again, behind the others', () =>
      main(async () => {
        const ch = new Channel<number>();
        const log: string[] = [];
        const receiver = async (name: string) => {
          for (;;) {
            try {
              log.push(`${name}${await ch.receive()}`);
              return;
            } catch (error) {
              if (!(error instanceof ValueError)) throw error;
            }
          }
        };
        tasklet(receiver)('a');
        tasklet(receiver)('b');
        await run();
        await ch.sendException(ValueError);
        await ch.send(1);
        await ch.send(2);
        expect(log).to.deep.equal(['b1', 'a2']);
      }));

    it('ST-17 returns nothing from a send, and the count from a sequence', () =>
      main(async () => {
        const ch = new Channel();
        tasklet(async () => {
          await ch.receive();
          for (let i = 0; i < 2; i++) await rejection(ch.receive());
          for (let i = 0; i < 3; i++) await ch.receive();
        })();
        const results: unknown[] = [];
        const deeds: (() => Promise<unknown>)[] = [
          () => ch.send(1),
          () => ch.sendThrow(new Error('x')),
          () => ch.sendException(ValueError),
          () => ch.sendSequence('abc'),
        ];
        for (const deed of deeds) results.push(await deed());
        expect(results).to.deep.equal([undefined, undefined, undefined, 3]);
      }));

    it('refuses what is no error, and a promise as a value, and sends nothing', () =>
      main(async () => {
        const ch = new Channel();
        tasklet(() => ch.receive())();
        await run();
        expect(await rejection(ch.sendThrow('x' as never))).to.be.instanceOf(TypeError);
        expect(await rejection(ch.sendException('x' as never))).to.be.instanceOf(TypeError);
        expect(await rejection(ch.sendException(Array as never))).to.be.instanceOf(TypeError);
        expect(await rejection(ch.send(Promise.resolve(1)))).to.be.instanceOf(TypeError);
        expect(ch.balance).to.equal(-1);
      }));
  });

  describe('block trap', () => {
    for (const who of ['main', 'a tasklet']) {
      it(`ST-8 ST-9 ST-117 makes a send and a receive of ${who} raise, and leaves no trace`, () =>
        main(async () => {
          const ch = new Channel<number>();
          const story = async () => {
            getCurrent().blockTrap = true;
            expect(await rejection(ch.send(1))).to.be.instanceOf(RuntimeError);
            expect(await rejection(ch.receive())).to.be.instanceOf(RuntimeError);
            expect([ch.balance, ch.queue]).to.deep.equal([0, null]);
          };
          if (who === 'main') await story();
          else {
            tasklet(story)();
            await run();
          }
        }));
    }
  });

  describe('iteration', () => {
    it('ST-10 needs somebody to pump when the sender closes: close wakes nobody', () =>
      main(async () => {
        const ch = new Channel<number | null>();
        const got: (number | null)[] = [];
        tasklet(async () => {
          for await (const value of ch) got.push(value);
        })();
        tasklet(async () => {
          await ch.sendSequence([1, 2]);
          ch.close();
          while (!ch.closed) await ch.send(null);
        })();
        await run();
        expect(got).to.deep.equal([1, 2, null]);
        expect(ch.closed).to.equal(true);
      }));

    it('ST-11 ends when StopIteration is sent', () =>
      main(async () => {
        const ch = new Channel<number>();
        const got: number[] = [];
        tasklet(async () => {
          expect(await ch.sendSequence([1, 2, 3])).to.equal(3);
          ch.close();
          await ch.sendException(StopIteration);
        })();
        for await (const value of ch) got.push(value);
        expect(got).to.deep.equal([1, 2, 3]);
        expect(ch.closed).to.equal(true);
      }));

    it('ST-14 ends at once on a channel that is closed and empty', () =>
      main(async () => {
        const ch = new Channel();
        ch.close();
        expect(await ch.next()).to.deep.equal({ value: undefined, done: true });
      }));

    it('ST-18 has the channel itself for an iterator', () => {
      const ch = new Channel();
      expect(ch[Symbol.asyncIterator]()).to.equal(ch);
    });

    it('ST-120 takes what waiting senders have before it ends', () =>
      main(async () => {
        const ch = new Channel<number>();
        for (const value of [1, 2]) tasklet(() => ch.send(value))();
        await run();
        ch.close();
        const got: number[] = [];
        for await (const value of ch) got.push(value);
        expect(got).to.deep.equal([1, 2]);
      }));

    it('raises in the sender what its sequence throws, and asks for no more than it sends', () =>
      main(async () => {
        const ch = new Channel<number>();
        let asked = 0;
        function* source() {
          for (;;) yield ++asked;
        }
        const sender = tasklet(() => ch.sendSequence(source()))();
        await run();
        await ch.receive();
        await ch.receive();
        await run();
        expect(asked).to.equal(3);
        await sender.kill();
      }));
  });

  describe('when closed', () => {
    it('ST-12 ST-13 refuses a send and a receive that would have to wait', () =>
      main(async () => {
        const ch = new Channel<number>();
        ch.close();
        expect(await rejection(ch.send(1))).to.be.instanceOf(ValueError);
        expect(await rejection(ch.receive())).to.be.instanceOf(ValueError);
      }));

    it('ST-22 is closing while a sender waits, and closed when that one is killed; open clears both', () =>
      main(async () => {
        const ch = new Channel<number>();
        const flags = () => [ch.closing, ch.closed];
        const sender = tasklet(() => ch.send(1))();
        await run();
        ch.close();
        expect(flags()).to.deep.equal([true, false]);
        await sender.kill();
        expect(flags()).to.deep.equal([true, true]);
        ch.open();
        expect(flags()).to.deep.equal([false, false]);
      }));

    it('ST-118 becomes closed when all who wait are killed, or get TaskletExit', () =>
      main(async () => {
        const ch = new Channel<number>();
        const waiting = [1, 2].map((value) => tasklet(() => ch.send(value))());
        await run();
        ch.close();
        await waiting[0]?.kill();
        await waiting[1]?.raiseException(TaskletExit);
        expect([ch.balance, ch.closed]).to.deep.equal([0, true]);
      }));

    it('ST-24 returns nothing from open and close', () => {
      const ch = new Channel();
      const deeds: (() => unknown)[] = [
        () => {
          ch.close();
        },
        () => {
          ch.open();
        },
      ];
      expect(deeds.map((deed) => deed())).to.deep.equal([undefined, undefined]);
    });
  });

  describe('attributes', () => {
    it('ST-15 are those of a subclass too', () =>
      main(async () => {
        class Named extends Channel<number> {
          readonly name: string;
          constructor(name: string) {
            super();
            this.name = name;
          }
        }
        const ch = new Named('line');
        tasklet(() => ch.send(1))();
        expect([ch.name, await ch.receive()]).to.deep.equal(['line', 1]);
      }));

    it('ST-19 clamp the preference by its sign, and refuse what is no integer', () => {
      const ch = new Channel();
      const set = (value: unknown) => {
        ch.preference = value as number;
        return ch.preference;
      };
      expect(ch.preference).to.equal(-1);
      expect([0, 1, -1, 2, -2, true].map(set)).to.deep.equal([0, 1, -1, 1, -1, 1]);
      for (const wrong of [2.5, '1', null]) expect(() => set(wrong)).to.throw(TypeError);
      expect(ch.preference).to.equal(1);
    });

    it('ST-20 take any integer for scheduleAll, and refuse what is none', () => {
      const ch = new Channel();
      expect(ch.scheduleAll).to.equal(false);
      ch.scheduleAll = 7;
      expect(ch.scheduleAll).to.equal(true);
      ch.scheduleAll = 0;
      expect(ch.scheduleAll).to.equal(false);
      expect(() => (ch.scheduleAll = 2.5)).to.throw(TypeError);
    });

    it('ST-21 count who waits, down to nobody as they are killed', () =>
      main(async () => {
        for (const sign of [1, -1]) {
          const ch = new Channel<number>();
          const both = [0, 1].map(() => tasklet(() => (sign > 0 ? ch.send(1) : ch.receive()))());
          const seen = [ch.balance];
          await both[0]?.run();
          seen.push(ch.balance);
          for (const one of both) {
            await one.kill();
            seen.push(ch.balance);
          }
          expect(seen.map((balance) => balance * sign + 0)).to.deep.equal([0, 2, 1, 0]);
        }
      }));

    it('ST-23 show the first who waits, and behind it the second', () =>
      main(async () => {
        const ch = new Channel();
        const first = tasklet(() => ch.receive())();
        const second = tasklet(() => ch.receive())();
        await run();
        expect([ch.queue, first.next, second.next]).to.deep.equal([first, second, null]);
        expect([first.prev, second.prev]).to.deep.equal([null, first]);
      }));
  });

  it('belongs to the world whose tasklets wait at it', () =>
    main(async () => {
      const ch = new Channel<number>();
      tasklet(() => ch.receive())();
      await schedule();
      expect(await rejection(main(() => ch.send(1)))).to.be.instanceOf(RuntimeError);
      expect(ch.balance).to.equal(-1);
    }));
});
