import { expect } from 'chai';
import { run } from '../../../lib/index.js';
import { LimitExceededError, splitLines } from '../../../lib/io/index.js';
import { collect, pipeline, take } from '../../../lib/pipeline/index.js';
import { rejection } from '../../support/rejection.js';

const text = Array.from({ length: 9000 }, (_, i) => `zeile ${i} ä`).join('\n');
const bytes = Buffer.from(text);

/** The bytes in pieces of `size`. */
function* cut(size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('splitLines', () => {
  it('makes the same lines of bytes, however they were cut', () =>
    run(async () => {
      for (const size of [13, 4096, bytes.length]) {
        const lines = await pipeline(cut(size), splitLines(), collect());
        expect(lines.join('\n') === text).to.equal(true);
      }
    }));

  it('takes no more than is wanted', () =>
    run(async () => {
      const lines = await pipeline(cut(100), splitLines({ containing: '77' }), take(2), collect());
      expect(lines).to.deep.equal(['zeile 77 ä', 'zeile 177 ä']);
    }));

  it('ends the line with an error behind the last line that is not too long', () =>
    run(async () => {
      const taken: string[] = [];
      const line = pipeline(cut(50), splitLines({ maxBytes: 11 }), (each) => void taken.push(each));
      expect(await rejection(line)).to.be.instanceOf(LimitExceededError);
      expect(taken.at(-1)).to.equal('zeile 99 ä');
    }));

  it('refuses wrong options where they are given', () => {
    expect(() => splitLines({ maxBytes: 0 })).to.throw(RangeError, /^splitLines: maxBytes/);
  });

  it('can stand in many lines', () =>
    run(async () => {
      const stage = splitLines();
      const both = [pipeline(cut(50), stage, collect()), pipeline(cut(60), stage, collect())];
      for (const lines of await Promise.all(both)) expect(lines.length).to.equal(9000);
    }));
});
