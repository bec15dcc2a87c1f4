import { expect } from 'chai';
import { ChannelClosedError, run, schedule, select, spawn, TimeoutError } from '../../lib/index.js';
import { StreamClosedError, udp } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** Waits until `done` holds, which the world outside brings about. */
async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !done(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(done(), 'has come about').to.equal(true);
}

describe('udp', () => {
  it('[EV-96] sends a datagram and hears it again, with where it came from', () =>
    run(async () => {
      await using server = await udp.bind();
      await using client = await udp.bind();
      spawn(async () => {
        for await (const { data, from } of server) await server.send(data, from);
      });
      await client.send('hello', server.local);
      const { data, from } = await client.receive();
      expect([String(data), from]).to.deep.equal(['hello', server.local]);
      await client.send(Buffer.from([1, 2]), server.local);
      expect([...(await client.receive()).data]).to.deep.equal([1, 2]);
    }));

  it('hears only from where it is connected to', () =>
    run(async () => {
      await using server = await udp.bind();
      await using stranger = await udp.bind();
      await using client = await udp.connect(server.local);
      expect(client.remote).to.deep.equal(server.local);
      await stranger.send('not for you', client.local);
      await client.send('hello');
      const { from } = await server.receive();
      await server.send('back', from);
      expect(String((await client.receive()).data)).to.equal('back');
      expect(client.waiting).to.equal(0);
      expect(await rejection(client.send('x', server.local))).to.be.instanceOf(TypeError);
      expect(await rejection(server.send('x'))).to.be.instanceOf(TypeError);
    }));

  it('tells once that nobody was there', () =>
    run(async () => {
      const gone = await udp.bind();
      const { local } = gone;
      gone.close();
      await using client = await udp.connect(local);
      await client.send('hello').catch(() => {});
      expect(codeOf(await rejection(client.receive({ timeout: 5000 })))).to.equal('ECONNREFUSED');
      expect(await rejection(client.receive({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
    }));

  it('is closed, and drops the oldest, also when that is an error of which nobody has heard', () =>
    run(async () => {
      const gone = await udp.bind();
      const { local } = gone;
      gone.close();
      const closed = await udp.connect(local);
      await using client = await udp.connect({ ...local, limit: 1, overflow: 'drop-oldest' });
      for (const endpoint of [closed, client]) await endpoint.send('hello').catch(() => {});
      await until(() => closed.waiting === 1 && client.waiting === 1);
      closed.close();
      expect(closed.waiting).to.equal(0);
      await using server = await udp.bind(local);
      await server.send('late', client.local);
      await until(() => client.dropped === 1);
      expect(String(client.tryReceive()?.data)).to.equal('late');
    }));

  it('keeps what comes up to a limit, and counts what it drops', () =>
    run(async () => {
      await using newest = await udp.bind({ limit: 2 });
      await using oldest = await udp.bind({ limit: 2, overflow: 'drop-oldest' });
      await using client = await udp.bind();
      for (const word of ['a', 'b', 'c', 'd']) {
        await client.send(word, newest.local);
        await client.send(word, oldest.local);
      }
      await until(() => newest.dropped === 2 && oldest.dropped === 2);
      const heard = (endpoint: udp.Endpoint): string => {
        let words = '';
        for (let got = endpoint.tryReceive(); got !== undefined; got = endpoint.tryReceive())
          words += String(got.data);
        return words;
      };
      expect([heard(newest), heard(oldest)]).to.deep.equal(['ab', 'cd']);
    }));

  it('is waited for like everything else', () =>
    run(async () => {
      await using server = await udp.bind();
      await using client = await udp.bind();
      const waiter = spawn(() => server.receive());
      await schedule();
      expect(waiter.blockedOn).to.equal(`receive on udp 127.0.0.1:${server.local.port}`);
      waiter.kill();
      expect(await rejection(server.receive({ timeout: 0 }))).to.be.instanceOf(TimeoutError);
      expect(await rejection(server.receive({ signal: AbortSignal.abort('no') }))).to.equal('no');
      await client.send('hello', server.local);
      const hit = await select({ a: client.receiving(), b: server.receiving() });
      expect([hit.case, String(hit.value.data)]).to.deep.equal(['b', 'hello']);
    }));

  it('[EV-97] [EV-98] [D-24] wakes who waits when it is closed, and refuses afterwards', () =>
    run(async () => {
      const endpoint = await udp.bind();
      const waiter = spawn(() => endpoint.receive());
      const loop = spawn(async () => {
        for await (const _ of endpoint);
        return 'over';
      });
      await schedule();
      endpoint.close();
      endpoint.close();
      expect(await rejection(waiter.join())).to.be.instanceOf(ChannelClosedError);
      expect(await loop.join()).to.equal('over');
      expect(await rejection(endpoint.receive())).to.be.instanceOf(ChannelClosedError);
      expect(await rejection(endpoint.send('x', endpoint.local))).to.be.instanceOf(StreamClosedError);
      expect(endpoint.closed).to.equal(true);
    }));

  it('wakes who waits to send to a name when it is closed', () =>
    run(async () => {
      const endpoint = await udp.bind();
      const sender = spawn(() => endpoint.send('hello', { host: 'localhost', port: 9 }));
      await schedule();
      expect(sender.blockedOn).to.equal(`send on udp 127.0.0.1:${endpoint.local.port}`);
      endpoint.close();
      expect(await rejection(sender.join({ timeout: 5000 }))).to.be.instanceOf(StreamClosedError);
    }));

  it('sends to a group, and to all', () =>
    run(async () => {
      await using member = await udp.bind({ host: '0.0.0.0', reuseAddress: true });
      await using client = await udp.bind();
      const { port } = member.local;
      member.join('239.1.2.3', '127.0.0.1');
      client.setMulticast({ at: '127.0.0.1', ttl: 0, loopback: true });
      await client.send('hello', { host: '239.1.2.3', port });
      expect(String((await member.receive({ timeout: 5000 })).data)).to.equal('hello');
      member.leave('239.1.2.3', '127.0.0.1');
      client.setTtl(1);
      expect(codeOf(await rejection(client.send('x', { host: '255.255.255.255', port })))).to.equal('EACCES');
      client.setBroadcast(true);
    }));

  it('says what the system has against it, and leaves nothing open', () =>
    run(async () => {
      await using endpoint = await udp.bind();
      expect(codeOf(await rejection(udp.bind(endpoint.local)))).to.equal('EADDRINUSE');
      expect(codeOf(await rejection(endpoint.send(Buffer.alloc(70_000), endpoint.local)))).to.equal(
        'EMSGSIZE',
      );
      expect(await rejection(udp.bind({ port: 1.5 }))).to.be.instanceOf(RangeError);
      expect(await rejection(udp.bind({ prot: 1 } as object))).to.be.instanceOf(TypeError);
      expect(await rejection(udp.bind({ limit: 0 }))).to.be.instanceOf(RangeError);
      expect(await rejection(udp.bind({ overflow: 'error' } as object))).to.be.instanceOf(TypeError);
      expect(() => {
        endpoint.setMulticast({ tll: 3 } as object);
      }).to.throw(TypeError, "setMulticast: unknown option 'tll'");
      expect(await rejection(endpoint.send(7 as unknown as string, endpoint.local))).to.be.instanceOf(
        TypeError,
      );
    }));

  it('is not left behind when the wait for it is given up', () =>
    run(async () => {
      const binding = spawn(() => udp.bind());
      const connecting = spawn(() => udp.connect({ port: 9 }));
      await schedule();
      expect(binding.blockedOn).to.equal('bind udp 127.0.0.1:0');
      binding.kill();
      connecting.kill();
    }));
});
