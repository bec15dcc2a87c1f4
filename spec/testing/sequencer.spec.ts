import { expect } from 'chai';
import { Channel, StateError, schedule, spawn, type Tasklet } from '../../lib/index.js';
import { exhaust, sequencer } from '../../lib/testing/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('sequencer', () => {
  it('forces steps of several tasklets into the written order, whoever is next', async () => {
    const { values, complete } = await exhaust(async () => {
      const log: string[] = [];
      const at = sequencer();
      const both = [
        spawn(async () => {
          await at(0, () => log.push('a0'));
          await at(3, () => log.push('a3'));
        }),
        spawn(async () => {
          await at(1, () => log.push('b1'));
          await at(2, () => log.push('b2'));
        }),
      ];
      for (const each of both) await each.join();
      return log.join(' ');
    });
    expect(complete).to.equal(true);
    expect([...values]).to.deep.equal(['a0 b1 b2 a3']);
  });

  it('lets the next step begin when this one has ended, not before', async () => {
    const log = await simulate(async () => {
      const told: string[] = [];
      const at = sequencer();
      const line = new Channel<string>();
      spawn(() =>
        at(0, async () => {
          told.push('begins');
          told.push(await line.receive());
        }),
      );
      spawn(() => line.send('ends'));
      await at(1, () => told.push('next'));
      return told;
    });
    expect(log).to.deep.equal(['begins', 'ends', 'next']);
  });

  it('returns what the step returns', async () => {
    expect(await simulate(() => sequencer()(0, async () => 5))).to.equal(5);
  });

  it('breaks the order when a step fails or is killed, with its error as the cause', async () => {
    await simulate(async () => {
      const planted = new Error('planted');
      const at = sequencer();
      const failing = spawn(() =>
        at(1, () => {
          throw planted;
        }),
      );
      const later = spawn(() => at(2, () => {}));
      await at(0, () => {});
      expect(await rejection(failing.join())).to.equal(planted);
      const broken = await rejection(later.join());
      expect(broken).to.be.instanceOf(StateError);
      expect((broken as Error).cause).to.equal(planted);
      expect(await rejection(at(3, () => {}))).to.equal(broken);
    });
    await simulate(async () => {
      const at = sequencer();
      const killed: Tasklet<void> = spawn(() => at(1, () => {}));
      const later = spawn(() => at(2, () => {}));
      await schedule();
      killed.kill();
      expect(await rejection(later.join())).to.be.instanceOf(StateError);
    });
  });

  it('refuses a position twice, and one that is no place', async () => {
    await simulate(async () => {
      const at = sequencer();
      await at(0, () => {});
      expect(await rejection(at(0, () => {}))).to.be.instanceOf(StateError);
      expect(await rejection(at(-1, () => {}))).to.be.instanceOf(RangeError);
      expect(await rejection(at(1.5, () => {}))).to.be.instanceOf(RangeError);
      expect(await rejection(at(1, 'step' as never))).to.be.instanceOf(TypeError);
    });
  });
});
