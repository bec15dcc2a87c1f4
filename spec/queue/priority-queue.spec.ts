import { expect } from 'chai';
import fc from 'fast-check';
import { ChannelClosedError, PriorityQueue, Queue, schedule, spawn } from '../../lib/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

interface Job {
  readonly rank: number;
  readonly name: string;
}

describe('PriorityQueue', () => {
  it('is a queue that gives the lowest first', async () => {
    const queue = new PriorityQueue<number>();
    expect(queue).to.be.instanceOf(Queue);
    for (const value of [3, 1, Infinity, 2, -Infinity]) await queue.put(value);
    expect(queue.peek()).to.deep.equal({ value: -Infinity });
    expect(queue.clear()).to.deep.equal([-Infinity, 1, 2, 3, Infinity]);
  });

  it('is stable: of equals the one that was put first comes first', async () => {
    const queue = new PriorityQueue<Job>((job) => job.rank, { name: 'jobs' });
    for (const name of 'abcdefgh') await queue.put({ rank: name < 'e' ? 1 : 0, name });
    expect(
      queue
        .clear()
        .map(({ name }) => name)
        .join(''),
    ).to.equal('efghabcd');
  });

  it('stays so whatever is put and got in between', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 5 }))), (steps) => {
        const queue = new PriorityQueue<Job>((job) => job.rank);
        const model: Job[] = [];
        steps.forEach((rank, step) => {
          if (rank !== null) {
            const job = { rank, name: String(step) };
            queue.tryPut(job);
            model.push(job);
            model.sort((a, b) => a.rank - b.rank);
          } else expect(queue.tryGet()?.value).to.equal(model.shift());
        });
        expect(queue.clear()).to.deep.equal(model);
      }),
    );
  });

  it('asks for a rank once, when a value is put, before anything is done', async () => {
    const queue = new PriorityQueue<{ rank: unknown }>((value) => {
      asked++;
      if (value.rank === 'throws') throw new SyntaxError('rank');
      return value.rank as number;
    });
    let asked = 0;
    for (let i = 0; i < 9; i++) await queue.put({ rank: i % 4 });
    queue.clear();
    expect(asked).to.equal(9);
    for (const [rank, kind] of [
      ['throws', SyntaxError],
      ['1', TypeError],
      [NaN, RangeError],
    ] as const) {
      expect(await rejection(queue.put({ rank }))).to.be.instanceOf(kind);
      expect(() => queue.tryPut({ rank })).to.throw(kind);
      expect(() => queue.putting({ rank })).to.throw(kind);
    }
    expect(queue.size).to.equal(0);
    expect(() => new PriorityQueue(7 as never)).to.throw(TypeError, 'rank');
    expect(await rejection(new PriorityQueue<string>().put('x'))).to.be.instanceOf(TypeError);
  });

  it('takes no promise, whatever its rank', async () => {
    const queue = new PriorityQueue<unknown>(() => 0);
    expect(await rejection(queue.put(Promise.resolve(1)))).to.be.instanceOf(TypeError);
    expect(() => queue.tryPut(Promise.resolve(1))).to.throw(TypeError, 'promise');
    expect(queue.size).to.equal(0);
  });

  it('ranks who waits to put when it is let in: first come, first served', () =>
    simulate(async () => {
      const queue = new PriorityQueue<number>(undefined, { maxSize: 2 });
      for (const value of [9, 8, 7, 1]) spawn(() => queue.put(value));
      await schedule();
      const got: number[] = [];
      while (!queue.empty) got.push(await queue.get());
      expect(got).to.deep.equal([8, 7, 1, 9]);
    }));

  it('refuses with the value itself when it is closing', async () => {
    const queue = new PriorityQueue<number>();
    queue.close();
    expect(await rejection(queue.put(7)))
      .to.be.instanceOf(ChannelClosedError)
      .with.property('value', 7);
  });
});
