import { expect } from 'chai';
import { defaultScheduler } from '../../lib/kernel/caller.js';
import { GUEST, insertBefore, Side, unlink, Waiter } from '../../lib/kernel/waiter.js';
import { rejection } from '../support/rejection.js';

const waiter = (): Waiter => new Waiter(GUEST, defaultScheduler, null);

/** Those in the circle of `from`, in both directions. */
function circle(from: Waiter): Waiter[] {
  const all = [from];
  for (let at = from.next; at !== from; at = at.next) all.push(at);
  const back = [from];
  for (let at = from.prev; at !== from; at = at.prev) back.push(at);
  expect([back[0], ...back.slice(1).reverse()]).to.deep.equal(all);
  return all;
}

describe('a circle', () => {
  it('grows before a mark, and closes where somebody leaves', () => {
    const [a, b, c, d] = [waiter(), waiter(), waiter(), waiter()];
    expect(circle(a)).to.deep.equal([a]);
    insertBefore(b, a);
    insertBefore(c, a);
    insertBefore(d, c);
    expect(circle(a)).to.deep.equal([a, b, d, c]);
    unlink(d);
    expect(circle(a)).to.deep.equal([a, b, c]);
    expect(circle(d)).to.deep.equal([d]);
    unlink(a);
    unlink(b);
    expect(circle(c)).to.deep.equal([c]);
    unlink(c);
    expect(circle(c)).to.deep.equal([c]);
  });
});

describe('a side', () => {
  const side = (): Side => new Side({ describe: () => 'here' }, false);

  function inLine({ first }: Side): Waiter[] {
    return first === null ? [] : circle(first);
  }

  it('[INV-6] [INV-14] keeps the order, whoever leaves', () => {
    for (let leaving = 0; leaving < 5; leaving++) {
      const line = side();
      const all = [waiter(), waiter(), waiter(), waiter(), waiter()];
      for (const each of all) line.push(each);
      expect([inLine(line), line.size]).to.deep.equal([all, 5]);
      const gone = all[leaving]!;
      line.remove(gone);
      expect(gone.side).to.equal(null);
      expect([inLine(line), line.size]).to.deep.equal([all.filter((each) => each !== gone), 4]);
      line.push(gone);
      expect(inLine(line).at(-1)).to.equal(gone);
    }
  });

  it('[INV-81] empties in any order, and tells when the last one has left', () => {
    const line = side();
    let told = 0;
    line.emptied = () => told++;
    const all = [waiter(), waiter(), waiter()];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [1, 2, 0],
    ]) {
      told = 0;
      for (const each of all) line.push(each);
      for (const place of order) {
        expect(told).to.equal(0);
        line.remove(all[place]!);
      }
      expect([line.first, line.size, told]).to.deep.equal([null, 0, 1]);
    }
  });
});

describe('the promise of a wait', () => {
  it('comes to what the wait came to', async () => {
    const one = waiter();
    const fine = one.park();
    one.value = 'value';
    one.go();
    expect(await fine).to.equal('value');
    const error = new Error('bad');
    const failed = rejection(one.park());
    one.value = error;
    one.failed = true;
    one.go();
    expect(await failed).to.equal(error);
    const again = one.park();
    one.go();
    expect(await again).to.equal(undefined);
  });
});
