import { expect } from 'chai';
import { Lock, StateError } from '../../lib/index.js';

describe('Lease', () => {
  it('is held until it is released', async () => {
    const lease = await new Lock().acquire();
    expect(lease.held).to.equal(true);
    lease.release();
    expect(lease.held).to.equal(false);
  });

  it('[INV-53] is released once: again is an error', async () => {
    const lock = new Lock({ name: 'db' });
    const lease = await lock.acquire();
    lease.release();
    expect(() => lease.release()).to.throw(StateError, "lock 'db': this lease is not held");
    await lock.acquire();
    expect(() => lease.release()).to.throw(StateError);
    expect(lock.locked, 'with its next holder').to.equal(true);
  });

  it('may be released and then disposed of by its scope', async () => {
    const lock = new Lock();
    {
      using lease = await lock.acquire();
      lease.release();
      expect(lock.tryAcquire()).to.not.equal(undefined);
    }
    expect(lock.locked, 'with its next holder').to.equal(true);
  });
});
