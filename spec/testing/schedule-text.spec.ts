import { expect } from 'chai';
import { fromText, toText } from '../../lib/testing/schedule-text.js';

describe('a schedule as text', () => {
  it('comes back as it was, but for zeros at the end', () => {
    for (const picks of [[], [1], [0, 2, 35], [0, 36], [100, 0, 5], [12, 0, 1]]) {
      expect(fromText(toText(picks)).join()).to.equal(picks.length === 0 ? '0' : picks.join());
    }
    expect(toText([3, 0, 1, 0, 0])).to.equal('301');
    expect(toText([0, 0])).to.equal('0');
    expect(toText([40])).to.equal('14.');
  });

  it('is refused when it is something else', () => {
    for (const text of ['', '0?1', 'A', ' 1']) expect(() => fromText(text)).to.throw(TypeError);
  });
});
