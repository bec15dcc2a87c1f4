import type { Socket } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import {
  after,
  run,
  schedule,
  select,
  sleep,
  spawn,
  StateError,
  TaskletExit,
  TaskletKilledError,
  TimeoutError,
} from '../../lib/index.js';
import {
  ByteStream,
  call,
  IncompleteReadError,
  LimitExceededError,
  StreamClosedError,
} from '../../lib/io/index.js';
import { collect, map, pipeline } from '../../lib/pipeline/index.js';
import { Chance } from '../support/chance.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';
import { connected } from '../support/sockets.js';

/** A stream from which `bytes` come, in pieces, and then the end. */
function giving(...pieces: readonly string[]): ByteStream {
  return new ByteStream(Readable.from(pieces.map((piece) => Buffer.from(piece))));
}

/** A stream that is fed by the test. */
function fed(name = 'x'): { inner: PassThrough; stream: ByteStream } {
  const inner = new PassThrough();
  return { inner, stream: new ByteStream(inner, { name }) };
}

/** What is written, as the system would get it; `stalled` until it is let go. */
class Log extends Writable {
  readonly writes: string[] = [];
  stalled = false;
  private held: (() => void) | undefined;

  override _write(chunk: Buffer, _: unknown, done: () => void): void {
    this.writes.push(String(chunk));
    if (this.stalled) this.held = done;
    else done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.map(({ chunk }) => String(chunk)).join('|'));
    done();
  }

  go(): void {
    this.stalled = false;
    this.held?.();
  }
}

/** That nothing of ours listens to `inner`. */
function expectNoListeners(inner: Readable | Writable, before: Record<string, number>): void {
  for (const name of ['data', 'end', 'error', 'close', 'drain', 'finish', 'readable']) {
    expect(inner.listenerCount(name), name).to.equal(before[name] ?? 0);
  }
}

function partialOf(error: unknown): string {
  expect(error).to.be.instanceOf(IncompleteReadError);
  return Buffer.from((error as IncompleteReadError).partial).toString();
}

describe('ByteStream', () => {
  describe('read', () => {
    it('gives what is there, up to max, and undefined at the end, again and again', () =>
      simulate(async () => {
        await using stream = giving('hello', 'world');
        expect(String(await stream.read(3))).to.equal('hel');
        expect(String(await stream.read({ timeout: 1000 }))).to.equal('loworld');
        expect([await stream.read(), await stream.read(5)]).to.deep.equal([undefined, undefined]);
      }));

    it('hands a piece on as it came, without a copy', () =>
      simulate(async () => {
        const bytes = Buffer.alloc(50_000);
        await using stream = new ByteStream(Readable.from([bytes]));
        expect(await stream.read()).to.equal(bytes);
      }));

    it('takes nothing before somebody reads', async () => {
      let asked = 0;
      const inner = new Readable({ read: () => asked++ });
      const stream = new ByteStream(inner);
      await turn();
      expect([asked, inner.readableFlowing]).to.deep.equal([0, null]);
      await run(() => stream.close());
    });

    it('tries without waiting', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        expect(stream.tryRead()).to.equal(undefined);
        const reader = spawn(() => stream.readExactly(5));
        inner.write('hello world');
        await reader.join();
        expect(String(stream.tryRead(3)?.value)).to.equal(' wo');
        inner.end();
        expect(String(await stream.read())).to.equal('rld');
        expect(await stream.read()).to.equal(undefined);
        expect(stream.tryRead()).to.deep.equal({ value: undefined });
        await stream.close();
      }));

    it('refuses what it cannot take', () =>
      simulate(async () => {
        await using stream = giving('x');
        for (const max of [0, -1, 1.5, NaN]) {
          expect(await rejection(stream.read(max))).to.be.instanceOf(RangeError);
        }
        expect(await rejection(stream.readExactly(-1))).to.be.instanceOf(RangeError);
        expect(await rejection(stream.readUntil([]))).to.be.instanceOf(RangeError);
        expect(await rejection(stream.readUntil(''))).to.be.instanceOf(RangeError);
        expect(await rejection(stream.readUntil('x', { maxBytes: 0 }))).to.be.instanceOf(RangeError);
        expect(await rejection(stream.readUntil('x', { max: 1 } as object))).to.be.instanceOf(TypeError);
        expect(await rejection(stream.readUntilMatch('x' as unknown as RegExp))).to.be.instanceOf(TypeError);
        expect(await rejection(stream.read({ timeout: -1 }))).to.be.instanceOf(RangeError);
        expect(String(await stream.read())).to.equal('x');
      }));
  });

  describe('frames', () => {
    it('[EV-82] [EV-84] ends one at a delimiter or a match that came in pieces', () =>
      simulate(async () => {
        await using stream = giving('ab', 'c\r', '\nde', 'f;g', 'x12', '3y');
        expect(String(await stream.readUntil('\r\n'))).to.equal('abc\r\n');
        expect(String(await stream.readUntil([Buffer.from(';'), '\n'], { keep: false }))).to.equal('def');
        expect(String(await stream.readUntilMatch(/\d+y/g))).to.equal('gx123y');
      }));

    it('[INV-63] [D-21] is an error that carries what there was, which can still be read', () =>
      simulate(async () => {
        await using stream = giving('hel', 'lo');
        expect(partialOf(await rejection(stream.readUntil('\n')))).to.equal('hello');
        expect(partialOf(await rejection(stream.readExactly(6)))).to.equal('hello');
        expect(partialOf(await rejection(stream.readUntilMatch(/x/)))).to.equal('hello');
        expect(String(await stream.readExactly(5))).to.equal('hello');
        expect(partialOf(await rejection(stream.readExactly(1)))).to.equal('');
        expect(String(await stream.readExactly(0))).to.equal('');
      }));

    it('[INV-64] [D-23] is refused when it is too long, and the stream goes on', () =>
      simulate(async () => {
        await using stream = giving('abc', 'def\ngh\n');
        const error = await rejection(stream.readUntil('\n', { maxBytes: 4 }));
        expect(error).to.be.instanceOf(LimitExceededError).with.property('limit', 4);
        expect(String(await stream.readUntil('\n', { maxBytes: 7 }))).to.equal('abcdef\n');
        expect(await rejection(stream.readUntilMatch(/x/, { maxBytes: 2 }))).to.be.instanceOf(
          LimitExceededError,
        );
        expect(await rejection(stream.readAll({ maxBytes: 2 }))).to.be.instanceOf(LimitExceededError);
        expect(String(await stream.readAll())).to.equal('gh\n');
      }));

    it('[INV-64] has 64 KiB if nobody says otherwise, and does not wait for more than that', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        const reader = spawn(() => rejection(stream.readUntil('\n')));
        await schedule();
        for (let i = 0; i < 64; i++) inner.write(Buffer.alloc(1024));
        expect(await reader.join()).to.be.instanceOf(LimitExceededError);
        await stream.close();
      }));

    it('has one deadline, however busily bytes trickle in', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        spawn(async () => {
          for (let i = 0; i < 10; i++) {
            inner.write('x');
            await sleep(100);
          }
          inner.write('\n');
        });
        expect(await rejection(stream.readUntil('\n', { timeout: 450 }))).to.be.instanceOf(TimeoutError);
        expect(String(await stream.readUntil('\n'))).to.equal('xxxxxxxxxx\n');
        await stream.close();
      }));
  });

  describe('lines', () => {
    it('come without what ends them', () =>
      simulate(async () => {
        await using stream = giving('a\r\nb', 'c\n\n', '\r\n', 'é\n', '\rd\r');
        const all: string[] = [];
        for await (const line of stream.lines()) all.push(line);
        expect(all).to.deep.equal(['a', 'bc', '', '', 'é', '\rd\r']);
      }));

    it('[INV-60] are left where the last one ended by whoever breaks', () =>
      simulate(async () => {
        await using stream = giving('GET /\nHost: a\n\nbody\nmore');
        for await (const line of stream.lines()) if (line === '') break;
        expect(String(await stream.readExactly(3))).to.equal('bod');
        for await (const line of stream.lines()) {
          expect(line).to.equal('y');
          break;
        }
        expect(String(await stream.readAll())).to.equal('more');
      }));

    it('may be read by turns with something else', () =>
      simulate(async () => {
        await using stream = giving('one\ntwo\nthree\nfour\nfive\nsix\n');
        const lines = stream.lines();
        expect((await lines.next()).value).to.equal('one');
        expect(String(await stream.readUntil('\n'))).to.equal('two\n');
        expect((await lines.next()).value).to.equal('three');
        expect(String(await stream.readExactly(2))).to.equal('fo');
        expect((await lines.next()).value).to.equal('ur');
        expect((await lines.next()).value).to.equal('five');
        expect(await stream.lines().next()).to.deep.equal({ done: false, value: 'six' });
        expect(await lines.next()).to.deep.equal({ done: true, value: undefined });
      }));

    it('have a limit and a deadline each', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        inner.write('ok\n12345');
        const lines = stream.lines({ maxBytes: 4, timeout: 100 });
        expect((await lines.next()).value).to.equal('ok');
        expect(await rejection(lines.next())).to.be.instanceOf(LimitExceededError);
        expect(String(await stream.read())).to.equal('12345');
        expect(await rejection(lines.next())).to.be.instanceOf(TimeoutError);
        await stream.close();
      }));

    it('[INV-63] must be ended on a socket, where an end may be a break', () =>
      run(() =>
        connected(async (ours, theirs) => {
          theirs.end('one\ntw');
          await using stream = new ByteStream(ours);
          const lines = stream.lines();
          expect((await lines.next()).value).to.equal('one');
          expect(partialOf(await rejection(lines.next()))).to.equal('tw');
          expect((await stream.lines({ unterminated: true }).next()).value).to.equal('tw');
        }),
      ));
  });

  describe('text', () => {
    it('[INV-70] comes as it can be decoded, characters whole', () =>
      simulate(async () => {
        const bytes = Buffer.from('a€😀');
        await using stream = new ByteStream(Readable.from([...bytes].map((byte) => Buffer.from([byte]))));
        let all = '';
        for await (const part of stream.text()) {
          expect(part).not.to.contain('\ufffd');
          all += part;
        }
        expect(all).to.equal('a€😀');
      }));

    it('is broken off with a sign', () =>
      simulate(async () => {
        await using stream = new ByteStream(Readable.from([Buffer.from('a€').subarray(0, 3)]));
        const all: string[] = [];
        for await (const part of stream.text()) all.push(part);
        expect(all).to.deep.equal(['a', '\ufffd']);
      }));
  });

  describe('a read that is given up', () => {
    it('[INV-67] leaves every byte to the next one', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        inner.write('hello wo');
        expect(await rejection(stream.readUntil('\n', { timeout: 5 }))).to.be.instanceOf(TimeoutError);
        const reader = spawn(() => stream.readExactly(11));
        await schedule();
        expect(reader.blockedOn).to.equal("read on stream 'x'");
        reader.kill();
        expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
        const controller = new AbortController();
        const aborted = spawn(() => rejection(stream.readExactly(11, { signal: controller.signal })));
        await schedule();
        controller.abort(new Error('enough'));
        expect(await aborted.join()).to.have.property('message', 'enough');
        inner.end('rld');
        expect(String(await stream.readExactly(11))).to.equal('hello world');
        await stream.close();
      }));

    it('[INV-60] [INV-67] loses nothing, whatever was given up when', () =>
      run(() =>
        connected(async (ours, theirs) => {
          const chance = new Chance(5);
          const bytes = chance.bytes(200_000, Buffer.from('abc\n'));
          await using stream = new ByteStream(ours);
          spawn(async () => {
            for (const piece of chance.cut(bytes, 3000)) {
              theirs.write(piece);
              await turn();
            }
            theirs.end();
          });
          const got: Buffer[] = [];
          let killed = 0;
          for (let over = false; !over;) {
            const reader = spawn(async () => {
              for (;;) {
                const read =
                  chance.below(2) === 0 ? stream.read(100) : stream.readUntil('\n', { timeout: 50 });
                const next = await read;
                if (next === undefined) return true;
                got.push(next);
              }
            });
            for (let turns = chance.below(5); turns >= 0; turns--) await turn();
            reader.kill();
            killed++;
            over = await reader.join().catch((error: unknown) => {
              expect((error as Error).name).to.be.oneOf([
                'TaskletKilledError',
                'IncompleteReadError',
                'TimeoutError',
              ]);
              return false;
            });
          }
          expect(killed).to.be.greaterThan(10);
          expect(Buffer.concat(got).equals(bytes)).to.equal(true);
        }),
      )).timeout(20_000);

    it('stands in a select, and takes nothing if something else is done', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        const late = await select({ bytes: stream.reading(), late: after(50).receiving() });
        expect(late.case).to.equal('late');
        inner.write('hello');
        const hit = await select({ bytes: stream.reading(2), late: after(50).receiving() });
        expect([hit.case, String(hit.value)]).to.deep.equal(['bytes', 'he']);
        const other = await select(
          { now: Promise.resolve('now'), bytes: stream.reading(), none: after(0).receiving() },
          { order: 'listed' },
        );
        expect(other.case).to.equal('bytes');
        inner.end('!');
        expect(String(await stream.read())).to.equal('!');
        expect(await select({ bytes: stream.reading() })).to.deep.equal({ case: 'bytes', value: undefined });
        await stream.close();
      }));
  });

  describe('two readers', () => {
    it('are an error that names both', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        const first = spawn(async function first() {
          return stream.readUntil('\n');
        });
        const second = spawn(async function second() {
          return rejection(stream.read(1));
        });
        const error = await second.join();
        expect(error).to.be.instanceOf(StateError);
        expect((error as Error).message).to.equal(
          "stream 'x': tasklet 'second' cannot read, tasklet 'first' is reading",
        );
        expect(await rejection(select({ bytes: stream.reading() }))).to.be.instanceOf(StateError);
        expect(() => stream.tryRead()).to.throw(StateError);
        inner.write('line\n');
        expect(String(await first.join())).to.equal('line\n');
        await stream.close();
      }));

    it('are one error when one tasklet is both', () =>
      simulate(async () => {
        const { inner, stream } = fed();
        const [one, two] = [stream.read(), stream.read()];
        expect(await rejection(two)).to.be.instanceOf(StateError);
        inner.write('x');
        expect(String(await one)).to.equal('x');
        await stream.close();
      }));
  });

  describe('write', () => {
    it('[INV-62] gathers what is written in one turn, and keeps the order', () =>
      run(async () => {
        const log = new Log();
        const stream = new ByteStream(log);
        const writers = ['a', 'b', 'c'].map((name) =>
          spawn(async () => {
            for (let i = 0; i < 3; i++) {
              await stream.write([name, Buffer.from(String(i))]);
              await schedule();
            }
          }),
        );
        for (const writer of writers) await writer.join();
        await stream.flush();
        expect(log.writes).to.deep.equal(['a0b0c0a1b1c1a2b2c2']);
        await stream.write('next');
        await stream.end();
        expect(log.writes).to.have.length(2);
        await stream.close();
      }));

    it('hands large pieces over without putting them together', () =>
      run(async () => {
        const log = new Log({ highWaterMark: 1_000_000 });
        const stream = new ByteStream(log);
        await stream.write([Buffer.alloc(40_000, 'a'), 'b', Buffer.alloc(40_000, 'c')]);
        await stream.end();
        expect(log.writes.map((write) => write.replace(/a+|c+/g, (run) => `${run.length}`))).to.deep.equal([
          '40000|b|40000',
        ]);
        await stream.close();
      }));

    it('[INV-61] [D-31] waits while more than enough is on its way, and then goes in order, whole', () =>
      simulate(async () => {
        const log = new Log({ highWaterMark: 4 });
        log.stalled = true;
        const stream = new ByteStream(log, { name: 'x' });
        await stream.write('12345');
        await turn();
        const story: string[] = [];
        const writers = ['a', 'b'].map((name) =>
          spawn(async () => {
            await stream.write([name, name]);
            story.push(name);
          }),
        );
        await schedule();
        expect(writers[0]?.blockedOn).to.equal("write on stream 'x'");
        expect(stream.tryWrite('no')).to.equal(false);
        expect(story).to.deep.equal([]);
        log.go();
        for (const writer of writers) await writer.join();
        await stream.end();
        expect([story.join(''), log.writes.join('')]).to.deep.equal(['ab', '12345aabb']);
        await stream.close();
      }));

    it('[INV-67] sends nothing of what was given up', () =>
      simulate(async () => {
        const log = new Log({ highWaterMark: 1 });
        log.stalled = true;
        const stream = new ByteStream(log);
        await stream.write('first');
        await turn();
        expect(await rejection(stream.write('late', { timeout: 10 }))).to.be.instanceOf(TimeoutError);
        const writer = spawn(() => stream.write('killed'));
        await schedule();
        writer.kill();
        await rejection(writer.join());
        const hit = await select({ sent: stream.writing('other'), late: after(10).receiving() });
        expect(hit.case).to.equal('late');
        const end = spawn(() => stream.end());
        await schedule();
        log.go();
        await end.join();
        expect(log.writes).to.deep.equal(['first']);
        await stream.close();
      }));

    it('[INV-65] fails with what Node reports, at the write that caused it or at the next one', () =>
      run(async () => {
        const failure = Object.assign(new Error('no space'), {
          code: 'ENOSPC',
          errno: -28,
          syscall: 'write',
        });
        const stream = new ByteStream(
          new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(failure) }),
        );
        await stream.write('first');
        await turn();
        expect(await rejection(stream.write('second'))).to.equal(failure);
        expect(await rejection(stream.write('third'))).to.equal(failure);
        expect(await rejection(stream.flush())).to.equal(failure);
        expect(await rejection(stream.end())).to.equal(failure);
        expect(() => stream.tryWrite('x')).to.throw(failure);
        await stream.close();
        expect(stream.closed).to.equal(true);
      }));

    it('takes what one who waits has before it is written: to write may break the stream', () =>
      run(async () => {
        const failure = new Error('broken');
        let done: () => void = () => {};
        const pieces: number[] = [];
        const stream = new ByteStream(
          new Writable({
            highWaterMark: 1,
            write: (piece: Buffer, _encoding, callback) => {
              pieces.push(piece.length);
              done = callback;
              if (pieces.length === 2) stream.abort(failure);
            },
          }),
        );
        await stream.write('first');
        await turn();
        const second = spawn(() => stream.write('x'.repeat(100_000)));
        const third = spawn(() => rejection(stream.write('third')));
        await schedule();
        expect(second.state).to.equal('blocked');
        done();
        await second.join();
        expect(await third.join()).to.equal(failure);
        expect(pieces).to.deep.equal([5, 100_000]);
      }));

    it('[INV-65] tells whoever closes it, if nobody was told that bytes were lost', () =>
      run(async () => {
        const failure = new Error('no space');
        const stream = new ByteStream(new Writable({ write: (_chunk, _encoding, done) => done(failure) }));
        await stream.write('first');
        expect(await rejection(stream.close())).to.equal(failure);
        expect(stream.closed).to.equal(true);
      }));

    it('refuses what is neither text nor bytes', () =>
      simulate(async () => {
        await using stream = new ByteStream(new Log());
        for (const data of [7, null, undefined, {}, ['x', 7], Promise.resolve('x')]) {
          expect(await rejection(stream.write(data as string))).to.be.instanceOf(TypeError);
        }
        expect(() => stream.tryWrite(7 as unknown as string)).to.throw(TypeError);
        await stream.write('');
        await stream.write([]);
        await stream.flush();
      }));
  });

  describe('end', () => {
    it('[INV-66] [D-22] leaves the other direction open, both ways', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using a = new ByteStream(ours);
          await using b = new ByteStream(theirs);
          const megabyte = Buffer.alloc(1_000_000, 'x');
          const client = spawn(async () => {
            await a.write('request');
            await a.end();
            return a.readAll();
          });
          expect(String(await b.readAll())).to.equal('request');
          await b.write(megabyte);
          await b.end();
          const reply = await client.join();
          expect(reply.equals(megabyte)).to.equal(true);
          expect(await rejection(a.write('x'))).to.be.instanceOf(StreamClosedError);
        }),
      ));

    it('sends first what others wait to write', () =>
      simulate(async () => {
        const log = new Log({ highWaterMark: 1 });
        log.stalled = true;
        const stream = new ByteStream(log);
        await stream.write('a');
        await turn();
        const writer = spawn(() => stream.write('b'));
        await schedule();
        const end = spawn(() => stream.end());
        await schedule();
        expect(await rejection(stream.write('c'))).to.be.instanceOf(StreamClosedError);
        log.go();
        await writer.join();
        await end.join();
        await stream.end();
        await stream.flush();
        expect(log.writes).to.deep.equal(['a', 'b']);
        await stream.close();
      }));
  });

  describe('close', () => {
    it('[D-24] wakes whoever waits, and nothing can be read or written any more', () =>
      run(async () => {
        const inner = new PassThrough({ highWaterMark: 1 });
        const stream = new ByteStream(inner);
        const reader = spawn(() => rejection(stream.readExactly(5)));
        await schedule();
        stream.abort();
        expect(await reader.join()).to.be.instanceOf(StreamClosedError);
        await stream.close();
        await stream.close();
        for (const attempt of [stream.read(), stream.readUntil('\n'), stream.write('x'), stream.flush()]) {
          expect(await rejection(attempt)).to.be.instanceOf(StreamClosedError);
        }
        expect(await rejection(stream.end())).to.be.instanceOf(StreamClosedError);
        expect(await rejection(select({ bytes: stream.reading() }))).to.be.instanceOf(StreamClosedError);
        expect([stream.closed, inner.destroyed]).to.deep.equal([true, true]);
      }));

    it('sends what was written before', () =>
      run(() =>
        connected(async (ours, theirs) => {
          const stream = new ByteStream(ours);
          const all = spawn(() => new ByteStream(theirs).readAll());
          await stream.write(Buffer.alloc(500_000));
          await stream.write('bye');
          await stream.close();
          expect((await all.join()).length).to.equal(500_003);
        }),
      ));

    it('does not wait for ever when it is killed: it closes at once', () =>
      run(async () => {
        const log = new Log();
        log.stalled = true;
        const stream = new ByteStream(log, { name: 'x' });
        await stream.write('never');
        const closer = spawn(() => stream.close());
        await turn();
        expect(closer.blockedOn).to.equal("end of stream 'x'");
        closer.kill();
        expect(await rejection(closer.join())).to.be.instanceOf(TaskletKilledError);
        expect(log.destroyed).to.equal(true);
        await stream.close();
      }));

    it('has a deadline', () =>
      run(async () => {
        const log = new Log();
        log.stalled = true;
        const stream = new ByteStream(log);
        await stream.write('never');
        expect(await rejection(stream.close({ timeout: 10 }))).to.be.instanceOf(TimeoutError);
        expect(log.destroyed).to.equal(true);
      }));

    it('[INV-68] leaves no listener behind, after an end, a kill, a crash', () =>
      run(() =>
        connected(async (ours, theirs) => {
          const names = ['data', 'end', 'error', 'close', 'drain', 'finish', 'readable'];
          const count = (socket: Socket): Record<string, number> =>
            Object.fromEntries(names.map((name) => [name, socket.listenerCount(name)]));
          const before = [count(ours), count(theirs)] as const;
          const [a, b] = [new ByteStream(ours), new ByteStream(theirs)];
          const killed = spawn(async () => {
            await using stream = a;
            await stream.readUntil('\n');
          });
          const crashed = spawn(async () => {
            await using stream = b;
            await stream.write('half');
            throw new Error('crash');
          });
          expect(await rejection(crashed.join())).to.have.property('message', 'crash');
          killed.kill();
          await rejection(killed.join());
          expectNoListeners(ours, before[0]);
          expectNoListeners(theirs, before[1]);
        }),
      ));

    it('of the Node stream by somebody else is told to whoever waits', () =>
      run(async () => {
        const { inner, stream } = fed();
        const reader = spawn(() => rejection(stream.readUntil('\n')));
        inner.write('half');
        await turn();
        inner.destroy();
        const error = await reader.join();
        expect(partialOf(error)).to.equal('half');
        expect((error as Error).cause).to.be.instanceOf(StreamClosedError);
        expect(String(await stream.read())).to.equal('half');
        expect(await rejection(stream.read())).to.be.instanceOf(StreamClosedError);
        await stream.close();
      }));
  });

  describe('when the peer', () => {
    it('[INV-65] resets in the middle of a line, complete lines come first', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using stream = new ByteStream(ours);
          const lines = stream.lines();
          theirs.write('one\ntwo\nthr');
          expect((await lines.next()).value).to.equal('one');
          expect((await lines.next()).value).to.equal('two');
          const third = spawn(() => rejection(lines.next()));
          await schedule();
          theirs.resetAndDestroy();
          const error = await third.join();
          expect(partialOf(error)).to.equal('thr');
          expect((error as Error).cause).to.include({ code: 'ECONNRESET', syscall: 'read' });
          expect(String(await stream.read())).to.equal('thr');
          expect(await rejection(stream.read())).to.include({ code: 'ECONNRESET' });
        }),
      ));

    it('[INV-63] resets while nobody reads, a frame that is broken off is never whole', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using stream = new ByteStream(ours);
          const line = `${'x'.repeat(999)}\n`;
          theirs.write(line.repeat(2000) + 'half');
          expect((await stream.readUntil('\n')).length).to.equal(1000);
          for (let i = 0; i < 20; i++) await turn();
          theirs.resetAndDestroy();
          for (let i = 0; i < 20; i++) await turn();
          let error: unknown;
          let count = 0;
          try {
            for await (const each of stream.lines()) {
              expect(each).to.have.length(999);
              count++;
            }
          } catch (thrown) {
            error = thrown;
          }
          expect(count).to.be.lessThan(2000);
          // What came up to then may have ended exactly behind a line.
          if (!(error instanceof IncompleteReadError)) expect(error).to.include({ code: 'ECONNRESET' });
        }),
      ));

    it('has closed, what came before can be read', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using stream = new ByteStream(ours);
          theirs.end('x'.repeat(100_000));
          await call((done) => theirs.once('finish', () => done()));
          await turn();
          expect((await stream.readExactly(100_000)).length).to.equal(100_000);
          expect(await stream.read()).to.equal(undefined);
        }),
      ));

    it('[INV-61] never reads, what is kept here is little, and a write can be given up', () =>
      run(() =>
        connected(async (ours, theirs) => {
          theirs.pause();
          await using stream = new ByteStream(ours);
          const piece = Buffer.alloc(65_536);
          let taken = 0;
          const error = await rejection(
            (async () => {
              for (; taken < 2000; taken++) await stream.write(piece, { timeout: 100 });
            })(),
          );
          expect(error).to.be.instanceOf(TimeoutError);
          expect(taken).to.be.lessThan(2000);
          expect(ours.writableLength).to.be.at.most(2 * 65_536);
          stream.abort();
        }),
      ));

    it('[INV-61] sends more than is read, it is stopped', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using stream = new ByteStream(ours);
          let sent = 0;
          const piece = Buffer.alloc(65_536);
          const more = (): void => {
            while (sent < 500 && theirs.write(piece)) sent++;
          };
          theirs.on('drain', more);
          theirs.on('error', () => {});
          more();
          await stream.readExactly(1);
          for (let i = 0; i < 200; i++) await turn();
          // What the system keeps for both ends aside: at most this was taken from it.
          expect(ours.bytesRead).to.be.lessThan(3 * 65_536);
          expect(sent).to.be.lessThan(500);
          theirs.off('drain', more);
        }),
      ));
  });

  describe('with an idleTimeout', () => {
    it('a read is given up when nothing comes, but not while something does', () =>
      simulate(async () => {
        const inner = new PassThrough();
        const stream = new ByteStream(inner, { idleTimeout: 100 });
        spawn(async () => {
          for (let i = 0; i < 5; i++) {
            await sleep(80);
            inner.write('x');
          }
        });
        expect(await rejection(stream.readUntil('\n'))).to.be.instanceOf(TimeoutError);
        expect(String(await stream.readExactly(5))).to.equal('xxxxx');
        await stream.close();
      }));

    it('says nothing while nobody reads', () =>
      simulate(async () => {
        const inner = new PassThrough();
        const stream = new ByteStream(inner, { idleTimeout: 100 });
        await sleep(1000);
        inner.write('x');
        expect(String(await stream.read())).to.equal('x');
        await stream.close();
      }));

    it('a write is given up when nothing is sent', () =>
      simulate(async () => {
        const log = new Log({ highWaterMark: 1 });
        log.stalled = true;
        const stream = new ByteStream(log, { idleTimeout: 100 });
        await stream.write('a');
        await turn();
        expect(await rejection(stream.write('b'))).to.be.instanceOf(TimeoutError);
        expect(await rejection(stream.flush())).to.be.instanceOf(TimeoutError);
        stream.abort();
      }));
  });

  describe('of one direction', () => {
    it('says that it cannot do the other', () =>
      simulate(async () => {
        await using source = giving('x');
        await using sink = new ByteStream(new Log());
        expect(await rejection(source.write('x'))).to.be.instanceOf(TypeError);
        expect(await rejection(source.end())).to.be.instanceOf(TypeError);
        expect(await rejection(sink.read())).to.be.instanceOf(TypeError);
        expect(await rejection(sink.lines().next())).to.be.instanceOf(TypeError);
        expect(await rejection(select({ bytes: sink.reading() }))).to.be.instanceOf(TypeError);
      }));

    it('is refused if it is no stream at all', () => {
      for (const given of [undefined, null, 7, {}, 'x']) {
        expect(() => new ByteStream(given as Readable)).to.throw(TypeError);
      }
      const options: object[] = [{ name: 7 }, { idle: 1 }, { idleTimeout: -1 }, { idleTimeout: '1' }];
      for (const wrong of options) {
        expect(() => new ByteStream(new PassThrough(), wrong)).to.throw(Error, /ByteStream/);
      }
    });

    it('gives bytes or fails', () =>
      run(async () => {
        const stream = new ByteStream(Readable.from([{ no: 'bytes' }]));
        expect(await rejection(stream.read())).to.be.instanceOf(TypeError);
        await stream.close();
        const text = new ByteStream(Readable.from(['é', new Uint8Array([65])]));
        expect(String(await text.readAll())).to.equal('éA');
        await text.close();
      }));

    it('that is over already gives what it still has', () =>
      run(async () => {
        const failed = new Duplex({ read() {}, write() {} });
        failed.on('error', () => {});
        failed.destroy(Object.assign(new Error('gone'), { code: 'EGONE' }));
        await turn();
        const stream = new ByteStream(failed);
        expect(await rejection(stream.read())).to.have.property('code', 'EGONE');
        expect(await rejection(stream.write('x'))).to.have.property('code', 'EGONE');
        await stream.close();
      }));
  });

  describe('pipeTo', () => {
    it('writes everything to a stream of ours or of Node, and ends it', () =>
      run(() =>
        connected(async (ours, theirs) => {
          await using a = new ByteStream(ours);
          await using b = new ByteStream(theirs);
          const log = new Log();
          const piped = spawn(() => b.pipeTo(log));
          const source = new ByteStream(Readable.from([Buffer.alloc(300_000, 'x')]));
          expect(await source.pipeTo(a)).to.equal(300_000);
          expect(await piped.join()).to.equal(300_000);
          expect([log.writes.join('').length, log.writableFinished]).to.deep.equal([300_000, true]);
          expectNoListeners(log, {});
          await source.close();
        }),
      ));

    it('leaves the sink open if it is told to, and has a deadline', () =>
      simulate(async () => {
        const log = new Log();
        await giving('a').pipeTo(log, { end: false });
        await giving('b').pipeTo(log, { end: false });
        const { stream } = fed();
        expect(await rejection(stream.pipeTo(log, { timeout: 50 }))).to.be.instanceOf(TimeoutError);
        expect([log.writes.join(''), log.writableEnded]).to.deep.equal(['ab', false]);
        expectNoListeners(log, {});
        await stream.close();
      }));

    it('ends with the error of either', () =>
      run(async () => {
        const failure = new Error('full');
        const sink = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(failure) });
        const source = giving('a', 'b', 'c');
        expect(await rejection(source.pipeTo(sink))).to.equal(failure);
        await source.close();
        const broken = new PassThrough();
        const log = new ByteStream(new Log());
        const piped = spawn(() => rejection(new ByteStream(broken).pipeTo(log)));
        await turn();
        broken.destroy(failure);
        expect(await piped.join()).to.equal(failure);
        expect(log.closed).to.equal(false);
        await log.close();
      }));
  });

  it('stands at both ends of a pipeline', () =>
    run(async () => {
      const log = new Log();
      await using source = giving('a\nb\n', 'c');
      await using sink = new ByteStream(log);
      const count = await pipeline(
        source.lines(),
        map((line) => `${line.toUpperCase()};`),
        sink,
      );
      expect([count, log.writes.join('')]).to.deep.equal([3, 'A;B;C;']);
      await using chunks = giving('x', 'y');
      expect((await pipeline(chunks, collect())).map(String)).to.deep.equal(['x', 'y']);
    }));

  it('is given back with what was not read', () =>
    run(() =>
      connected(async (ours, theirs) => {
        const stream = new ByteStream(ours);
        theirs.write('hello world');
        expect(String(await stream.readExactly(6))).to.equal('hello ');
        const reader = spawn(() => stream.readUntil('\n'));
        await schedule();
        expect(() => stream.detach()).to.throw(StateError);
        reader.kill();
        await rejection(reader.join());
        expect(stream.detach()).to.equal(ours);
        expect(await rejection(stream.read())).to.be.instanceOf(StreamClosedError);
        expect(await rejection(stream.write('x'))).to.be.instanceOf(StreamClosedError);
        await stream.close();
        expect(ours.destroyed).to.equal(false);
        const again = new ByteStream(ours);
        expect(String(await again.readExactly(5))).to.equal('world');
        await again.close();
      }),
    ));

  it('is not given back when it is closed, or with what can no longer be put back', () =>
    run(() =>
      connected(async (ours, theirs) => {
        const stream = new ByteStream(ours);
        theirs.end('hello world');
        expect(await rejection(stream.readExactly(100))).to.have.property('partial');
        expect(() => stream.detach()).to.throw(StateError);
        // It is as it was.
        expect(String(await stream.readAll())).to.equal('hello world');
        expect(stream.detach()).to.equal(ours);
        expect(() => stream.detach()).to.throw(StreamClosedError);
        ours.destroy();
        const sink = new PassThrough();
        const closed = new ByteStream(sink);
        await closed.close();
        expect(() => closed.detach()).to.throw(StreamClosedError);
      }),
    ));

  it('is given back when it can only be written to', () =>
    run(() => {
      const ours = new Writable({ write: (_bytes, _encoding, done) => done() });
      expect(new ByteStream(ours).detach()).to.equal(ours);
    }));

  it('raises a kill that came before instead of reading', () =>
    simulate(async () => {
      await using stream = giving('x');
      const reader = spawn(async () => {
        try {
          await sleep(Infinity);
        } catch {
          await stream.read();
        }
      });
      await schedule();
      reader.kill({ grace: 0 });
      const error = await rejection(reader.join());
      expect(error).to.be.instanceOf(TaskletKilledError);
      expect(error).not.to.be.instanceOf(TaskletExit);
      expect(String(await stream.read())).to.equal('x');
    }));
});
