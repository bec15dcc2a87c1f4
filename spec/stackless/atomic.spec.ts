import { expect } from 'chai';
import { atomic, getCurrent, main } from '../../lib/stackless/index.js';

describe('atomic', () => {
  it('ST-36 sets the mark inside, and restores what it was', () =>
    main(() => {
      const me = getCurrent();
      const seen = [me.atomic];
      {
        using _outer = atomic();
        seen.push(me.atomic);
        {
          using _inner = atomic();
          seen.push(me.atomic);
        }
        seen.push(me.atomic);
      }
      seen.push(me.atomic);
      expect(seen).to.deep.equal([false, true, true, true, false]);
    }));

  it('ST-37 setAtomic returns the previous value', () =>
    main(() => {
      const me = getCurrent();
      expect([true, true, false, false].map((flag) => me.setAtomic(flag))).to.deep.equal([
        false,
        true,
        true,
        false,
      ]);
    }));
});
