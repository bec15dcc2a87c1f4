import { expect } from 'chai';
import { LifoQueue, Queue, schedule, spawn } from '../../lib/index.js';
import { simulate } from '../support/simulate.js';

describe('LifoQueue', () => {
  it('is a queue that gives the last one first', async () => {
    const queue = new LifoQueue<number>();
    expect(queue).to.be.instanceOf(Queue);
    for (const value of [1, 2, 3]) await queue.put(value);
    expect(queue.peek()).to.deep.equal({ value: 3 });
    expect(await queue.get()).to.equal(3);
    await queue.put(4);
    expect(queue.clear()).to.deep.equal([4, 2, 1]);
  });

  it('lets in who waits to put, whose value is then the last one', () =>
    simulate(async () => {
      const queue = new LifoQueue<number>({ maxSize: 2 });
      for (const value of [1, 2, 3, 4]) spawn(() => queue.put(value));
      await schedule();
      const got: number[] = [];
      while (!queue.empty) got.push(await queue.get());
      expect(got).to.deep.equal([2, 3, 4, 1]);
    }));
});
