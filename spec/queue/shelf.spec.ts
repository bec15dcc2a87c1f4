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
    for (let i = 0; i < 5000; i++) row.put({ i });
    for (let i = 0; i < 4999; i++) row.take();
    expect(kept(row)).to.have.length(1);
    row.take();
    expect(kept(row)).to.deep.equal([]);
    expect(places(row).length).to.be.below(1000);
  });
});

/** All places that can be reached from `row`. */
function places(row: Row): unknown[] {
  const all: unknown[] = [];
  const seen = new Set<unknown>();
  const look = (stretch: { places: unknown[]; after: unknown } | null): void => {
    if (stretch === null || seen.has(stretch)) return;
    seen.add(stretch);
    all.push(...stretch.places);
    look(stretch.after as typeof stretch);
  };
  for (const field of Object.values(row) as unknown[]) if (typeof field === 'object') look(field as never);
  return all;
}

function kept(row: Row): unknown[] {
  return places(row).filter((place) => place !== undefined);
}

describe('Stack', () => {
  it('gives the last one first', () => {
    const stack = new Stack();
    stack.put(1);
    stack.put(2);
    expect([stack.size, stack.peek(), stack.take(), stack.take(), stack.size]).to.deep.equal([2, 2, 2, 1, 0]);
  });
});
