import { expect } from 'chai';
import { IncompleteReadError, LimitExceededError } from '../../lib/io/index.js';
import { ByteBuffer } from '../../lib/io/byte-buffer.js';
import { Delimiters } from '../../lib/io/delimiters.js';
import { All, Exactly, Steps, Until, UntilMatch, type Frame } from '../../lib/io/frame.js';
import { lengthPrefixed } from '../../lib/io/framing.js';
import { Line } from '../../lib/io/lines.js';
import { Text } from '../../lib/io/text.js';
import { Chance, fuzz } from '../support/chance.js';

/** Everything that `frame` makes of `pieces`, and how it ends; what is read is looked at after each piece. */
function readings(make: () => Frame<unknown>, pieces: readonly Buffer[]): string[] {
  const buffer = new ByteBuffer();
  const frame = make();
  const story: string[] = [];
  const end = { error: undefined };
  let over = false;
  const readOn = (): void => {
    frame.begin?.();
    for (;;) {
      let length = frame.measure(buffer);
      if (length < 0 && over) length = frame.last(buffer, end);
      if (length < 0) return;
      const value = frame.cut(buffer, length);
      story.push(value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : JSON.stringify(value));
      buffer.skip(length);
      if (length === 0) return;
      frame.begin?.();
    }
  };
  try {
    for (const piece of pieces) {
      buffer.push(piece);
      readOn();
    }
    over = true;
    readOn();
  } catch (error) {
    const what = error as Error;
    story.push(what.name);
    if (what instanceof IncompleteReadError) story.push(Buffer.from(what.partial).toString('latin1'));
  }
  return story;
}

const delimiters = [
  ['\n'],
  ['\r\n'],
  ['\n', '\r\n'],
  ['ab', 'b'],
  ['aab', 'ba', 'b\n'],
  ['\r\n\r\n', '\n\n'],
  ['aaaa'],
];

/** The frames of `bytes`, told without any cuts. */
function unsplit(bytes: Buffer, ends: readonly string[], maxBytes: number, keep: boolean): string[] {
  const story: string[] = [];
  let from = 0;
  for (let to = from + 1; to <= bytes.length && to - from <= maxBytes; to++) {
    const frame = bytes.toString('latin1', from, to);
    const found = ends.filter((end) => frame.endsWith(end)).sort((a, b) => b.length - a.length)[0];
    if (found === undefined) continue;
    story.push(keep ? frame : frame.slice(0, -found.length));
    from = to;
  }
  const rest = bytes.toString('latin1', from);
  if (rest.length >= maxBytes) return [...story, 'LimitExceededError'];
  return [...story, 'IncompleteReadError', rest];
}

describe('a frame', () => {
  it('[INV-60] up to a delimiter is the same however the bytes were cut', () => {
    const chance = new Chance(2);
    const alphabet = Buffer.from('aab\r\n');
    for (let round = 0; round < fuzz(10_000); round++) {
      const ends = chance.pick(delimiters);
      const maxBytes = chance.pick([1, 5, 20, 1000]);
      const keep = chance.below(2) === 0;
      const bytes = chance.bytes(chance.below(60), alphabet);
      const pieces = chance.cut(bytes, chance.pick([1, 2, 7, 30]));
      const all = new Delimiters(ends, 'test');
      const story = readings(() => new Until(all, maxBytes, keep, 'test'), pieces);
      expect(story, JSON.stringify({ ends, maxBytes, keep, pieces: pieces.map(String) })).to.deep.equal(
        unsplit(bytes, ends, maxBytes, keep),
      );
    }
  });

  it('[INV-60] of every kind is the same however the bytes were cut', () => {
    const chance = new Chance(3);
    const kinds: Record<string, () => Frame<unknown>> = {
      exactly: () => new Exactly(7, 'test'),
      all: () => new All(50, 'test'),
      // Their end is definite: nothing that comes later would make the match longer.
      match: () => new UntilMatch(/a+b|\r\n/, 30, 'test'),
      prefixed: () => lengthPrefixed({ size: 1, maxBytes: 11 }).frame('test'),
      'prefixed, two bytes': () => lengthPrefixed({ size: 2, order: 'little' }).frame('test'),
      lines: () => new Steps(new Line('utf8', 40, true, 'test')),
      'strict lines': () => new Steps(new Line('latin1', 12, false, 'test')),
    };
    const alphabet = Buffer.from([97, 97, 98, 13, 10, 3, 0, 0xc3, 0xa9]);
    for (let round = 0; round < fuzz(10_000); round++) {
      const [name, make] = chance.pick(Object.entries(kinds));
      const bytes = chance.bytes(chance.below(90), alphabet);
      const pieces = chance.cut(bytes, chance.pick([1, 2, 7, 30]));
      const whole = readings(make, bytes.length > 0 ? [bytes] : []);
      expect(readings(make, pieces), `${name} ${JSON.stringify(pieces.map(String))}`).to.deep.equal(whole);
    }
  });

  it('[INV-70] of text, all together, is what decoding the whole gives', () => {
    const chance = new Chance(4);
    const alphabet = Buffer.concat([Buffer.from('aé€😀'), Buffer.from([0xff, 0xc0, 0xe0, 0xf0, 0x80, 0xd8])]);
    for (let round = 0; round < fuzz(10_000); round++) {
      const encoding = chance.pick(['utf8', 'utf16le', 'latin1'] as const);
      const text = Array.from({ length: chance.below(20) }, () => chance.pick(['a', 'é', '€', '😀']));
      const bytes =
        chance.below(2) === 0
          ? chance.bytes(chance.below(40), alphabet)
          : Buffer.from(text.join(''), encoding);
      const pieces = chance.cut(bytes, chance.pick([1, 2, 3, 10]));
      const parts = readings(() => new Text(encoding), pieces).map((part) => JSON.parse(part) as string);
      expect(parts.join(''), `${encoding} ${bytes.toString('hex')}`).to.equal(bytes.toString(encoding));
    }
  });

  it('[INV-64] looks at each byte once, however small the pieces', () => {
    const buffer = new ByteBuffer();
    const frame = new Until(new Delimiters('\n', 'test'), Infinity, true, 'test');
    let looked = 0;
    const { find } = buffer;
    buffer.find = (byte, from) => {
      looked += buffer.length - from;
      return find.call(buffer, byte, from);
    };
    for (let i = 0; i < 1000; i++) {
      buffer.push(Buffer.from('x'));
      expect(frame.measure(buffer)).to.equal(-1);
    }
    expect(looked).to.equal(1000);
  });

  it('that is too long says what was allowed', () => {
    const buffer = new ByteBuffer();
    buffer.push(Buffer.from('abcdef'));
    const frame = new Until(new Delimiters('\n', 'test'), 5, true, 'read on a test');
    expect(() => frame.measure(buffer))
      .to.throw(LimitExceededError, 'read on a test: no delimiter within 5 bytes')
      .with.property('limit', 5);
  });
});
