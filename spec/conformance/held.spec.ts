import { expect } from 'chai';
import { complaints, holders, page, tagged } from './held.js';
import { INVARIANTS } from './invariants.js';

describe('the invariants', () => {
  it('are each named by a test, and no test names another one', () => {
    expect(complaints(holders())).to.deep.equal([]);
  });

  it('have one number each', () => {
    const tags = Object.values(INVARIANTS).flatMap((part) => Object.keys(part));
    expect(new Set(tags).size).to.equal(tags.length);
  });

  it('are missed when nobody names them, and strangers are seen', () => {
    const held = holders();
    held.delete('INV-6');
    held.set('INV-999', [{ file: 'spec/kernel/none.spec.ts', says: 'is none' }]);
    expect(complaints(held)).to.deep.equal([
      'no test names INV-6',
      'spec/kernel/none.spec.ts names INV-999, which is none',
    ]);
  });

  it('are told as a page, each with who holds it', () => {
    const held = new Map([
      ['INV-6', [{ file: 'spec/kernel/waiter.spec.ts', says: 'a `side` · keeps the order' }]],
    ]);
    expect(page(held).split('\n').slice(-6)).to.deep.equal([
      '## Channels',
      '',
      `**INV-6** ${INVARIANTS['Channels']!['INV-6']!}`,
      '',
      '- [kernel/waiter.spec.ts](../spec/kernel/waiter.spec.ts): a \\`side\\` · keeps the order',
      '',
    ]);
  });

  it('are found in titles, in those around them, in keys and in comments', () => {
    const text = `
      describe('a channel [INV-5]', () => {
        it('[INV-6] [BM-8] serves in order', () => {});
        it(\`[INV-7] keeps \${what} in order\`, () => {
          // [INV-4] Nobody is left.
          check('INV-1');
        });
      });
      const programs = { '[INV-52] a lock': () => 1 };`;
    expect(tagged(text)).to.deep.equal([
      { tag: 'INV-5', says: 'a channel' },
      { tag: 'INV-6', says: 'a channel · serves in order' },
      { tag: 'BM-8', says: 'a channel · serves in order' },
      { tag: 'INV-7', says: 'a channel · keeps … in order' },
      { tag: 'INV-52', says: 'a lock' },
      { tag: 'INV-4', says: 'Nobody is left.' },
    ]);
  });
});
