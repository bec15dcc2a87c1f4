/**
 * How messages are told apart in a stream of bytes: by a length before each, or by what stands between them.
 */
import { LimitExceededError } from '../kernel/errors.js';
import { oneOf, readOptions, whole } from '../kernel/options.js';
import { ByteBuffer } from './byte-buffer.js';
import { toBytes, type Piece } from './data.js';
import { Delimiters, type Delimiter } from './delimiters.js';
import { brokenOff, Until, type End, type Frame } from './frame.js';

/** How a message stands in a stream; made by {@link lengthPrefixed} or {@link delimited}. */
export interface Framing {
  /** @internal What is read for one message. */
  frame(title: string): Frame<Buffer>;
  /** @internal What is written for one message. @throws {RangeError} it cannot be told apart. */
  wrap(message: Piece): Piece[];
}

export interface LengthPrefixedOptions {
  /** How many bytes the length has: 1, 2 or 4 (the default). */
  size?: 1 | 2 | 4;
  /** Which of them comes first: the most significant (`'big'`, the default, the order of networks) or the least. */
  order?: 'big' | 'little';
  /** How many bytes a message may have, from 0; 65,536 by default. */
  maxBytes?: number;
}

export interface DelimitedOptions {
  /** How many bytes a message may have, its delimiter included, from 1; 65,536 by default. */
  maxBytes?: number;
}

/** What a message may have unless somebody says otherwise. */
export const LIMIT = 65_536;

/**
 * Each message after its length, in so many bytes. A longer one than `maxBytes` is refused before it is read.
 *
 * @throws {TypeError | RangeError} a wrong or unknown option.
 * @example
 * const messages = lengthPrefixed({ size: 2, maxBytes: 4096 });
 * const stream = new ByteStream(new PassThrough());
 * await stream.writeFrame(messages, 'hello');
 * String(await stream.readFrame(messages)); // 'hello'
 */
export function lengthPrefixed(options?: LengthPrefixedOptions): Framing {
  const read = readOptions(options, ['size', 'order', 'maxBytes'], 'lengthPrefixed');
  const { size = 4, order = 'big', maxBytes = LIMIT } = read;
  if (![1, 2, 4].includes(size)) throw new RangeError(`lengthPrefixed: size must be 1, 2 or 4, not ${size}`);
  const little = oneOf(order, ['big', 'little'], 'order', 'lengthPrefixed') === 'little';
  whole(maxBytes, 0, 'maxBytes', 'lengthPrefixed');
  const most = Math.min(maxBytes, 2 ** (8 * size) - 1);
  return {
    frame: (title) => new Prefixed(size, little, most, title),
    wrap(message) {
      const bytes = toBytes(message);
      if (bytes.length > most) {
        throw new RangeError(`a message of ${bytes.length} bytes; it may have ${most}`);
      }
      const prefix = Buffer.allocUnsafe(size);
      if (little) prefix.writeUIntLE(bytes.length, 0, size);
      else prefix.writeUIntBE(bytes.length, 0, size);
      return [prefix, bytes];
    },
  };
}

/**
 * A delimiter after each message; it is not given to the reader. Of several, any one ends a message, and the
 * first is written.
 *
 * @throws {TypeError | RangeError} a wrong or unknown option, no delimiter, an empty one.
 * @example
 * const stream = new ByteStream(Readable.from(['one\0two\0']));
 * for await (const record of stream.frames(delimited('\0'))) await handle(String(record));
 */
export function delimited(delimiters: Delimiter | readonly Delimiter[], options?: DelimitedOptions): Framing {
  const { maxBytes = LIMIT } = readOptions(options, ['maxBytes'], 'delimited');
  whole(maxBytes, 1, 'maxBytes', 'delimited');
  const all = new Delimiters(delimiters, 'delimited');
  return {
    frame: (title) => new Until(all, maxBytes, false, title),
    wrap(message) {
      const whole = new ByteBuffer();
      whole.push(Buffer.from(message as string));
      const { length } = whole;
      whole.push(all.first);
      // Also one that begins in the message and ends in its delimiter.
      if (all.search(whole, 0) !== whole.length || all.lengthAt(whole, whole.length) > all.first.length) {
        throw new RangeError('a message must not contain what ends it');
      }
      return [whole.peek(length), all.first];
    },
  };
}

/** A length, and so many bytes. */
class Prefixed implements Frame<Buffer> {
  private readonly size: number;
  private readonly little: boolean;
  private readonly most: number;
  private readonly title: string;

  constructor(size: number, little: boolean, most: number, title: string) {
    this.size = size;
    this.little = little;
    this.most = most;
    this.title = title;
  }

  measure(buffer: ByteBuffer): number {
    const { size, most } = this;
    if (buffer.length < size) return -1;
    let length = 0;
    for (let i = 0; i < size; i++) length = length * 256 + buffer.at(this.little ? size - 1 - i : i);
    if (length > most) {
      throw new LimitExceededError(`${this.title}: a message of ${length} bytes, ${most} are allowed`, most);
    }
    return buffer.length < size + length ? -1 : size + length;
  }

  cut(buffer: ByteBuffer, length: number): Buffer {
    return buffer.peek(length).subarray(this.size);
  }

  last(buffer: ByteBuffer, end: End): number {
    throw brokenOff(buffer, end, `${this.title}: ${buffer.length} bytes of a message`);
  }
}
