import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { run, spawn, TaskletKilledError, TimeoutError } from '../../../lib/index.js';
import { chunks } from '../../../lib/io/index.js';
import { collect, pipeline, take } from '../../../lib/pipeline/index.js';
import { Folder } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

describe('chunks', () => {
  const folder = new Folder();
  const file = folder.at('file');
  const bytes = randomBytes(1_000_000);
  before(() => writeFileSync(file, bytes));
  afterEach(() => folder.expectClosed());
  after(() => folder.remove());

  it('give all bytes in order, each in room of its own', () =>
    run(async () => {
      const all: Buffer[] = [];
      for await (const some of chunks(file)) all.push(some);
      expect(all.length).to.be.above(10);
      expect(Buffer.concat(all).equals(bytes)).to.equal(true);
      expect(folder.open()).to.deep.equal([]);
    }));

  it('are a source for pipelines, which close it', () =>
    run(async () => {
      const some = await pipeline(chunks(file), take(2), collect());
      expect(Buffer.concat(some).equals(bytes.subarray(0, Buffer.concat(some).length))).to.equal(true);
      await folder.expectClosed();
    }));

  it('close the file when their loop is left, and with `await using`', () =>
    run(async () => {
      for await (const some of chunks(file)) {
        expect(some.length).to.be.above(0);
        break;
      }
      expect(folder.open()).to.deep.equal([]);
      {
        await using source = chunks(file);
        await source.next();
        expect(folder.open()).to.deep.equal([file]);
      }
      expect(folder.open()).to.deep.equal([]);
    }));

  it('[INV-67] lose nothing to who has no time', () =>
    run(async () => {
      const source = chunks(file);
      const all: Buffer[] = [];
      for (;;) {
        const step = await source.next({ timeout: 0 }).catch((error: unknown) => error);
        if (step instanceof TimeoutError) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        const { value } = step as IteratorResult<Buffer, undefined>;
        if (value === undefined) break;
        all.push(value);
      }
      expect(Buffer.concat(all).equals(bytes)).to.equal(true);
    }));

  it('[INV-68] close the file when their tasklet is killed', async () => {
    for (let turns = 0; turns < 8; turns++) {
      await run(async () => {
        const reader = spawn(async () => {
          for (;;) for await (const some of chunks(file)) expect(some.length).to.be.above(0);
        });
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
        reader.kill();
        expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
      });
      await folder.expectClosed();
    }
  });

  it('[INV-65] raise what the system reports, as it is', async () => {
    expect(await rejection(chunks(folder.at('missing')).next())).to.include({
      code: 'ENOENT',
      syscall: 'open',
    });
    expect(() => chunks(7 as unknown as string)).to.throw(TypeError, /^chunks: path/);
  });
});
