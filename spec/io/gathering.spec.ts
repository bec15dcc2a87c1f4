import { Writable } from 'node:stream';
import { expect } from 'chai';
import { Gathering } from '../../lib/io/gathering.js';
import type { Piece } from '../../lib/io/data.js';

function given(gathering: Gathering): Piece[] {
  const pieces: Piece[] = [];
  gathering.giveTo(new Writable(), (piece) => pieces.push(piece));
  return pieces;
}

describe('Gathering', () => {
  it('puts text together as text, and text and bytes as bytes', () => {
    const gathering = new Gathering();
    gathering.add('é');
    gathering.add(['', 'b']);
    expect(given(gathering)).to.deep.equal(['éb']);
    gathering.add('é');
    gathering.add([Buffer.from('b'), new Uint8Array([99])]);
    expect(given(gathering).map(String)).to.deep.equal(['ébc']);
    expect(gathering.size).to.equal(0);
  });

  it('hands over as it is what stands alone or is large', () => {
    const gathering = new Gathering();
    const bytes = Buffer.alloc(60_000);
    gathering.add(bytes);
    expect(given(gathering)[0]).to.equal(bytes);
    gathering.add([bytes, 'x'.repeat(10_000), bytes]);
    expect(given(gathering).map(({ length }) => length)).to.deep.equal([60_000, 10_000, 60_000]);
  });
});
