import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import {
  run,
  schedule,
  sleep,
  spawn,
  timeout,
  TaskletKilledError,
  TimeoutError,
} from '../../../lib/index.js';
import { LimitExceededError, lines, StreamClosedError } from '../../../lib/io/index.js';
import { Folder } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

/** Longer than what is read at a time. */
const many = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'.'.repeat(i % 50)}`);

async function all(values: AsyncIterable<string>): Promise<string[]> {
  const taken: string[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

describe('lines', () => {
  const folder = new Folder();
  const big = folder.at('big');
  const small = folder.at('small');
  before(() => {
    writeFileSync(big, many.join('\n') + '\n');
    writeFileSync(small, 'one\ntwo\r\nthree');
  });
  afterEach(() => folder.expectClosed());
  after(() => folder.remove());

  describe('gives each line', () => {
    it('in a tasklet, and outside of tasklets', async () => {
      expect(await run(() => all(lines(big)))).to.deep.equal(many);
      expect(await all(lines(big))).to.deep.equal(many);
    });

    it('of a file that is named by a URL', () =>
      run(async () => expect(await all(lines(pathToFileURL(small)))).to.deep.equal(['one', 'two', 'three'])));

    it('of an empty file: none', async () => {
      writeFileSync(folder.at('empty'), '');
      expect(await run(() => all(lines(folder.at('empty'))))).to.deep.equal([]);
      expect(await run(() => all(lines('/dev/null')))).to.deep.equal([]);
    });

    it('of what has no size, and no place to read at', async () => {
      const [version] = await run(() => all(lines('/proc/version')));
      expect(version).to.match(/^Linux/);
      execFileSync('mkfifo', [folder.at('pipe')]);
      // Open for both, so that nobody waits for the other side.
      const pipe = openSync(folder.at('pipe'), 'r+');
      try {
        await run(async () => {
          const reader = lines(folder.at('pipe'));
          writeFileSync(pipe, 'first\nsecond\n');
          expect(await reader.next()).to.deep.equal({ value: 'first', done: false });
          // The read that is given up has the bytes that come later.
          expect(await reader.next()).to.deep.equal({ value: 'second', done: false });
          expect(await rejection(reader.next({ timeout: 1 }))).to.be.instanceOf(TimeoutError);
          writeFileSync(pipe, 'third\n');
          expect(await reader.next()).to.deep.equal({ value: 'third', done: false });
          const waiting = spawn(() => reader.next());
          await schedule();
          reader.close().catch(() => {});
          expect(await rejection(waiting.join())).to.include({ code: 'ERR_STREAM_CLOSED' });
          writeFileSync(pipe, 'wakes the thread\n');
        });
      } finally {
        closeSync(pipe);
      }
    });

    it('in which some bytes stand', async () => {
      const wanted = many.filter((line) => line.includes(' 77'));
      expect(wanted.length).to.be.above(100);
      expect(await run(() => all(lines(big, { containing: ' 77' })))).to.deep.equal(wanted);
    });

    it('once, to several who take from it', () =>
      run(async () => {
        const source = lines(big);
        const take = async (): Promise<string[]> => {
          const taken: string[] = [];
          for (let step = await source.next(); step.done !== true; step = await source.next()) {
            taken.push(step.value);
            if (taken.length % 7 === 0) await schedule();
          }
          return taken;
        };
        const takers = [spawn(take), spawn(take), spawn(take)];
        const taken: string[] = [];
        for (const taker of takers) taken.push(...(await taker.join()));
        expect(taken.length).to.equal(many.length);
        expect(new Set(taken)).to.deep.equal(new Set(many));
      }));

    it('or else an error, when one of them is killed there', () =>
      run(async () => {
        const source = lines(big);
        const first = await source.next();
        expect(first.value).to.equal(many[0]);
        const killed = spawn(async () => {
          while ((await source.next()).done !== true);
        });
        while (!killed.blockedOn?.startsWith('read of'))
          await new Promise((resolve) => setImmediate(resolve));
        killed.kill();
        await rejection(killed.join());
        expect(await rejection(source.next())).to.be.instanceOf(StreamClosedError);
        expect(await rejection(source.next())).to.be.instanceOf(StreamClosedError);
        await folder.expectClosed();
      }));

    it('to whoever asks for several at once', () =>
      run(async () => {
        const source = lines(small)[Symbol.asyncIterator]();
        const steps = await Promise.all([source.next(), source.next(), source.next(), source.next()]);
        expect(steps.map(({ value }) => value)).to.deep.equal(['one', 'two', 'three', undefined]);
      }));

    it('that was there when it was read, and no more after a truncation', () =>
      run(async () => {
        const file = folder.at('changing');
        writeFileSync(file, many.join('\n') + '\n');
        const source = lines(file);
        expect(await source.next()).to.deep.equal({ value: many[0], done: false });
        appendFileSync(file, 'appended\n');
        truncateSync(file, 10);
        let count = 1;
        for await (const line of source) expect(line).to.equal(many[count++]?.slice(0, line.length));
        expect(count).to.be.within(2, many.length);
      }));
  });

  describe('batches', () => {
    it('give the same lines in arrays', () =>
      run(async () => {
        const taken: string[] = [];
        let count = 0;
        for await (const batch of lines(big).batches()) {
          expect(batch).to.not.be.empty;
          taken.push(...batch);
          count++;
        }
        expect(taken).to.deep.equal(many);
        expect(count).to.be.within(5, 100);
      }));

    it('go on behind the last line that was taken', () =>
      run(async () => {
        const source = lines(small);
        await source.next();
        const taken: string[] = [];
        for await (const batch of source.batches()) taken.push(...batch);
        expect(taken).to.deep.equal(['two', 'three']);
      }));

    it('close the file when their loop is left', () =>
      run(async () => {
        for await (const batch of lines(big).batches()) {
          expect(batch[0]).to.equal(many[0]);
          break;
        }
        expect(folder.open()).to.deep.equal([]);
      }));
  });

  describe('closes the file', () => {
    it('when the loop is over, left, or fails', () =>
      run(async () => {
        await all(lines(big));
        expect(folder.open()).to.deep.equal([]);
        for await (const line of lines(big)) if (line === many[5]) break;
        expect(folder.open()).to.deep.equal([]);
        const wrong = new Error('of the loop');
        const loop = async (): Promise<void> => {
          for await (const line of lines(big)) if (line === many[5]) throw wrong;
        };
        expect(await rejection(loop())).to.equal(wrong);
        expect(folder.open()).to.deep.equal([]);
      }));

    it('with `await using`', () =>
      run(async () => {
        const source = lines(big);
        {
          await using reading = source;
          await reading.next();
          expect(folder.open()).to.deep.equal([big]);
        }
        expect(folder.open()).to.deep.equal([]);
        expect(await source.next()).to.deep.equal({ value: undefined, done: true });
      }));

    it('[INV-68] when the tasklet is killed, whenever that is', async () => {
      for (let turns = 0; turns < 12; turns++) {
        await run(async () => {
          const reader = spawn(() => all(lines(big)));
          // Before it begins, while it opens, while it reads.
          for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
          reader.kill();
          const outcome = await reader.join().catch((error: unknown) => error);
          if (!Array.isArray(outcome)) expect(outcome).to.be.instanceOf(TaskletKilledError);
        });
        await folder.expectClosed();
      }
    });

    it('when a timeout around the loop is up', async () => {
      await run(async () => {
        const late = timeout(0, async () => {
          for await (const line of lines(big)) expect(line).to.be.a('string');
        });
        expect(await rejection(late)).to.be.instanceOf(TimeoutError);
      });
    });
  });

  describe('takes turns', () => {
    it('[INV-22] raises a kill at the next line, also when that is in memory', () =>
      run(async () => {
        let count = 0;
        const reader = spawn(async () => {
          for await (const line of lines(big)) {
            expect(line).to.equal(many[count++]);
            // A bare await, during which somebody else runs.
            if (count === 3) await new Promise((resolve) => setTimeout(resolve, 5));
          }
        });
        while (count < 3) await sleep(0.1);
        reader.kill();
        expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
        expect(count).to.equal(3);
      }));

    it('[INV-40] lets others run and timers fire while it reads', () =>
      run(async () => {
        let turns = 0;
        const other = spawn(async () => {
          for (;;) {
            turns++;
            await sleep(0);
            await new Promise((resolve) => setImmediate(resolve));
          }
        });
        for (let i = 0; i < 5; i++) await all(lines(big));
        other.kill();
        expect(turns).to.be.above(5);
      }));
  });

  describe('raises', () => {
    it('[INV-65] what the system reports, as it is', () =>
      run(async () => {
        const missing = folder.at('missing');
        expect(await rejection(all(lines(missing)))).to.include({
          code: 'ENOENT',
          syscall: 'open',
          path: missing,
        });
        expect(await rejection(all(lines(folder.path)))).to.include({ code: 'EISDIR', syscall: 'read' });
      }));

    it('[INV-64] an error behind the last line that is not too long', () =>
      run(async () => {
        const taken: string[] = [];
        const loop = async (): Promise<void> => {
          for await (const line of lines(small, { maxBytes: 4 })) taken.push(line);
        };
        expect(await rejection(loop()))
          .to.be.instanceOf(LimitExceededError)
          .and.include({ limit: 4 });
        expect(taken).to.deep.equal(['one', 'two']);
      }));

    it('for options and paths that make no sense', () => {
      expect(() => lines(7 as unknown as string)).to.throw(TypeError, /^lines: path/);
      expect(() => lines(small, { encoding: 'base64' as 'utf8' })).to.throw(TypeError, /encoding/);
      expect(() => lines(small, { batch: true } as object)).to.throw(TypeError, /unknown option 'batch'/);
    });

    it('for a path that cannot be one', () =>
      run(async () => {
        expect(await rejection(all(lines('a\0b')))).to.include({ code: 'ERR_INVALID_ARG_VALUE' });
      }));

    it('TimeoutError to who has no time, and gives the line to the next one', () =>
      run(async () => {
        const source = lines(small);
        expect(await rejection(source.next({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
        expect(await all(source)).to.deep.equal(['one', 'two', 'three']);
        const signal = AbortSignal.abort(new Error('enough'));
        const another = lines(small);
        expect(await rejection(another.next({ signal }))).to.have.property('message', 'enough');
        expect((await another.next()).value).to.equal('one');
        await another.close();
      }));
  });

  it('of a silent pipe can be closed, though a read of it may never end', () =>
    run(async () => {
      const pipe = folder.at('silent');
      execFileSync('mkfifo', [pipe]);
      const writer = openSync(pipe, 'r+');
      try {
        const source = lines(pipe);
        while (folder.open().length < 2) {
          expect(await rejection(source.next({ timeout: 20 }))).to.be.instanceOf(TimeoutError);
        }
        const closer = spawn(() => source.close());
        await closer.join({ timeout: 5000 });
        // The system goes on to read until something comes.
        writeSync(writer, 'x');
      } finally {
        closeSync(writer);
      }
      await folder.expectClosed();
    }));
});
