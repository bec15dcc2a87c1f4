import { spawn as start, type ChildProcessByStdio } from 'node:child_process';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { expect } from 'chai';
import { joinAll, run, schedule, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { ByteStream, Connection, StreamClosedError, tcp, type Listener } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

type Child = ChildProcessByStdio<Writable, Readable, null>;

const support = path.join(__dirname, '..', 'support');

/** Starts a program; ended by its own id at the latest when the test is over. */
function program(command: string, args: readonly string[]): Child {
  return start(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function ended(child: Child): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  }
}

/** Two ends of a connection. */
async function pair(listener: Listener): Promise<[Connection, Connection]> {
  const ours = await tcp.connect(listener.address);
  return [ours, await listener.accept()];
}

/** Says a byte of a line every few milliseconds, until the other side has had enough. */
async function trickle(connection: Connection): Promise<void> {
  for (;;) {
    try {
      await connection.write('x');
      await connection.read({ timeout: 5 });
      return;
    } catch (error) {
      if (!(error instanceof TimeoutError)) return;
    }
  }
}

describe('Connection', () => {
  it('[EV-88] [EV-90] is a stream that knows where its ends are', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const [ours, theirs] = await pair(listener);
      expect(ours).to.be.instanceOf(Connection).and.instanceOf(ByteStream);
      expect(ours.local).to.deep.equal(theirs.remote);
      expect(ours.remote).to.deep.equal(theirs.local);
      await ours.write('hello\n');
      expect(String(await theirs.readUntil('\n'))).to.equal('hello\n');
      await ours.close();
      expect(await theirs.read()).to.equal(undefined);
      await theirs.close();
    }));

  it('[EV-92] refuses to read when it is closed', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const [ours, theirs] = await pair(listener);
      const reader = spawn(() => rejection(ours.read()));
      await schedule();
      await ours.close();
      expect(await reader.join()).to.be.instanceOf(StreamClosedError);
      expect(await rejection(ours.read())).to.be.instanceOf(StreamClosedError);
      await theirs.close();
    }));

  it('[EV-99] [EV-100] tells a handler by the end of input, and by a failed write, that the other side is gone', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const [ours, theirs] = await pair(listener);
      ours.abort();
      expect(await theirs.read()).to.equal(undefined);
      let failure: unknown;
      // The first one may still be taken: that nobody is there is known when it is answered.
      for (let i = 0; i < 100 && failure === undefined; i++) {
        await theirs.write('x').catch((error: unknown) => (failure = error));
        await theirs.flush().catch((error: unknown) => (failure = error));
      }
      expect(failure).to.have.property('code').that.is.oneOf(['EPIPE', 'ECONNRESET']);
      expect(theirs.closed).to.equal(true);
      await theirs.close();
    }));

  it('[INV-66] carries megabytes each way, whichever side ends first', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const megabytes = Buffer.alloc(4 << 20, 'x');
      for (const [first, second] of [await pair(listener), (await pair(listener)).toReversed()]) {
        const a = first as Connection;
        const b = second as Connection;
        const [there, back] = await joinAll([
          spawn(() => b.readAll()),
          spawn(async () => {
            await a.write(megabytes);
            await a.end();
            return a.readAll();
          }),
          spawn(async () => {
            await b.write(megabytes);
            await b.end();
          }),
        ]);
        expect(there.equals(megabytes)).to.equal(true);
        expect(back.equals(megabytes)).to.equal(true);
        await a.close();
        await b.close();
      }
    }));

  it('[INV-64] takes bytes that come one by one, without keeping more than they are', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const [ours, theirs] = await pair(listener);
      const text = 'a line in little pieces\n';
      const writer = spawn(async () => {
        for (let round = 0; round < 40; round++) {
          for (const byte of text) {
            await ours.write(byte);
            await ours.flush();
          }
        }
        await ours.end();
      });
      let lines = 0;
      for await (const line of theirs.lines()) {
        expect(`${line}\n`).to.equal(text);
        lines++;
      }
      await writer.join();
      expect(lines).to.equal(40);
      await ours.close();
      await theirs.close();
    }));

  describe('whose other side trickles', () => {
    it('[INV-64] is closed at the deadline of a frame, and others are answered meanwhile', () =>
      run(async () => {
        await using listener = await tcp.listen();
        let late = 0;
        spawn(() =>
          listener.serve(
            async (peer) => {
              for await (const line of peer.lines({ timeout: 100 })) await peer.write(`${line}\n`);
            },
            { onError: (error) => (error instanceof TimeoutError ? late++ : undefined) },
          ),
        );
        const slow: Connection[] = [];
        for (let i = 0; i < 50; i++) slow.push(await tcp.connect(listener.address));
        const trickles = slow.map((each) => spawn(trickle, each));
        await using good = await tcp.connect(listener.address);
        for (let i = 0; i < 20; i++) {
          await good.write('hello\n');
          expect(String(await good.readUntil('\n'))).to.equal('hello\n');
        }
        await joinAll(trickles);
        for (const each of slow) await each.close();
        expect(late).to.be.at.least(50);
      }));
  });

  describe('whose other side is frozen', () => {
    it('[INV-61] [INV-69] lets who writes wait, and loses nothing when it goes on', () =>
      run(async () => {
        await using listener = await tcp.listen({ idleTimeout: 150 });
        const child = program(process.execPath, [
          path.join(support, 'sink.cjs'),
          String(listener.address.port),
        ]);
        try {
          await using connection = await listener.accept();
          child.kill('SIGSTOP');
          const piece = Buffer.alloc(256 << 10, 'x');
          let bytes = 0;
          let error: unknown;
          // What the system and the other side's system keep for it; then it stands.
          for (let round = 0; round < 1000 && error === undefined; round++) {
            try {
              await connection.write(piece);
              bytes += piece.length;
            } catch (stalled) {
              error = stalled;
            }
          }
          expect(error).to.be.instanceOf(TimeoutError);
          expect(String(error)).to.contain('nothing was sent for 150 ms');
          child.kill('SIGCONT');
          const said = new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
          await connection.write(piece);
          bytes += piece.length;
          await connection.end();
          expect(await said).to.equal(bytes);
        } finally {
          child.kill('SIGCONT');
          await ended(child);
        }
      }));
  });

  describe('when descriptors run out', () => {
    it('[INV-68] goes on with those that are open, and with new ones when there is room again', async () => {
      const ts = path.join(support, '..', '..', 'scripts', 'ts.cjs');
      const server = path.join(support, 'echo-server.ts');
      const child = program('/bin/sh', ['-c', `ulimit -n 80; exec "$0" "$@"`, process.execPath, ts, server]);
      try {
        const port = await new Promise<number>((resolve) =>
          child.stdout.once('data', (text) => resolve(Number(text))),
        );
        await run(async () => {
          const answered = async (connection: Connection): Promise<boolean> => {
            try {
              await connection.write('hello\n');
              return String(await connection.readUntil('\n', { timeout: 5000 })) === 'hello\n';
            } catch {
              return false;
            }
          };
          const all: Connection[] = [];
          for (let i = 0; i < 100; i++) all.push(await tcp.connect({ host: '127.0.0.1', port }));
          let served = 0;
          for (const connection of all) if (await answered(connection)) served++;
          expect(served).to.be.within(20, 90);
          for (const connection of all) await connection.close().catch(() => {});
          let recovered = false;
          for (let i = 0; i < 100 && !recovered; i++) {
            const connection = await tcp.connect({ host: '127.0.0.1', port });
            recovered = await answered(connection);
            await connection.close().catch(() => {});
          }
          expect(recovered).to.equal(true);
        });
        child.stdin.end();
        const [code, words] = await Promise.all([
          new Promise((resolve) => child.once('close', resolve)),
          new Promise((resolve) => child.stdout.once('data', resolve)),
        ]);
        expect([code, String(words)]).to.deep.equal([0, 'over\n']);
      } finally {
        await ended(child);
      }
    }).timeout(60_000);
  });

  it('[INV-67] [INV-68] is closed with the tasklet that holds it, whatever that was doing', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const doing: ((connection: Connection) => Promise<unknown>)[] = [
        (connection) => connection.read(),
        (connection) => connection.readUntil('\n'),
        (connection) => connection.write(Buffer.alloc(64 << 20)).then(() => connection.write('more')),
        async (connection) => {
          for await (const _ of connection.lines());
        },
      ];
      for (const deed of doing) {
        const tasklet = spawn(async () => {
          await using connection = await tcp.connect(listener.address);
          await deed(connection);
        });
        await using accepted = await listener.accept();
        for (let turn = 0; turn < 5; turn++) await schedule();
        // It has no time to clean up: what is not sent is dropped.
        tasklet.kill({ grace: 0 });
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        while ((await accepted.read().catch(() => undefined)) !== undefined);
      }
    }));
});
