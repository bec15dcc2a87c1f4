import * as nodeTls from 'node:tls';
import { connect as dialRaw } from 'node:net';
import { expect } from 'chai';
import { run, spawn, TimeoutError, schedule, StateError } from '../../lib/index.js';
import { call, StreamClosedError, tcp, tls, type Connection } from '../../lib/io/index.js';
import { cert, key } from '../support/certificate.js';
import { rejection } from '../support/rejection.js';

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

async function echo(peer: Connection): Promise<void> {
  for await (const line of peer.lines()) await peer.write(`${line}!\n`);
  await peer.end();
}

describe('tls', () => {
  it('is connected when the handshake is done, and knows what came of it', () =>
    run(async () => {
      await using listener = await tls.listen({ key, cert, ALPNProtocols: ['b', 'a'] });
      await using connection = await tls.connect({
        ...listener.address,
        host: 'localhost',
        ca: cert,
        ALPNProtocols: ['a', 'b'],
      });
      await using accepted = await listener.accept();
      expect(connection).to.include({
        authorized: true,
        alpnProtocol: 'b',
        servername: 'localhost',
        protocol: 'TLSv1.3',
      });
      expect(connection.authorizationError).to.equal(undefined);
      expect(connection.peerCertificate?.subject).to.include({ CN: 'localhost' });
      expect(connection.name).to.equal(`tls 127.0.0.1:${listener.address.port}`);
      expect(accepted).to.include({ authorized: false, alpnProtocol: 'b', servername: 'localhost' });
      expect(accepted.peerCertificate).to.equal(undefined);
      expect(accepted.remote).to.deep.equal(connection.local);
      spawn(echo, accepted);
      await connection.write('hello\n');
      expect(String(await connection.readUntil('\n'))).to.equal('hello!\n');
      await connection.end();
      expect(await connection.read()).to.equal(undefined);
    }));

  it('serves, and is half-open', () =>
    run(async () => {
      await using listener = await tls.listen({ key, cert });
      spawn(() =>
        listener.serve(async (peer) => {
          const all = await peer.readAll();
          await peer.write(String(all).toUpperCase());
        }),
      );
      await using connection = await tls.connect({ ...listener.address, ca: cert });
      await connection.write('hello');
      await connection.end();
      expect(String(await connection.readAll())).to.equal('HELLO');
    }));

  it('refuses a server that it does not trust, or that has another name, and says why', () =>
    run(async () => {
      const failures: string[] = [];
      await using listener = await tls.listen({
        key,
        cert,
        onHandshakeError: (_error, { host }) => failures.push(host),
      });
      expect(codeOf(await rejection(tls.connect(listener.address)))).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT');
      const other = { ...listener.address, ca: cert, servername: 'example.org' };
      expect(codeOf(await rejection(tls.connect(other)))).to.equal('ERR_TLS_CERT_ALTNAME_INVALID');
      await using all = await tls.connect({ ...listener.address, rejectUnauthorized: false });
      expect(all).to.include({ authorized: false, authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    }));

  it('asks a client for its certificate', () =>
    run(async () => {
      await using listener = await tls.listen({ key, cert, ca: cert, requestCert: true });
      await using connection = await tls.connect({ ...listener.address, ca: cert, cert, key });
      await using accepted = await listener.accept();
      expect(accepted.authorized).to.equal(true);
      expect(accepted.peerCertificate?.subject).to.include({ CN: 'localhost' });
      // In TLS 1.3 a client hears later that it was refused.
      await using stranger = await tls.connect({ ...listener.address, ca: cert });
      expect(await rejection(stranger.readExactly(1))).to.be.instanceOf(Error);
      expect(listener.waiting).to.equal(0);
      expect(connection.closed).to.equal(false);
    }));

  it('shows by the name that is asked for', () =>
    run(async () => {
      const asked: string[] = [];
      await using listener = await tls.listen({
        key,
        cert,
        SNICallback: (name, back) => {
          asked.push(name);
          back(null, nodeTls.createSecureContext({ key, cert }));
        },
      });
      await using connection = await tls.connect({ ...listener.address, ca: cert, servername: 'other.test' });
      expect(connection.servername).to.equal('other.test');
      expect(asked).to.deep.equal(['other.test']);
    }));

  it('tells of a handshake that fails, and goes on', () =>
    run(async () => {
      const failures: unknown[] = [];
      await using listener = await tls.listen({
        key,
        cert,
        onHandshakeError: (error) => failures.push(error),
      });
      await using plain = await tcp.connect(listener.address);
      await plain.write('GET / HTTP/1.1\r\n\r\n');
      await plain.readAll();
      expect(failures).to.have.length(1);
      expect(codeOf(failures[0])).to.match(/^ERR_SSL/);
      await using connection = await tls.connect({ ...listener.address, ca: cert });
      expect(connection.authorized).to.equal(true);
    }));

  it('gives a handshake no more than its time, on either side', () =>
    run(async () => {
      const failures: unknown[] = [];
      await using listener = await tls.listen({
        key,
        cert,
        handshakeTimeout: 30,
        onHandshakeError: (error) => failures.push(error),
      });
      await using silent = await tcp.connect(listener.address);
      expect(await silent.read()).to.equal(undefined);
      expect(failures.map(codeOf)).to.deep.equal(['ERR_TLS_HANDSHAKE_TIMEOUT']);
      await using mute = await tcp.listen();
      const error = await rejection(tls.connect({ ...mute.address, timeout: 30 }));
      expect(error).to.be.instanceOf(TimeoutError);
      expect(String(error)).to.contain(`handshake with tls 127.0.0.1:${mute.address.port}`);
    }));

  it('closes those who are at a handshake with the listener', () =>
    run(async () => {
      const listener = await tls.listen({ key, cert });
      await using silent = await tcp.connect(listener.address);
      await using next = await tls.connect({ ...listener.address, ca: cert });
      await listener.close();
      expect(await silent.read().catch(() => undefined)).to.equal(undefined);
      expect(next.authorized).to.equal(true);
    }));

  it('refuses more at once than may wait', () =>
    run(async () => {
      await using listener = await tls.listen({ key, cert, backlog: 1 });
      await using silent = await tcp.connect(listener.address);
      await using late = await tcp.connect(listener.address);
      expect(await late.read().catch(() => undefined)).to.equal(undefined);
      expect(silent.closed).to.equal(false);
    }));

  it('leaves no connection behind for which Node refuses an option', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const wrong = { ...listener.address, minVersion: 'TLSv0' as 'TLSv1.2' };
      expect(await rejection(tls.connect(wrong))).to.be.instanceOf(Error);
      await using accepted = await listener.accept();
      expect(await accepted.read().catch(() => undefined)).to.equal(undefined);
    }));

  it('gives a handshake no time at all when told so', () =>
    run(async () => {
      const failures: unknown[] = [];
      await using listener = await tls.listen({
        key,
        cert,
        handshakeTimeout: 0,
        onHandshakeError: (error) => failures.push(error),
      });
      await using silent = await tcp.connect(listener.address);
      expect(await silent.read({ timeout: 5000 })).to.equal(undefined);
      expect(failures.map(codeOf)).to.deep.equal(['ERR_TLS_HANDSHAKE_TIMEOUT']);
    }));

  it('refuses by name what an option must not be, before anything is begun', () =>
    run(async () => {
      const refused = async (names: readonly string[], begin: (wrong: object) => Promise<unknown>) => {
        for (const name of names) {
          const error = await rejection(begin({ [name]: 5 }));
          expect(error, name).to.be.instanceOf(TypeError).and.have.property('message').that.contains(name);
        }
      };
      const both = ['ALPNProtocols', 'rejectUnauthorized'];
      const client = [...both, 'servername', 'checkServerIdentity'];
      const server = [...both, 'requestCert', 'SNICallback'];
      await using listener = await tcp.listen();
      await refused(client, (wrong) => tls.connect({ ...listener.address, ...wrong }));
      await refused([...server, 'onHandshakeError'], (wrong) => tls.listen({ key, cert, ...wrong }));
      expect(listener.waiting).to.equal(0);
      await using plain = await tcp.connect(listener.address);
      await using other = await listener.accept();
      await refused([...client, 'signal'], (wrong) => tls.startClient(plain, wrong));
      await refused([...server, 'signal'], (wrong) => tls.startServer(plain, wrong));
      // It is still whose it was.
      await plain.write('hello');
      expect(String(await other.readExactly(5))).to.equal('hello');
    }));

  it('says what is wrong with a certificate when it begins to listen', async () => {
    expect(codeOf(await rejection(tls.listen({ key, cert: 'none' })))).to.be.a('string');
    expect(await rejection(tls.listen({ key, cert, tls: true } as object))).to.be.instanceOf(TypeError);
  });

  describe('startClient and startServer', () => {
    it('secure a plain connection on both sides, with nothing lost', () =>
      run(async () => {
        await using listener = await tcp.listen();
        spawn(async () => {
          const plain = await listener.accept();
          expect(String(await plain.readUntil('\n'))).to.equal('STARTTLS\n');
          await plain.write('go\n');
          await plain.flush();
          await using secure = await tls.startServer(plain, { key, cert });
          await echo(secure);
        });
        const plain = await tcp.connect(listener.address);
        await plain.write('STARTTLS\n');
        expect(String(await plain.readUntil('\n'))).to.equal('go\n');
        await using secure = await tls.startClient(plain, { ca: cert, servername: 'localhost' });
        await secure.write('hello\n');
        expect(String(await secure.readUntil('\n'))).to.equal('hello!\n');
        expect(secure.remote).to.deep.equal(listener.address);
        expect(secure.authorized).to.equal(true);
        expect(plain.closed).to.equal(true);
      }));

    it('take what the other side has said before', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const raw = dialRaw(listener.address);
        await call((back) => raw.once('connect', () => back()));
        const client = nodeTls.connect({ socket: raw, ca: cert, servername: 'localhost' });
        const plain = await listener.accept();
        expect(await rejection(plain.readExactly(10_000, { timeout: 20 }))).to.be.instanceOf(TimeoutError);
        await using secure = await tls.startServer(plain, { key, cert });
        await secure.write('hello');
        const got = await new Promise((resolve) => client.once('data', resolve));
        expect(String(got)).to.equal('hello');
        client.destroy();
      }));

    it('fail at once where nobody is any more', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const starts = [
          (plain: Connection) => tls.startClient(plain, { ca: cert, timeout: 5000 }),
          (plain: Connection) => tls.startServer(plain, { key, cert, timeout: 5000 }),
        ];
        for (const start of starts) {
          const ended = await tcp.connect(listener.address);
          (await listener.accept()).abort();
          expect(await ended.read()).to.equal(undefined);
          expect(await rejection(start(ended))).to.be.instanceOf(StreamClosedError);
          expect(ended.closed).to.equal(true);
          const closed = await tcp.connect(listener.address);
          await using _other = await listener.accept();
          await closed.close();
          expect(await rejection(start(closed))).to.be.instanceOf(StreamClosedError);
        }
      }));

    it('leave no connection behind when they are given up, and refuse one in use', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const plain = await tcp.connect(listener.address);
        await using other = await listener.accept();
        const reader = spawn(() => plain.read());
        await schedule();
        expect(await rejection(tls.startClient(plain, { ca: cert }))).to.be.instanceOf(StateError);
        reader.kill();
        await schedule();
        const begun = spawn(() => tls.startClient(plain, { ca: cert }));
        await schedule();
        expect(begun.blockedOn).to.equal(`handshake with tcp 127.0.0.1:${listener.address.port}`);
        begun.kill();
        while ((await other.read()) !== undefined);
      }));
  });
});
