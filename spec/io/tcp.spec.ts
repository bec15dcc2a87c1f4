import type { LookupFunction } from 'node:net';
import { expect } from 'chai';
import { run, schedule, spawn, TaskletKilledError, TimeoutError } from '../../lib/index.js';
import { Listener, tcp } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** A name that has these addresses. */
function named(...addresses: readonly string[]): LookupFunction {
  return (_host, options, back) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) back(null, all);
    else back(null, all[0]?.address ?? '', all[0]?.family);
  };
}

/** A port at which nobody listens. */
async function freePort(): Promise<number> {
  await using listener = await tcp.listen();
  return listener.address.port;
}

describe('tcp', () => {
  describe('connect', () => {
    it('[EV-90] says a line and hears it again', () =>
      run(async () => {
        await using listener = await tcp.listen();
        spawn(() =>
          listener.serve(async (peer) => {
            for await (const line of peer.lines()) await peer.write(`${line}!\n`);
          }),
        );
        await using connection = await tcp.connect(listener.address);
        await connection.write('hello\n');
        expect(String(await connection.readUntil('\n'))).to.equal('hello!\n');
      }));

    it('[EV-88] knows both ends, also when it is closed', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const connection = await tcp.connect(listener.address);
        await using accepted = await listener.accept();
        await connection.close();
        expect(connection.remote).to.deep.equal(listener.address);
        expect(accepted.remote).to.deep.equal(connection.local);
        expect(accepted.local).to.deep.equal(listener.address);
        expect(connection.name).to.equal(`tcp 127.0.0.1:${listener.address.port}`);
      }));

    it('says who refused, in the words of the system', async () => {
      const port = await freePort();
      const error = await rejection(tcp.connect({ host: '127.0.0.1', port }));
      expect(error).to.include({ code: 'ECONNREFUSED', syscall: 'connect', address: '127.0.0.1', port });
      expect((error as NodeJS.ErrnoException).errno).to.be.lessThan(0);
    });

    it('tries all addresses, and says in one error what came of each', async () => {
      const port = await freePort();
      const lookup = named('127.0.0.1', '127.0.0.2', '127.0.0.3');
      const error = (await rejection(tcp.connect({ host: 'many.test', port, lookup }))) as AggregateError;
      expect(error).to.be.instanceOf(AggregateError);
      expect(error.message).to.equal(
        `connect to tcp many.test:${port}: ` +
          [1, 2, 3].map((n) => `ECONNREFUSED 127.0.0.${n}:${port}`).join(', '),
      );
      expect(error).to.include({ code: 'ECONNREFUSED', syscall: 'connect' });
      expect(error.errors).to.have.length(3);
    });

    it('[D-25] is connected when one address answers, whatever the others say', () =>
      run(async () => {
        await using listener = await tcp.listen({ host: '127.0.0.1' });
        const lookup = named('::1', '127.0.0.2', '127.0.0.1');
        await using connection = await tcp.connect({
          host: 'many.test',
          port: listener.address.port,
          lookup,
        });
        expect(connection.remote).to.deep.equal(listener.address);
      }));

    it('[D-26] says that there is no such name', async () => {
      const lookup: LookupFunction = (host, _options, back) =>
        back(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }), []);
      const error = await rejection(tcp.connect({ host: 'none.test', port: 1, lookup }));
      expect(error).to.include({ code: 'ENOTFOUND' });
    });

    it('[INV-68] gives up when its time is over, and leaves no socket', () =>
      run(async () => {
        const lookup: LookupFunction = () => {};
        const error = await rejection(tcp.connect({ host: 'slow.test', port: 9, lookup, timeout: 5 }));
        expect(error).to.be.instanceOf(TimeoutError);
        expect((error as Error).message).to.equal('connect to tcp slow.test:9: timed out after 5 ms');
      }));

    it('[INV-68] can be killed and aborted while it connects, and while a name is looked up', () =>
      run(async () => {
        await using listener = await tcp.listen();
        for (const lookup of [named('127.0.0.1'), named('127.0.0.2', '127.0.0.1'), () => {}]) {
          const target = { host: 'a.test', port: listener.address.port, lookup };
          const tasklet = spawn(() => tcp.connect(target));
          await schedule();
          expect(tasklet.blockedOn).to.equal(`connect to tcp a.test:${listener.address.port}`);
          tasklet.kill();
          expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
          const controller = new AbortController();
          const aborted = spawn(() => tcp.connect({ ...target, signal: controller.signal }));
          await schedule();
          controller.abort('enough');
          expect(await rejection(aborted.join())).to.equal('enough');
          expect(await rejection(tcp.connect({ ...target, signal: AbortSignal.abort('no') }))).to.equal('no');
        }
      }));

    it('begins at the address and port it is told to', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const localPort = await freePort();
        const from = { localAddress: '127.0.0.1', localPort };
        await using connection = await tcp.connect({ ...listener.address, ...from });
        expect(connection.local).to.deep.equal({ host: '127.0.0.1', port: localPort });
      }));

    it('refuses options that are wrong or unknown, and names them', async () => {
      const told = async (options: object): Promise<string> =>
        String(await rejection(tcp.connect(options as tcp.TcpConnectOptions)));
      expect(await told({})).to.equal('TypeError: tcp.connect: port must be a number, not undefined');
      expect(await told({ port: 0 }))
        .to.contain('RangeError')
        .and.to.contain('port');
      expect(await told({ port: 65_536 }))
        .to.contain('RangeError')
        .and.to.contain('port');
      expect(await told({ port: 1, host: '' }))
        .to.contain('TypeError')
        .and.to.contain('host');
      expect(await told({ port: 1, prot: 2 })).to.contain("unknown option 'prot'");
      expect(await told({ port: 1, noDelay: 1 })).to.contain('noDelay');
      expect(await told({ port: 1, keepAlive: -1 })).to.contain('keepAlive');
      expect(await told({ port: 1, localPort: 'x' })).to.contain('localPort');
      expect(await told({ port: 1, lookup: 'x' })).to.contain('lookup');
      expect(await told({ port: 1, idleTimeout: -1 })).to.contain('idleTimeout');
      expect(await told({ port: 1, timeout: -1 })).to.contain('timeout');
    });
  });

  describe('listen', () => {
    it('takes a free port of this machine alone', () =>
      run(async () => {
        await using listener = await tcp.listen();
        expect(listener).to.be.instanceOf(Listener);
        expect(listener.address.host).to.equal('127.0.0.1');
        expect(listener.address.port).to.be.greaterThan(0);
        expect(listener.name).to.equal(`tcp 127.0.0.1:${listener.address.port}`);
      }));

    it('says that somebody else is there, in the words of the system', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const error = await rejection(tcp.listen(listener.address));
        expect(error).to.include({ code: 'EADDRINUSE', syscall: 'listen', port: listener.address.port });
      }));

    it('can be killed while it begins, and leaves nothing', () =>
      run(async () => {
        const tasklet = spawn(() => tcp.listen());
        await schedule();
        expect(tasklet.blockedOn).to.equal('listen on tcp 127.0.0.1:0');
        tasklet.kill();
        expect(await rejection(tasklet.join())).to.be.instanceOf(TaskletKilledError);
        expect(await rejection(tcp.listen({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
      }));

    it('refuses options that are wrong or unknown, and names them', async () => {
      const told = async (options: object): Promise<string> => String(await rejection(tcp.listen(options)));
      expect(await told({ port: -1 }))
        .to.contain('RangeError')
        .and.to.contain('port');
      expect(await told({ backlog: 0 }))
        .to.contain('RangeError')
        .and.to.contain('backlog');
      expect(await told({ idleTimeout: NaN }))
        .to.contain('RangeError')
        .and.to.contain('idleTimeout');
      expect(await told({ maxConnections: 1 })).to.contain("unknown option 'maxConnections'");
    });
  });
});
