import { expect } from 'chai';
import { callable, duration, isThenable, oneOf, readOptions, show, whole } from '../../lib/kernel/options.js';

describe('readOptions', () => {
  interface Options {
    size?: number;
    name?: string | undefined;
  }
  const read = (options: unknown): Partial<Options> =>
    readOptions<Options>(options as Options, ['size', 'name'], 'Thing');

  it('gives what was said, and nothing else', () => {
    expect({ ...read({ size: 3 }) }).to.deep.equal({ size: 3 });
    expect({ ...read({}) }).to.deep.equal({});
    expect({ ...read(undefined) }).to.deep.equal({});
    expect({ ...read({ name: undefined }) }).to.deep.equal({ name: undefined });
  });

  it('[BM-15] reads own properties only, and hands on no prototype', () => {
    expect({ ...read(Object.create({ size: 3, other: 1 })) }).to.deep.equal({});
    expect({ ...read(Object.assign(Object.create(null) as object, { size: 3 })) }).to.deep.equal({ size: 3 });
    expect(Object.getPrototypeOf(read({ size: 3 }))).to.equal(null);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(() => read(JSON.parse(`{ "${name}": {} }`))).to.throw(TypeError, `'${name}'`);
    }
  });

  it('is not taken in by what others have put on all objects', () => {
    const proto = Object.prototype as { size?: number };
    proto.size = 99;
    try {
      expect(read({ name: 'a' }).size).to.equal(undefined);
    } finally {
      delete proto.size;
    }
  });

  it('names what it does not know, and what there is', () => {
    expect(() => read({ Size: 3 })).to.throw(TypeError, "Thing: unknown option 'Size'; there is size, name");
  });

  it('refuses what is no object', () => {
    for (const wrong of [null, 7, 'size', true, () => {}, Symbol('s')]) {
      expect(() => read(wrong)).to.throw(TypeError, 'Thing: options must be an object');
    }
  });
});

describe('duration', () => {
  it('is a number of milliseconds from 0, without end', () => {
    for (const fine of [0, -0, 0.1, 5, 2 ** 53, Infinity]) {
      expect(duration(fine, 'ms', 'wait')).to.equal(fine);
    }
    for (const bad of [-1, -Number.MIN_VALUE, -Infinity, NaN]) {
      expect(() => duration(bad, 'ms', 'wait')).to.throw(RangeError, `wait: ms`);
    }
    for (const wrong of ['10', 10n, null, undefined, new Date(), [5], Object(5)]) {
      expect(() => duration(wrong, 'ms', 'wait')).to.throw(TypeError, 'wait: ms');
    }
  });
});

describe('whole', () => {
  it('is a whole number from the least', () => {
    for (const fine of [1, 2, Number.MAX_SAFE_INTEGER])
      expect(whole(fine, 1, 'limit', 'here')).to.equal(fine);
    for (const bad of [0, 1.5, NaN, Infinity, 2 ** 53]) {
      expect(() => whole(bad, 1, 'limit', 'here')).to.throw(RangeError, 'here: limit');
    }
    expect(() => whole('1', 1, 'limit', 'here')).to.throw(TypeError, 'here: limit');
  });
});

describe('callable and oneOf', () => {
  it('let through what they ask for', () => {
    callable(() => {}, 'fn', 'spawn');
    callable(class {}, 'fn', 'spawn');
    expect(oneOf('b', ['a', 'b'], 'kind', 'here')).to.equal('b');
  });

  it('name what is wrong', () => {
    expect(() => callable({}, 'fn', 'spawn')).to.throw(
      TypeError,
      'spawn: fn must be a function, not an object',
    );
    expect(() => oneOf('c' as 'a', ['a', 'b'], 'kind', 'here')).to.throw(
      TypeError,
      `here: kind must be 'a' or 'b', not "c"`,
    );
  });
});

describe('show', () => {
  it('says something short of anything', () => {
    expect([undefined, null, 0, NaN, true, 'text', [], () => 1, Symbol('s'), 5n].map(show)).to.deep.equal([
      'undefined',
      'null',
      '0',
      'NaN',
      'true',
      '"text"',
      'an object',
      'a function',
      'a symbol',
      'a bigint',
    ]);
    expect(show('x'.repeat(1000))).to.have.length.below(50);
    expect(show('\u001b[2J\n')).to.equal('"\\u001b[2J\\n"');
  });

  it('calls no code of the value', () => {
    const hostile = {
      toString: () => expect.fail(),
      toJSON: () => expect.fail(),
      get [Symbol.toStringTag]() {
        return expect.fail();
      },
    };
    expect(show(hostile)).to.equal('an object');
  });
});

describe('isThenable', () => {
  it('is what await would unwrap', () => {
    const callableThen = Object.assign(() => {}, { then() {} });
    const inherits = Object.create({ then() {} }) as object;
    for (const yes of [Promise.resolve(), { then() {} }, callableThen, inherits]) {
      expect(isThenable(yes)).to.equal(true);
    }
    for (const no of [undefined, null, 7, 'then', {}, { then: 1 }, () => {}, Symbol('then'), [], new Map()]) {
      expect(isThenable(no)).to.equal(false);
    }
  });

  it('counts one that throws when it is looked at', () => {
    const hostile = {
      get then(): never {
        throw new Error('no');
      },
    };
    expect(isThenable(hostile)).to.equal(true);
  });
});
