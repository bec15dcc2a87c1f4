import { expect } from 'chai';
import {
  after,
  type Channel,
  never,
  schedule,
  select,
  spawn,
  StateError,
  TaskletKilledError,
  TimeoutError,
} from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

describe('never', () => {
  it('is never received from, and can be given up', () =>
    simulate(async ({ clock }) => {
      expect(never.tryReceive()).to.equal(undefined);
      expect(await rejection(never.receive({ timeout: 1e9 }))).to.be.instanceOf(TimeoutError);
      const waiter = spawn(() => never.receive());
      await schedule();
      waiter.kill();
      expect(await rejection(waiter.join())).to.be.instanceOf(TaskletKilledError);
      expect([never.balance, clock.now()]).to.deep.equal([0, 1e9]);
    }));

  it('switches a case of a select off', () =>
    simulate(async () => {
      const { case: hit } = await select({ off: never.receiving(), late: after(1).receiving() });
      expect(hit).to.equal('late');
    }));

  it('[INV-44] can be neither closed nor sent to: it is everybody’s', () =>
    simulate(async () => {
      const open = never as unknown as Channel<string>;
      const waiter = spawn(() => open.next());
      await schedule();
      for (const act of [
        () => open.close(),
        () => open.close(new Error('x')),
        () => open.post('value'),
        () => open.postError(new Error('x')),
        () => open.trySend('value'),
        () => open.sending('value'),
      ]) {
        expect(act).to.throw(StateError);
      }
      for (const sent of [open.send('value'), open.sendError(new Error('x')), open.sendAll(['value'])]) {
        expect(await rejection(sent)).to.be.instanceOf(StateError);
      }
      expect([waiter.state, never.closing]).to.deep.equal(['blocked', false]);
      waiter.kill();
      await schedule();
      expect(never.tryReceive()).to.equal(undefined);
    }));
});
