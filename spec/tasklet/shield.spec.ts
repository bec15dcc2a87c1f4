import { expect } from 'chai';
import {
  Channel,
  shield,
  sleep,
  spawn,
  StateError,
  TaskletExit,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('shield', () => {
  it('gives what the step returns', async () => {
    await simulate(async () => {
      expect(await shield(() => 1)).to.equal(1);
      expect(await shield(async () => sleep(1).then(() => 2))).to.equal(2);
      expect(await rejection(shield(() => Promise.reject(new RangeError())))).to.be.instanceOf(RangeError);
    });
  });

  it('holds a kill back until the step is over, and loses neither its result nor the kill', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const tasklet = spawn(async () => {
        const result = await shield(async () => {
          await sleep(10);
          await sleep(10);
          return 'committed';
        });
        log.push(result);
        await sleep(10);
        log.push('not reached');
      });
      await sleep(5);
      tasklet.kill({ reason: 'why' });
      tasklet.kill();
      expect(await rejection(tasklet.join()))
        .to.be.instanceOf(TaskletKilledError)
        .with.property('cause', 'why');
      expect(log).to.deep.equal(['committed']);
    });
  });

  it('holds it back longer than the grace of the kill', async () => {
    await simulate(async ({ clock }) => {
      const tasklet = spawn(() => shield(() => sleep(2500).then(() => sleep(2500))));
      await sleep(5);
      tasklet.kill({ grace: 10 });
      await tasklet.join();
      expect(clock.now()).to.equal(5000);
    });
  });

  it('raises a kill once for each time, and again after the grace', async () => {
    await simulate(async ({ clock }) => {
      let caught = 0;
      const tasklet = spawn(async () => {
        await shield(() => sleep(20));
        for (;;) {
          try {
            await sleep(30);
          } catch (error) {
            expect(error).to.be.instanceOf(TaskletExit);
            if (++caught === 3) throw error;
          }
        }
      });
      await sleep(5);
      tasklet.kill({ grace: 100 });
      await rejection(tasklet.join());
      expect([caught, clock.now()]).to.deep.equal([3, 105]);
    });
  });

  it('holds errors thrown at it back, in order', async () => {
    await simulate(async () => {
      const tasklet = spawn(async () => {
        await shield(() => sleep(10));
        const caught: unknown[] = [];
        for (let i = 0; i < 2; i++) caught.push(await rejection(sleep(10)));
        return caught;
      });
      await sleep(5);
      const errors = [new RangeError('first'), new RangeError('second')] as const;
      for (const error of errors) tasklet.throw(error);
      expect(await tasklet.join()).to.deep.equal(errors);
    });
  });

  it('holds time scopes around it back, and none inside', async () => {
    await simulate(async ({ clock }) => {
      const outer = timeout(10, async () => {
        await shield(() => sleep(50));
        await sleep(50);
      });
      expect(await rejection(outer)).to.be.instanceOf(TimeoutError);
      expect(clock.now()).to.equal(50);
      const inner = shield(() => timeout(10, () => sleep(50)));
      expect(await rejection(inner)).to.be.instanceOf(TimeoutError);
      expect(clock.now()).to.equal(60);
    });
  });

  it('goes on when a time scope inside was left', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const tasklet = spawn(async () => {
        await shield(async () => {
          await timeout(10, () => sleep(1));
          await sleep(20);
          log.push('committed');
        });
        await sleep(1);
      });
      await sleep(5);
      tasklet.kill();
      await rejection(tasklet.join());
      expect(log).to.deep.equal(['committed']);
    });
  });

  it('forgets a time scope that was left meanwhile', async () => {
    await simulate(async () => {
      await timeout(10, () => shield(() => sleep(50)));
      await sleep(1);
    });
  });

  it('can be nested; what is held back waits for the outermost', async () => {
    await simulate(async () => {
      const log: string[] = [];
      const tasklet = spawn(async () => {
        await shield(async () => {
          await shield(() => sleep(10));
          await sleep(10);
          log.push('outer');
        });
        await sleep(1);
      });
      await sleep(5);
      tasklet.kill();
      await rejection(tasklet.join());
      expect(log).to.deep.equal(['outer']);
    });
  });

  it('does not begin when the kill came before', async () => {
    await simulate(async () => {
      let begun = false;
      const line = new Channel<number>();
      const tasklet = spawn(async () => {
        await line.receive();
        await shield(() => (begun = true));
      });
      await sleep(1);
      await line.send(1);
      expect(begun).to.equal(true);
      const other = spawn(async () => {
        other.kill();
        await shield(() => expect.fail('it was killed before'));
      });
      expect(await rejection(other.join())).to.be.instanceOf(TaskletKilledError);
      await tasklet.join();
    });
  });

  it('belongs to a tasklet', async () => {
    expect(await rejection(shield(() => 1))).to.be.instanceOf(StateError);
    expect(await rejection(shield(5 as never))).to.be.instanceOf(TypeError);
  });
});
