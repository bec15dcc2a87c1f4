import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import {
  ByteStream,
  delimited,
  IncompleteReadError,
  lengthPrefixed,
  LimitExceededError,
  type Framing,
} from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

/** What a reader gets of `messages`, written with the same framing. */
async function echoed(framing: Framing, ...messages: (string | Uint8Array)[]): Promise<string[]> {
  const inner = new PassThrough();
  await using stream = new ByteStream(inner);
  for (const message of messages) await stream.writeFrame(framing, message);
  await stream.end();
  const got: string[] = [];
  for await (const message of stream.frames(framing)) got.push(String(message));
  return got;
}

const reading = (hex: string): ByteStream => new ByteStream(Readable.from([Buffer.from(hex, 'hex')]));

describe('lengthPrefixed', () => {
  for (const size of [1, 2, 4] as const) {
    for (const order of ['big', 'little'] as const) {
      it(`gives back what was written, with ${size} bytes, ${order} end first`, () =>
        simulate(async () => {
          const messages = ['hello', '', 'é', 'x'.repeat(255)];
          expect(await echoed(lengthPrefixed({ size, order }), ...messages)).to.deep.equal(messages);
        }));
    }
  }

  it('has a length of four bytes, the most significant first, unless told otherwise', () =>
    simulate(async () => {
      await using stream = reading('00000003616263');
      expect(String(await stream.readFrame(lengthPrefixed()))).to.equal('abc');
      await using little = reading('0300616263');
      expect(String(await little.readFrame(lengthPrefixed({ size: 2, order: 'little' })))).to.equal('abc');
    }));

  it('[INV-64] refuses a message that is too long, before it has come, and leaves the stream usable', () =>
    simulate(async () => {
      await using stream = reading('ffffffff61');
      const error = await rejection(stream.readFrame(lengthPrefixed({ maxBytes: 100 })));
      expect(error).to.be.instanceOf(LimitExceededError).with.property('limit', 100);
      expect((await stream.readExactly(5)).toString('hex')).to.equal('ffffffff61');
      await using sink = new ByteStream(new PassThrough());
      expect(await rejection(sink.writeFrame(lengthPrefixed({ size: 1 }), 'x'.repeat(256)))).to.be.instanceOf(
        RangeError,
      );
    }));

  it('[INV-63] must not be broken off', () =>
    simulate(async () => {
      for (const hex of ['00', '0003', '00036162']) {
        await using stream = reading(hex);
        const error = await rejection(stream.frames(lengthPrefixed({ size: 2 })).next());
        expect(error).to.be.instanceOf(IncompleteReadError);
        expect(Buffer.from((error as IncompleteReadError).partial).toString('hex')).to.equal(hex);
      }
    }));

  it('refuses wrong options', () => {
    expect(() => lengthPrefixed({ size: 3 as 4 })).to.throw(RangeError);
    expect(() => lengthPrefixed({ order: 'middle' as 'big' })).to.throw(TypeError);
    expect(() => lengthPrefixed({ maxBytes: -1 })).to.throw(RangeError);
    expect(() => lengthPrefixed({ max: 1 } as object)).to.throw(TypeError);
  });
});

describe('delimited', () => {
  it('gives back what was written', () =>
    simulate(async () => {
      const messages = ['hello', '', 'é'];
      expect(await echoed(delimited('\0'), ...messages)).to.deep.equal(messages);
      expect(await echoed(delimited(['\r\n', '\n']), ...messages)).to.deep.equal(messages);
    }));

  it('refuses to write what a reader would tell apart in another way', () =>
    simulate(async () => {
      await using stream = new ByteStream(new PassThrough());
      expect(await rejection(stream.writeFrame(delimited('\n'), 'a\nb'))).to.be.instanceOf(RangeError);
      expect(await rejection(stream.writeFrame(delimited(['\n', '\r\n']), 'a\r'))).to.be.instanceOf(
        RangeError,
      );
      expect(await rejection(stream.writeFrame(delimited('aa'), 'ba'))).to.be.instanceOf(RangeError);
    }));

  it('[INV-63] must be ended', () =>
    simulate(async () => {
      await using stream = reading('61620a63');
      const frames = stream.frames(delimited('\n'));
      expect(String((await frames.next()).value)).to.equal('ab');
      expect(await rejection(frames.next())).to.be.instanceOf(IncompleteReadError);
    }));

  it('refuses wrong options', () => {
    expect(() => delimited([])).to.throw(RangeError);
    expect(() => delimited('')).to.throw(RangeError);
    expect(() => delimited(7 as unknown as string)).to.throw(TypeError);
    expect(() => delimited('\n', { maxBytes: 0 })).to.throw(RangeError);
  });
});
