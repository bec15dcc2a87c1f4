import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { run, spawn } from '../../lib/index.js';
import { call, pipe, StreamClosedError } from '../../lib/io/index.js';
import { Folder } from '../support/folder.js';
import { rejection } from '../support/rejection.js';

describe('pipe', () => {
  const folder = new Folder();
  after(() => folder.remove());

  it('[EV-94] says a line and hears it again', () =>
    run(async () => {
      await using listener = await pipe.listen({ path: folder.at('echo') });
      spawn(() => listener.serve((peer) => peer.pipeTo(peer)));
      await using connection = await pipe.connect(listener.address);
      await connection.write('hello\n');
      expect(String(await connection.readUntil('\n'))).to.equal('hello\n');
      expect(connection.remote).to.deep.equal({ path: folder.at('echo') });
      expect(listener.name).to.equal(`pipe ${folder.at('echo')}`);
      await connection.end();
      expect(await connection.read()).to.equal(undefined);
    }));

  it('[EV-95] refuses to read when it is closed', () =>
    run(async () => {
      await using listener = await pipe.listen({ path: folder.at('closed') });
      const connection = await pipe.connect(listener.address);
      await connection.close();
      expect(await rejection(connection.read())).to.be.instanceOf(StreamClosedError);
    }));

  it('removes its path when it is closed', () =>
    run(async () => {
      const listener = await pipe.listen({ path: folder.at('gone') });
      expect(existsSync(folder.at('gone'))).to.equal(true);
      await listener.close();
      expect(existsSync(folder.at('gone'))).to.equal(false);
    }));

  it('says that nobody is there, in the words of the system', async () => {
    const error = await rejection(pipe.connect({ path: folder.at('none') }));
    expect(error).to.include({ code: 'ENOENT', syscall: 'connect', address: folder.at('none') });
    expect(await rejection(pipe.connect({} as { path: string }))).to.be.instanceOf(TypeError);
    const never = { path: folder.at('none'), idleTimeout: -1 };
    expect(await rejection(pipe.connect(never))).to.be.instanceOf(RangeError);
    expect(await rejection(pipe.listen(never))).to.be.instanceOf(RangeError);
  });

  describe('where a path is taken', () => {
    it('replaces what nobody listens at any more, if it is told to', () =>
      run(async () => {
        const path = folder.at('stale');
        // What a process leaves behind that was not asked to end.
        const server = createServer();
        await call((back) => server.listen(path, () => back()));
        renameSync(path, folder.at('aside'));
        await call((back) => server.close(() => back()));
        renameSync(folder.at('aside'), path);
        expect(await rejection(pipe.listen({ path }))).to.include({ code: 'EADDRINUSE' });
        await using listener = await pipe.listen({ path, replaceStale: true });
        await using connection = await pipe.connect(listener.address);
        expect(connection.closed).to.equal(false);
      }));

    it('replaces no file', () =>
      run(async () => {
        const path = folder.at('file');
        writeFileSync(path, 'precious');
        expect(await rejection(pipe.listen({ path, replaceStale: true }))).to.include({ code: 'EADDRINUSE' });
        expect(readFileSync(path, 'utf8')).to.equal('precious');
      }));

    it('replaces no living listener', () =>
      run(async () => {
        await using listener = await pipe.listen({ path: folder.at('alive') });
        const path = folder.at('alive');
        expect(await rejection(pipe.listen({ path, replaceStale: true }))).to.include({ code: 'EADDRINUSE' });
        await using connection = await pipe.connect({ path });
        expect(connection.closed).to.equal(false);
        expect(listener.closed).to.equal(false);
      }));
  });
});
