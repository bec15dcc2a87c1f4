import { expect } from 'chai';
import { after, run, select, spawn, Tasklet, TimeoutError } from '../../lib/index.js';
import { signals, type SignalName } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** How many listen to a signal in this process. */
const listeners = (name: SignalName): number => process.listenerCount(name);

const send = (name: SignalName): boolean => process.kill(process.pid, name);

describe('signals', () => {
  it('receives them by name, in order, as long as it is open', () =>
    run(async () => {
      const before = listeners('SIGUSR2');
      {
        using inbox = signals('SIGUSR2', 'SIGHUP', 'SIGUSR2');
        expect(listeners('SIGUSR2')).to.equal(before + 1);
        send('SIGUSR2');
        expect(await inbox.receive()).to.equal('SIGUSR2');
        send('SIGHUP');
        expect(await inbox.receive()).to.equal('SIGHUP');
      }
      expect(listeners('SIGUSR2')).to.equal(before);
      expect(listeners('SIGHUP')).to.equal(0);
    }));

  it('keeps the program alive for who waits, though nothing else is left to come', () =>
    run(async () => {
      using inbox = signals('SIGUSR2');
      setTimeout(() => send('SIGUSR2'), 20).unref();
      expect(await inbox.receive()).to.equal('SIGUSR2');
    }));

  it('is a case of select', () =>
    run(async () => {
      using inbox = signals('SIGUSR2');
      send('SIGUSR2');
      const hit = await select({ signal: inbox.receiving(), late: after(5000).receiving() });
      expect(hit).to.deep.equal({ case: 'signal', value: 'SIGUSR2' });
    }));

  it('can be waited for with a timeout, and says what it waits for', () =>
    run(async () => {
      using inbox = signals('SIGUSR2', 'SIGHUP');
      expect(await rejection(inbox.receive({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
      const waiter = spawn(() => inbox.next());
      await after(1).receive();
      expect(waiter.blockedOn).to.equal('signal SIGUSR2 or SIGHUP');
      inbox.close();
      expect(await waiter.join()).to.deep.equal({ value: undefined, done: true });
    }));

  it('is closed when its tasklet has ended, and when it was killed', () =>
    run(async () => {
      await spawn(() => void signals('SIGUSR2')).join();
      await after(1).receive();
      expect(listeners('SIGUSR2')).to.equal(0);
      const waiter = new Tasklet(() => signals('SIGUSR2').receive()).start();
      await after(1).receive();
      expect(listeners('SIGUSR2')).to.equal(1);
      waiter.kill();
      await after(1).receive();
      expect(listeners('SIGUSR2')).to.equal(0);
    }));

  it('refuses what is no signal, and what nobody can receive', () => {
    expect(() => signals(...([] as unknown as [SignalName]))).to.throw(TypeError, 'without a name');
    expect(() => signals('SIGNAL' as SignalName)).to.throw(TypeError, '"SIGNAL" is no signal of this system');
    expect(() => signals('SIGUSR2', 'SIGKILL')).to.throw(Error, 'EINVAL');
    expect(listeners('SIGUSR2')).to.equal(0);
  });
});
