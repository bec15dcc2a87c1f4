import { expect } from 'chai';
import { BoundedSemaphore, Semaphore, StateError } from '../../lib/index.js';

describe('BoundedSemaphore', () => {
  it('is a semaphore that knows how many permits it has', () => {
    const semaphore = new BoundedSemaphore(2, { name: 'slots' });
    expect(semaphore).to.be.instanceOf(Semaphore);
    expect([semaphore.permits, semaphore.available, semaphore.name]).to.deep.equal([2, 2, 'slots']);
    expect(new BoundedSemaphore().permits).to.equal(1);
  });

  it('[EV-14] acquired, released, and released again is an error', async () => {
    const semaphore = new BoundedSemaphore();
    await semaphore.acquire();
    semaphore.release();
    expect(() => semaphore.release()).to.throw(StateError, 'of 1 permits 1 are free');
    expect(semaphore.available).to.equal(1);
  });

  it('[INV-53] releases nothing rather than too much', () => {
    const semaphore = new BoundedSemaphore(3);
    semaphore.tryAcquire();
    expect(() => semaphore.release(2)).to.throw(StateError);
    expect(semaphore.available).to.equal(2);
    semaphore.release();
    for (const count of [0, NaN, 1.5]) expect(() => semaphore.release(count)).to.throw(RangeError, 'count');
    expect(() => semaphore.release('1' as never)).to.throw(TypeError, 'count');
    expect(semaphore.available).to.equal(3);
  });

  it('[INV-53] tells of a lease whose permit somebody else has released', async () => {
    const semaphore = new BoundedSemaphore();
    const lease = await semaphore.acquire();
    semaphore.release();
    expect(() => lease.release()).to.throw(StateError);
    expect(semaphore.available).to.equal(1);
  });
});
