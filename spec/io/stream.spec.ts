import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { run, schedule, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { ByteStream, call, IncompleteReadError } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** Two ends of a TCP connection. */
async function pair(): Promise<{ ours: Socket; theirs: Socket; stop: () => Promise<void> }> {
  const server: Server = createServer({ allowHalfOpen: true });
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await call((callback) => server.listen(0, '127.0.0.1', () => callback()));
  const ours = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  await call((callback) => ours.once('connect', () => callback()));
  const theirs = await accepted;
  return {
    ours,
    theirs,
    stop: async () => {
      ours.destroy();
      theirs.destroy();
      await call((callback) => server.close(() => callback()));
    },
  };
}

describe('ByteStream', () => {
  it('reads and writes lines over a socket', () =>
    run(async () => {
      const { ours, theirs, stop } = await pair();
      const a = new ByteStream(ours);
      const b = new ByteStream(theirs);
      spawn(async () => {
        for await (const line of b.lines()) await b.write(`${line}!\n`);
        await b.end();
      });
      await a.write('hello\nworld\n');
      expect(String(await a.readUntil('\n'))).to.equal('hello!\n');
      expect(String(await a.readUntil('\n', { keep: false }))).to.equal('world!');
      await a.end();
      expect(await a.read()).to.equal(undefined);
      await a.close();
      await b.close();
      await stop();
    }));

  it('leaves everything in place when a read is given up', () =>
    run(async () => {
      const inner = new PassThrough();
      const stream = new ByteStream(inner, { name: 'x' });
      inner.write('hello wo');
      expect(await rejection(stream.readUntil('\n', { timeout: 5 }))).to.be.instanceOf(TimeoutError);
      const reader = spawn(() => stream.readExactly(11));
      await schedule();
      expect(reader.blockedOn).to.equal("read on stream 'x'");
      expect(String(await rejection(stream.read()))).to.contain("tasklet 'main' cannot read");
      reader.kill();
      expect(await rejection(reader.join())).to.be.instanceOf(TaskletKilledError);
      inner.end('rld');
      expect(String(await stream.readExactly(5))).to.equal('hello');
      const error = await rejection(stream.readUntil(['\n', '\r\n']));
      expect(error).to.be.instanceOf(IncompleteReadError);
      expect(String((error as IncompleteReadError).partial)).to.equal(' world');
      expect(String(await stream.read())).to.equal(' world');
      await stream.close();
    }));
});
