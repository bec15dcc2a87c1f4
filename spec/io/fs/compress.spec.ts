import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { expect } from 'chai';
import { run, schedule, spawn, TaskletKilledError } from '../../../lib/index.js';
import { brotli, gunzip, gzip, unbrotli } from '../../../lib/io/index.js';
import { collect, pipeline, take } from '../../../lib/pipeline/index.js';
import { rejection } from '../../support/rejection.js';

/** Bytes that can be made shorter, and not too easily. */
const piece = Buffer.concat([randomBytes(20_000), Buffer.alloc(80_000, 'all the same ')]);
const pieces = Array.from({ length: 40 }, () => piece);
const whole = Buffer.concat(pieces);

/** `bytes` in pieces of `size`. */
function* cut(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('compression', () => {
  const kinds = [
    { name: 'gzip', to: gzip, from: gunzip, pack: zlib.gzipSync, unpack: zlib.gunzipSync },
    {
      name: 'brotli',
      to: () => brotli({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
      from: unbrotli,
      pack: (bytes: Buffer) =>
        zlib.brotliCompressSync(bytes, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
      unpack: zlib.brotliDecompressSync,
    },
  ];
  for (const { name, to, from, pack, unpack } of kinds) {
    describe(name, () => {
      it('makes what Node can read, and reads what Node makes', () =>
        run(async () => {
          const packed = Buffer.concat(await pipeline(pieces, to(), collect()));
          expect(packed.length).to.be.below(whole.length / 2);
          expect(unpack(packed).equals(whole)).to.equal(true);
          const unpacked = await pipeline(cut(pack(whole), 1000), from(), collect());
          expect(Buffer.concat(unpacked).equals(whole)).to.equal(true);
        }));

      it('is the same for every cut, also into single bytes', () =>
        run(async () => {
          const short = pack(piece.subarray(19_990, 20_500));
          for (const size of [1, 7, short.length]) {
            const unpacked = await pipeline(cut(short, size), from(), collect());
            expect(Buffer.concat(unpacked).equals(piece.subarray(19_990, 20_500))).to.equal(true);
          }
        }));

      it('makes something of nothing', () =>
        run(async () => {
          const packed = Buffer.concat(await pipeline<Buffer, Buffer, Buffer[]>([], to(), collect()));
          expect(unpack(packed).length).to.equal(0);
        }));

      it('[INV-63] raises an error for what is broken off, or is something else', () =>
        run(async () => {
          const packed = pack(whole);
          const off = rejection(pipeline([packed.subarray(0, packed.length - 10)], from(), collect()));
          expect(await off)
            .to.be.instanceOf(Error)
            .and.have.property('code')
            .that.matches(/BUF_ERROR/);
          const other = rejection(pipeline([Buffer.from('something else entirely')], from(), collect()));
          expect(await other)
            .to.be.instanceOf(Error)
            .and.have.property('code')
            .that.matches(/^(Z_DATA|ERR_)/);
        }));
    });
  }

  it('[INV-61] stops its source while nobody takes what it makes', () =>
    run(async () => {
      let asked = 0;
      function* source(): Generator<Buffer> {
        for (; asked < 1000; asked++) yield zlib.gzipSync(Buffer.alloc(1 << 20));
      }
      let count = 0;
      await pipeline(source(), gunzip(), take(3), () => (count += 1));
      expect(count).to.equal(3);
      expect(asked).to.be.below(4);
    }));

  it('asks for nothing more when the compressed bytes have come to their end', () =>
    run(async () => {
      for (const { packed, from } of [
        { packed: zlib.gzipSync('hello'), from: gunzip },
        { packed: zlib.brotliCompressSync('hello'), from: unbrotli },
      ]) {
        let asked = 0;
        const source = function* (): Generator<Buffer> {
          yield packed;
          for (; asked < 1000; asked++) yield Buffer.alloc(1000);
        };
        expect(String(Buffer.concat(await pipeline(source(), from(), collect())))).to.equal('hello');
        expect(asked).to.be.below(10);
      }
    }));

  it('tells of a wrong option where it was given', () => {
    expect(() => gzip({ level: 99 })).to.throw(RangeError, 'level');
    expect(() => gunzip({ windowBits: 99 })).to.throw(RangeError, 'windowBits');
    expect(() => brotli({ chunkSize: -1 })).to.throw(RangeError, 'chunkSize');
    expect(() => unbrotli({ chunkSize: -1 })).to.throw(RangeError, 'chunkSize');
  });

  it('can be killed anywhere, and ends its stream', () =>
    run(async () => {
      for (let turns = 0; turns < 10; turns++) {
        const line = spawn(() => pipeline(pieces, gzip(), gunzip(), () => schedule()));
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
        line.kill();
        expect(await rejection(line.join())).to.be.instanceOf(TaskletKilledError);
      }
    }));
});
