/**
 * All the ways to read from one stream, one at a time.
 */
import { proceed } from '../kernel/park.js';
import type { Case } from '../kernel/case.js';
import { oneOf, readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { Delimiters, type Delimiter } from './delimiters.js';
import { Demand } from './demand.js';
import { All, Exactly, Some, Steps, Until, UntilMatch, type Frame } from './frame.js';
import { LIMIT, type Framing } from './framing.js';
import type { Incoming } from './incoming.js';
import { holder } from './holder.js';
import { Line, Readings, type LineEncoding } from './lines.js';
import { Text, type TextEncoding } from './text.js';

export interface FrameOptions extends WaitOptions {
  /** How many bytes it may have, the delimiter included, from 1; 65,536 by default. */
  maxBytes?: number;
}

export interface ReadUntilOptions extends FrameOptions {
  /** Whether the delimiter is given back too; it is by default. */
  keep?: boolean;
}

/** `timeout` and `signal` are those of each line. */
export interface LinesOptions extends WaitOptions {
  /** `'utf8'` by default; what is invalid there becomes U+FFFD. A byte order mark is left as it is. */
  encoding?: LineEncoding;
  /** How many bytes a line may have, without its line break, from 1; 65,536 by default. */
  maxBytes?: number;
  /** Whether what stands behind the last line break is a line; by default it is, but not on a socket. */
  unterminated?: boolean;
}

/** `timeout` and `signal` are those of each piece. */
export interface TextOptions extends WaitOptions {
  /** `'utf8'` by default; what is invalid becomes U+FFFD. A byte order mark is left as it is. */
  encoding?: TextEncoding;
}

/** What {@link Reads.all} may bring unless somebody says otherwise. */
const WHOLE = 16 * 2 ** 20;

interface Recent {
  readonly given: string;
  readonly frame: Until;
}

export class Reads {
  readonly incoming: Incoming;
  /** What those who read wait for. */
  private readonly title: string;
  private readonly demand: Demand<unknown>;
  private readonly piece: Some = new Some(Infinity);
  private readonly chunk: Steps<Buffer | undefined> = new Steps(new Some(Infinity));
  /** Loops ask for the same again and again. */
  private recent: Recent | undefined;

  constructor(incoming: Incoming, title: string) {
    this.incoming = incoming;
    this.title = `read on ${title}`;
    this.demand = new Demand<unknown>(incoming, this.piece, this.title);
  }

  some(max: number, options: WaitOptions | undefined): Promise<Buffer | undefined> {
    return this.attempt(() => {
      this.piece.max = this.most(max);
      return this.receive(this.piece, options);
    });
  }

  trySome(max: number): { value: Buffer | undefined } | undefined {
    const { demand, incoming } = this;
    incoming.admit();
    this.piece.max = this.most(max);
    demand.frame = this.piece;
    return demand.channel.tryReceive() as { value: Buffer | undefined } | undefined;
  }

  /** With a channel of its own: the select may do something else, and somebody else may read then. */
  reading(max: number): Case<Buffer | undefined> {
    return new Demand(this.incoming, new Some(this.most(max)), this.title).channel.receiving();
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    return this.step(this.chunk, undefined) as Promise<IteratorResult<Buffer, undefined>>;
  }

  exactly(size: number, options: WaitOptions | undefined): Promise<Buffer> {
    return this.attempt(() =>
      this.receive(new Exactly(whole(size, 0, 'n', this.title), this.title), options),
    );
  }

  until(
    delimiters: Delimiter | readonly Delimiter[],
    options: ReadUntilOptions | undefined,
  ): Promise<Buffer> {
    return this.attempt(() => {
      if (options === undefined && this.recent?.given === delimiters) return this.receive(this.recent.frame);
      const { wait, maxBytes, keep = true } = this.limits(options);
      const frame = new Until(new Delimiters(delimiters, this.title), maxBytes, keep, this.title);
      if (options === undefined && typeof delimiters === 'string') this.recent = { given: delimiters, frame };
      return this.receive(frame, wait);
    });
  }

  match(regex: RegExp, options: FrameOptions | undefined): Promise<Buffer> {
    return this.attempt(() => {
      if (!(regex instanceof RegExp)) {
        throw new TypeError(`${this.title}: regex must be a regular expression, not ${show(regex)}`);
      }
      const { wait, maxBytes } = this.limits(options);
      return this.receive(new UntilMatch(regex, maxBytes, this.title), wait);
    });
  }

  all(options: FrameOptions | undefined): Promise<Buffer> {
    return this.attempt(() => {
      const { wait, maxBytes } = this.limits(options, WHOLE);
      return this.receive(new All(maxBytes, this.title), wait);
    });
  }

  lines(options: LinesOptions | undefined, unterminated: boolean): Readings<string> {
    const names = ['encoding', 'maxBytes', 'unterminated', 'timeout', 'signal'] as const;
    const read = readOptions(options, names, 'lines');
    const encoding = oneOf(read.encoding ?? 'utf8', ['utf8', 'latin1'], 'encoding', 'lines');
    const maxBytes = whole(read.maxBytes ?? LIMIT, 1, 'maxBytes', 'lines');
    return this.readings(new Line(encoding, maxBytes, read.unterminated ?? unterminated, this.title), read);
  }

  text(options: TextOptions | undefined): Readings<string> {
    const read = readOptions(options, ['encoding', 'timeout', 'signal'], 'text');
    const encodings = ['utf8', 'latin1', 'utf16le'] as const;
    return this.readings(new Text(oneOf(read.encoding ?? 'utf8', encodings, 'encoding', 'text')), read);
  }

  frame(framing: Framing, options: WaitOptions | undefined): Promise<Buffer> {
    return this.attempt(() => this.receive(framing.frame(this.title), options));
  }

  frames(framing: Framing, options: WaitOptions | undefined): Readings<Buffer> {
    return this.readings(framing.frame(this.title), options ?? {});
  }

  private readings<T>(frame: Frame<T>, { timeout, signal }: WaitOptions): Readings<T> {
    const steps = new Steps(frame);
    const wait = timeout === undefined && signal === undefined ? undefined : { timeout, signal };
    return new Readings<T>((options) => this.step(steps, options), wait);
  }

  /** Begins a read. What is wrong at once is a rejection; what somebody else reads just now stays as it is. */
  private attempt<T>(read: () => Promise<T>): Promise<T> {
    try {
      if (this.incoming.busy) this.incoming.admit();
      return read();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private step<T>(steps: Steps<T>, options: WaitOptions | undefined): Promise<IteratorResult<T, undefined>> {
    return this.incoming.busy
      ? this.attempt(() => this.receive(steps, options))
      : this.receive(steps, options);
  }

  /** What is there already is handed out at once; it is the way of nearly every line. */
  private receive<T>(frame: Frame<T>, options?: WaitOptions): Promise<T> {
    const { demand, incoming } = this;
    demand.frame = frame;
    if (options === undefined && incoming.end === null) {
      const me = holder();
      if (me !== undefined) {
        const length = incoming.look(frame);
        if (length >= 0) return proceed(me, incoming.give(frame, length)) as Promise<T>;
        if (length === -1) return demand.wait(me) as Promise<T>;
      }
    }
    return demand.channel.receive(options) as Promise<T>;
  }

  private most(max: number): number {
    return max === Infinity ? max : whole(max, 1, 'max', this.title);
  }

  private limits(
    options: ReadUntilOptions | undefined,
    most: number = LIMIT,
  ): { maxBytes: number; keep?: boolean | undefined; wait?: WaitOptions } {
    if (options === undefined) return { maxBytes: most };
    const names = ['maxBytes', 'keep', 'timeout', 'signal'] as const;
    const { maxBytes = most, keep, timeout, signal } = readOptions(options, names, this.title);
    if (maxBytes !== Infinity) whole(maxBytes, 1, 'maxBytes', this.title);
    const wait = timeout === undefined && signal === undefined ? {} : { wait: { timeout, signal } };
    return { maxBytes, keep, ...wait };
  }
}
