import { expect } from 'chai';
import { ByteBuffer } from '../../lib/io/byte-buffer.js';
import { Chance, fuzz } from '../support/chance.js';

const alphabet = Buffer.from('ab\n');

function holding(...pieces: readonly string[]): ByteBuffer {
  const buffer = new ByteBuffer();
  for (const piece of pieces) buffer.push(Buffer.from(piece));
  return buffer;
}

/** Takes the first `length` bytes as text. */
function take(buffer: ByteBuffer, length: number): string {
  const bytes = buffer.peek(length).toString();
  buffer.skip(length);
  return bytes;
}

describe('ByteBuffer', () => {
  it('[EV-80] gives "hello" and " world" for 5 and then 6 bytes of "hello world"', () => {
    const buffer = holding('hel', 'lo wor', 'ld');
    expect([take(buffer, 5), take(buffer, 6), buffer.length]).to.deep.equal(['hello', ' world', 0]);
  });

  it('gives a whole piece away as it is, without a copy', () => {
    const buffer = new ByteBuffer();
    const piece = Buffer.alloc(5000, 'x');
    buffer.push(piece);
    expect(buffer.peek(5000)).to.equal(piece);
    expect(buffer.peek(4000).buffer).to.equal(piece.buffer);
  });

  it('copies a few bytes of a large piece, which they would hold', () => {
    const buffer = new ByteBuffer();
    const piece = Buffer.alloc(65_536, 'x');
    buffer.push(piece);
    expect(buffer.peek(10).buffer).not.to.equal(piece.buffer);
  });

  it('lets go of a large piece of which little is left', () => {
    const buffer = new ByteBuffer();
    const piece = Buffer.concat([Buffer.alloc(65_530), Buffer.from('ending')]);
    buffer.push(piece);
    buffer.skip(65_530);
    buffer.compact();
    expect([buffer.length, buffer.position, buffer.contiguous]).to.deep.equal([6, 65_530, 6]);
    expect(buffer.peek(6).buffer).not.to.equal(piece.buffer);
    expect(take(buffer, 6)).to.equal('ending');
    expect(buffer.position).to.equal(65_536);
  });

  it('[INV-64] puts small pieces together: a hundred thousand of one byte are a few', () => {
    const buffer = new ByteBuffer();
    const bytes = 100_000;
    for (let i = 0; i < bytes; i++) buffer.push(Buffer.from([i % 251]));
    let pieces = 0;
    buffer.walk(0, () => {
      pieces++;
      return -1;
    });
    expect(pieces).to.be.lessThan(12);
    expect(buffer.length).to.equal(bytes);
    const all = buffer.peek(bytes);
    for (let i = 0; i < bytes; i++) if (all[i] !== i % 251) expect.fail(`byte ${i} is ${all[i]}`);
  });

  it('does not change what was given away when more comes', () => {
    const buffer = holding('a', 'b', 'c');
    const given = buffer.peek(2);
    buffer.skip(2);
    for (let i = 0; i < 100; i++) buffer.push(Buffer.from('x'));
    expect(String(given)).to.equal('ab');
  });

  it('finds what is there, from any position, however it was cut', () => {
    const buffer = holding('ab', 'c\nd', '', '\n');
    buffer.skip(1);
    expect([buffer.find(10, 0), buffer.find(10, 3), buffer.find(10, 5), buffer.find(120, 0)]).to.deep.equal([
      2, 4, -1, -1,
    ]);
    expect([0, 1, 2, 3, 4].map((at) => String.fromCharCode(buffer.at(at)))).to.deep.equal([
      'b',
      'c',
      '\n',
      'd',
      '\n',
    ]);
  });

  it('[EV-85] forgets everything', () => {
    const buffer = holding('ab', 'cd');
    buffer.clear();
    expect([buffer.length, buffer.position, buffer.find(97, 0), buffer.contiguous]).to.deep.equal([
      0, 4, -1, 0,
    ]);
  });

  it('is the same as one long run of bytes, whatever is done', () => {
    const chance = new Chance(1);
    for (let round = 0; round < fuzz(2000) / 10; round++) {
      const buffer = new ByteBuffer();
      let model = Buffer.alloc(0);
      let position = 0;
      for (let step = 0; step < 40; step++) {
        const size = chance.pick([1, 3, 20, 900, 1100, 5000]);
        if (chance.below(2) === 0) {
          const bytes = chance.bytes(chance.below(size), alphabet);
          buffer.push(bytes);
          model = Buffer.concat([model, bytes]);
        } else {
          const length = chance.below(Math.min(size, model.length) + 1);
          if (!buffer.peek(length).equals(model.subarray(0, length))) expect.fail(`peek(${length})`);
          if (buffer.text(length, 'latin1') !== model.toString('latin1', 0, length)) expect.fail('text');
          buffer.skip(length);
          model = model.subarray(length);
          position += length;
        }
        if (chance.below(4) === 0) buffer.compact();
        const from = chance.below(model.length + 1);
        expect([buffer.length, buffer.position, buffer.find(10, from)]).to.deep.equal([
          model.length,
          position,
          model.indexOf(10, from),
        ]);
        if (model.length > from) expect(buffer.at(from)).to.equal(model[from]);
      }
    }
  });
});
