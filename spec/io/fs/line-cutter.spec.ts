import { expect } from 'chai';
import fc from 'fast-check';
import { LimitExceededError } from '../../../lib/io/index.js';
import { LineCutter, type FileLinesOptions } from '../../../lib/io/fs/line-cutter.js';

/** What comes of `pieces`: all lines, and whether one was too long. */
function cut(
  pieces: readonly Uint8Array[],
  options?: FileLinesOptions,
): { readonly lines: string[]; readonly tooLong: boolean } {
  const cutter = new LineCutter(options, 'lines');
  const lines: string[] = [];
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length;) {
        const { buffer, offset } = cutter.room();
        const count = Math.min(piece.length - at, buffer.length - offset);
        buffer.set(piece.subarray(at, at + count), offset);
        cutter.add(count);
        at += count;
        for (let block = cutter.cut(); block !== null; block = cutter.cut()) lines.push(...block);
      }
    }
    lines.push(...(cutter.rest() ?? []));
    expect(cutter.rest()).to.equal(null);
    return { lines, tooLong: false };
  } catch (error) {
    expect(error)
      .to.be.instanceOf(LimitExceededError)
      .and.include({ limit: options?.maxBytes ?? 65_536 });
    return { lines, tooLong: true };
  }
}

/** The same, one byte after the other. */
function model(
  bytes: Uint8Array,
  { encoding = 'utf8', maxBytes = 65_536, containing }: FileLinesOptions = {},
): { readonly lines: string[]; readonly tooLong: boolean } {
  const needle = containing === undefined ? Buffer.alloc(0) : Buffer.from(containing as string, encoding);
  const lines: string[] = [];
  let from = 0;
  for (let at = 0; at <= bytes.length; at++) {
    const ends = bytes[at] === 10;
    if (at < bytes.length && !ends) {
      if (at + 1 - from > maxBytes) return { lines, tooLong: true };
      continue;
    }
    const line = Buffer.from(bytes.subarray(from, at));
    from = at + 1;
    if (!ends && line.length === 0) break;
    if (line.includes(needle)) {
      const bare = ends && line.at(-1) === 13 ? line.subarray(0, -1) : line;
      lines.push(bare.toString(encoding));
    }
  }
  return { lines, tooLong: false };
}

const text = (...lines: readonly string[]): Uint8Array => Buffer.from(lines.join(''));

describe('LineCutter', () => {
  it('cuts at line feeds, and takes a carriage return before one away', () => {
    const { lines } = cut([text('one\n', 'two\r\n', '\n', 'th\rree\r\r\n', 'four\r')]);
    expect(lines).to.deep.equal(['one', 'two', '', 'th\rree\r', 'four\r']);
  });

  it('gives no empty line behind the last line feed', () => {
    expect(cut([text('one\n')]).lines).to.deep.equal(['one']);
    expect(cut([]).lines).to.deep.equal([]);
    expect(cut([text('\n')]).lines).to.deep.equal(['']);
  });

  it('takes lines that are longer than all that is read at a time', () => {
    const long = 'x'.repeat(700_000);
    const { lines } = cut([text('a\n', long, '\nb\n')], { maxBytes: 1_000_000 });
    expect(lines).to.deep.equal(['a', long, 'b']);
  });

  it('[INV-64] gives the lines before one that is too long, and then an error', () => {
    for (const end of ['\n', '\nc\n', '']) {
      expect(cut([text('a\n', '1234\n', '12345', end)], { maxBytes: 4 })).to.deep.equal({
        lines: ['a', '1234'],
        tooLong: true,
      });
    }
    expect(cut([text('12345\n')], { maxBytes: 5 }).lines).to.deep.equal(['12345']);
  });

  it('[INV-64] looks at each byte of a long line a bounded number of times', () => {
    // Quadratic work would take minutes.
    const piece = text('x'.repeat(64));
    const pieces = Array.from({ length: 200_000 }, () => piece);
    const { lines } = cut([...pieces, text('\n')], { maxBytes: 64 * 200_000 });
    expect(lines[0]?.length).to.equal(64 * 200_000);
  });

  it('[INV-70] decodes as if there had been one piece', () => {
    const bytes = text('grüße\n', '日本語\r\n', '\ufeffmark\n', '👩‍👩‍👧');
    const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
    expect(cut(pieces).lines).to.deep.equal(['grüße', '日本語', '\ufeffmark', '👩‍👩‍👧']);
    expect(cut([Uint8Array.of(0x61, 0xff, 0x62, 10)]).lines).to.deep.equal(['a\ufffdb']);
    expect(cut([Uint8Array.of(0xe4, 10)], { encoding: 'latin1' }).lines).to.deep.equal(['ä']);
  });

  it('finds lines by their bytes', () => {
    const bytes = text('an error\n', 'nothing\n', 'error\r\n', 'errerror error\n', '\n', 'äerror');
    expect(cut([bytes], { containing: 'error' }).lines).to.deep.equal([
      'an error',
      'error',
      'errerror error',
      'äerror',
    ]);
    expect(cut([bytes], { containing: text('ä') }).lines).to.deep.equal(['äerror']);
    expect(cut([bytes], { containing: 'warning' }).lines).to.deep.equal([]);
  });

  it('[INV-60][INV-70] is the same for every cut of any bytes', () => {
    // Few different bytes, so that all that matters is near.
    const byte = fc.constantFrom(10, 10, 13, 97, 97, 98, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xff);
    const bytes = fc.array(byte, { maxLength: 60 }).map((all) => Uint8Array.from(all));
    const options = fc.record(
      {
        encoding: fc.constantFrom('utf8' as const, 'latin1' as const),
        maxBytes: fc.integer({ min: 1, max: 12 }),
        containing: fc.constantFrom('a', 'ab', Uint8Array.of(0xa4), 'aa', '\r'),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60), { maxLength: 8 }), options, (all, cuts, given) => {
        const places = [0, ...cuts.filter((at) => at <= all.length).sort((a, b) => a - b), all.length];
        const pieces = places.slice(1).map((at, i) => all.subarray(places[i], at));
        expect(cut(pieces, given)).to.deep.equal(model(all, given));
      }),
      { numRuns: 10_000 },
    );
  }).timeout(60_000);

  it('refuses what makes no sense', () => {
    const wrong = (options: object) => () => new LineCutter(options, 'lines');
    expect(wrong({ encoding: 'utf16le' })).to.throw(TypeError, /^lines: encoding/);
    expect(wrong({ maxBytes: 0 })).to.throw(RangeError, /^lines: maxBytes/);
    expect(wrong({ containing: '' })).to.throw(RangeError, /^lines: containing/);
    expect(wrong({ containing: 'a\nb' })).to.throw(RangeError, /line feed/);
    expect(wrong({ containing: 7 })).to.throw(TypeError, /^lines: containing/);
    expect(wrong({ maxbytes: 7 })).to.throw(TypeError, /unknown option 'maxbytes'/);
  });
});
