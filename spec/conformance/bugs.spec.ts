/** What streams of other systems got wrong, and ours must not: named after the list in `invariants.ts`. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { Channel, idle, run, schedule, select, sleep, spawn } from '../../lib/index.js';
import {
  ByteStream,
  call,
  type Connection,
  delimited,
  IncompleteReadError,
  tcp,
} from '../../lib/io/index.js';
import { collectGarbage } from '../support/gc.js';
import { rejection } from '../support/rejection.js';

/** How much may be on its way. */
const LIMIT = 64 * 1024;
const PIECE = Buffer.alloc(1024, 'x');

/** Takes what it is given and is never done with it. */
function stuck(): { sink: Writable; taken: () => number } {
  const sink = new Writable({ highWaterMark: 1024, write: () => {} });
  return { sink, taken: () => sink.writableLength };
}

/** Each way to write without end. */
const WAYS: Record<string, (to: ByteStream) => Promise<unknown>> = {
  write: async (to) => {
    for (;;) await to.write(PIECE);
  },
  'several pieces at once': async (to) => {
    for (;;) await to.write([PIECE, PIECE]);
  },
  tryWrite: async (to) => {
    while (to.tryWrite(PIECE)) await schedule();
  },
  'a case of a select': async (to) => {
    for (;;) await select({ written: to.writing(PIECE) });
  },
  writeFrame: async (to) => {
    for (;;) await to.writeFrame(delimited('\n'), PIECE);
  },
  pipeTo: (to) =>
    new ByteStream(
      new Readable({
        read() {
          this.push(PIECE);
        },
      }),
    ).pipeTo(to),
  'the end of a pipeline': async (to) => {
    const from = new Channel<Buffer>();
    const feeder = spawn(async () => {
      for (;;) await from.send(PIECE);
    });
    try {
      await to.run(from);
    } finally {
      feeder.kill();
    }
  },
};

/** A server on this machine that does `serve` with whoever connects, and a connection to it. */
async function connected(
  serve: (socket: Socket) => void,
  use: (connection: Connection) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    serve(socket);
  });
  await call((callback) => server.listen(0, '127.0.0.1', () => callback()));
  try {
    const { port } = server.address() as AddressInfo;
    await using connection = await tcp.connect({ host: '127.0.0.1', port, idleTimeout: 5000 });
    await use(connection);
  } finally {
    await call((callback) => server.close(() => callback()));
  }
}

describe('a stream', () => {
  for (const [way, write] of Object.entries(WAYS)) {
    it(`[BM-9] [INV-61] keeps to the limit, whatever way one writes: ${way}`, () =>
      run(async () => {
        const { sink, taken } = stuck();
        const stream = new ByteStream(sink);
        const writer = spawn(() => write(stream));
        for (let i = 0; i < 20; i++) await sleep(1);
        await idle();
        expect(taken()).to.be.within(1024, LIMIT + 4 * PIECE.length);
        writer.kill();
        await Promise.allSettled([writer.join()]);
        stream.abort();
      }));
  }

  it('[BM-10] [INV-64] needs for a byte that comes alone no more than for one that comes with others', () =>
    run(async () => {
      const bytes = 256 * 1024;
      let left = bytes;
      let full: (() => void) | undefined;
      const source = new Readable({
        highWaterMark: 1,
        read() {
          if (left-- > 0) this.push(Buffer.from('x'));
          else full?.();
        },
      });
      const used = async (): Promise<number> => {
        await collectGarbage();
        const { heapUsed, arrayBuffers } = process.memoryUsage();
        return heapUsed + arrayBuffers;
      };
      const before = await used();
      const stream = new ByteStream(source);
      const reader = spawn(() => stream.readUntil('\n', { maxBytes: 2 * bytes }));
      await call((callback) => (full = () => callback()));
      expect((await used()) - before).to.be.below(2 * bytes + 2_000_000);
      source.push('\n');
      expect((await reader.join()).length).to.equal(bytes + 1);
      await stream.close();
    })).timeout(60_000);

  it('[BM-11] [INV-60] has for a reader all that came since it was made', () =>
    run(async () => {
      const stream = new ByteStream(Readable.from(['one\ntw', 'o\nthree\n']));
      const lines = stream.lines();
      await sleep(5);
      const got: string[] = [];
      for await (const line of lines) {
        await sleep(1);
        got.push(line);
      }
      expect(got).to.deep.equal(['one', 'two', 'three']);
      await stream.close();
    }));

  it('[BM-12] [INV-69] tells who writes that the other side is gone, although nobody reads what it had sent', () =>
    run(() =>
      connected(
        (socket) => {
          socket.write(Buffer.alloc(4 << 20));
          socket.once('data', () => socket.resetAndDestroy());
        },
        async (connection) => {
          expect((await connection.read())?.length).to.be.above(0);
          const error = await rejection(
            (async () => {
              for (;;) await connection.write(PIECE);
            })(),
          );
          expect(['ECONNRESET', 'EPIPE', 'ERR_TIMEOUT']).to.include((error as { code: string }).code);
        },
      ),
    ));

  it('[BM-12] [INV-63] is never at its end inside of something, however the other side went', () =>
    run(() =>
      connected(
        (socket) => {
          socket.once('data', () => socket.write('half a li', () => socket.resetAndDestroy()));
        },
        async (connection) => {
          await connection.write('go');
          await sleep(20);
          const error = await rejection(connection.readUntil('\n'));
          if (error instanceof IncompleteReadError) expect('half a li').to.contain(String(error.partial));
          else expect((error as { code: string }).code).to.equal('ECONNRESET');
        },
      ),
    ));

  it('[BM-13] [INV-65] keeps an error that nobody waits for until somebody does', () =>
    run(async () => {
      const source = new Readable({ read() {} });
      const stream = new ByteStream(source);
      const error = Object.assign(new Error('broken'), { code: 'ECONNRESET' });
      source.destroy(error);
      await sleep(5);
      expect(await rejection(stream.read())).to.equal(error);
      await stream.close();
    }));

  it('[BM-13] [INV-65] ends no program when its socket breaks while nobody looks', () =>
    run(() =>
      connected(
        (socket) => {
          socket.once('data', () => socket.resetAndDestroy());
        },
        async (connection) => {
          await connection.write('go');
          await sleep(20);
          const ended = await connection.read().catch((error: unknown) => (error as { code: string }).code);
          expect([undefined, 'ECONNRESET']).to.include(ended);
        },
      ),
    ));
});
