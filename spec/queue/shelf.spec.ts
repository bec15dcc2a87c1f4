import { expect } from 'chai';
import fc from 'fast-check';
import { Row, Stack } from '../../lib/queue/shelf.js';

describe('Row', () => {
  it('gives what was put, in order, however it grows and empties', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 })), (bursts) => {
        const row = new Row();
        const model: number[] = [];
        let next = 0;
        bursts.forEach((count, turn) => {
          for (let i = 0; i < count; i++) {
            if (turn % 2 === 0) {
              row.put(next);
              model.push(next++);
            } else if (model.length > 0) {
              expect(row.peek()).to.equal(model[0]);
              expect(row.take()).to.equal(model.shift());
            }
            expect(row.size).to.equal(model.length);
          }
        });
      }),
    );
  });

  it('does not remember a burst, nor what it gave', () => {
    const row = new Row();
    const { places: few } = row as unknown as { places: unknown[] };
    for (let i = 0; i < 5000; i++) row.put({ i });
    for (let i = 0; i < 5000; i++) row.take();
    const { places } = row as unknown as { places: unknown[] };
    expect(places).to.have.length(few.length);
    row.put({});
    row.take();
    expect(places.filter((place) => place !== undefined)).to.deep.equal([]);
  });
});

describe('Stack', () => {
  it('gives the last one first', () => {
    const stack = new Stack();
    stack.put(1);
    stack.put(2);
    expect([stack.size, stack.peek(), stack.take(), stack.take(), stack.size]).to.deep.equal([2, 2, 2, 1, 0]);
  });
});
