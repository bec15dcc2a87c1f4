/** What holds of every stream of bytes, whatever carries it. */
import { expect } from 'chai';
import * as fc from 'fast-check';
import { run, schedule, sleep, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { IncompleteReadError, StreamClosedError, type ByteStream } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** Two streams that are connected, and what is to be ended when both are closed. */
export interface Pair {
  readonly near: ByteStream;
  readonly far: ByteStream;
  end(): Promise<void>;
}

const RUNS = Number(process.env['STREAM_RUNS'] ?? 100);

/** What a reader does next: the last three take nothing. */
type Way = 'read' | 'some' | 'exactly' | 'killed' | 'late' | 'pause';

/** The suite over the pairs that `make` makes. */
export function streamConformance(kind: string, make: () => Promise<Pair>): void {
  const using = (use: (near: ByteStream, far: ByteStream) => Promise<void>): Promise<void> =>
    run(async () => {
      const { near, far, end } = await make();
      try {
        await use(near, far);
      } finally {
        near.abort();
        far.abort();
        await Promise.allSettled([near.close(), far.close()]);
        await end();
      }
    });

  describe(`a stream over ${kind}`, () => {
    it('[INV-60] delivers what was written, however it is cut, read, paused and given up', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ minLength: 1, maxLength: 3000 }), { maxLength: 20, size: 'max' }),
          fc.infiniteStream(fc.constantFrom<Way>('read', 'some', 'exactly', 'killed', 'late', 'pause')),
          (pieces, ways) =>
            using(async (near, far) => {
              const writer = spawn(async () => {
                for (const piece of pieces) await near.write(piece);
                await near.end();
              });
              const got: Buffer[] = [];
              let whole: Buffer | undefined = Buffer.alloc(0);
              while (whole !== undefined) {
                const way = ways.next().value as Way;
                if (way === 'read') whole = await far.read();
                else if (way === 'some') whole = await far.read(7);
                else if (way === 'exactly') {
                  whole = await far.readExactly(13).catch((error: unknown) => {
                    expect(error).to.be.instanceOf(IncompleteReadError);
                    return far.read();
                  });
                } else if (way === 'killed') {
                  const reader = spawn(() => far.readExactly(1e6));
                  await schedule();
                  reader.kill();
                  await rejection(reader.join());
                } else if (way === 'late') await rejection(far.readUntil('\0\0\0\0', { timeout: 0 }));
                else await sleep(0);
                if (way === 'read' || way === 'some' || way === 'exactly') got.push(whole ?? Buffer.alloc(0));
              }
              await writer.join();
              expect(Buffer.concat(got).equals(Buffer.concat(pieces))).to.equal(true);
            }),
        ),
        { numRuns: RUNS, seed: 60 },
      )).timeout(60_000);

    it('[INV-62] mixes nothing of two who write, and stops them when enough is on its way', () =>
      using(async (near, far) => {
        const size = 20_000;
        const count = 100;
        let written = 0;
        const writers = ['a', 'b', 'c'].map((letter) =>
          spawn(async () => {
            for (let i = 0; i < count; i++) {
              await near.write(letter.repeat(size));
              written++;
            }
          }),
        );
        for (let i = 0; i < 10; i++) await sleep(1);
        // Buffers of the system stand in between; but never everything.
        expect(written).to.be.below(3 * count);
        const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
        for (let i = 0; i < 3 * count; i++) {
          const piece = String(await far.readExactly(size));
          expect(piece).to.equal(piece.charAt(0).repeat(size));
          counts[piece.charAt(0)]!++;
        }
        expect(counts).to.deep.equal({ a: count, b: count, c: count });
        for (const writer of writers) await writer.join();
      })).timeout(60_000);

    it('[INV-63] is not at its end in the middle of something', () =>
      using(async (near, far) => {
        await near.write('half');
        await near.end();
        const error = await rejection(far.readUntil('\n'));
        expect(error).to.be.instanceOf(IncompleteReadError);
        expect(String((error as IncompleteReadError).partial)).to.equal('half');
        expect(String(await far.readExactly(4))).to.equal('half');
        expect(await far.read()).to.equal(undefined);
      }));

    it('[INV-66] reads on after its own end, and writes on after that of the other side', () =>
      using(async (near, far) => {
        await near.write('question');
        await near.end();
        expect(String(await far.readAll())).to.equal('question');
        const answer = 'answer'.repeat(50_000);
        const writer = spawn(async () => {
          await far.write(answer);
          await far.end();
        });
        expect(String(await near.readAll())).to.equal(answer);
        await writer.join();
        expect(await rejection(near.write('more'))).to.be.instanceOf(StreamClosedError);
      }));

    it('[INV-67] keeps for the next one what a read that was given up had seen', () =>
      using(async (near, far) => {
        await near.write('hel');
        expect(await rejection(far.readUntil('\n', { timeout: 5 }))).to.be.instanceOf(TimeoutError);
        const reader = spawn(() => far.readExactly(100));
        await schedule();
        await near.write('lo\n');
        reader.kill();
        expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
        expect(String(await far.readUntil('\n'))).to.equal('hello\n');
      }));

    it('[INV-68] wakes who waits when it is closed, and says so to who comes later', () =>
      using(async (near, far) => {
        const reader = spawn(() => rejection(far.read()));
        await schedule();
        await far.close();
        expect(await reader.join()).to.be.instanceOf(StreamClosedError);
        expect(await rejection(far.read())).to.be.instanceOf(StreamClosedError);
        expect(await rejection(far.write('x'))).to.be.instanceOf(StreamClosedError);
        await far.close();
        expect(near.closed).to.equal(false);
      }));
  });
}
