import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect as dial } from 'node:net';
import { expect } from 'chai';
import {
  Channel,
  ChannelClosedError,
  current,
  defaultScheduler,
  Event,
  run,
  schedule,
  select,
  sleep,
  spawn,
  StateError,
  TaskletKilledError,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { tcp, type Connection, type Listener } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** Waits until `done` holds, which the world outside brings about. */
async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !done(); turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(done(), 'has come about').to.equal(true);
}

/** Connects as often, one after the other. */
async function clients(listener: Listener, count: number): Promise<Connection[]> {
  const all: Connection[] = [];
  for (let i = 0; i < count; i++) all.push(await tcp.connect(listener.address));
  return all;
}

async function close(connections: readonly Connection[]): Promise<void> {
  for (const connection of connections) await connection.close();
}

describe('Listener', () => {
  it('gives connections in the order in which they came, by iteration', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const some = await clients(listener, 3);
      const ports: number[] = [];
      for await (const connection of listener) {
        ports.push(connection.remote.port);
        await connection.close();
        if (ports.length === 3) break;
      }
      expect(ports).to.deep.equal(some.map(({ local }) => local.port));
      expect(listener.closed).to.equal(false);
      await close(some);
    }));

  it('is waited for like everything else, and says so', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const waiter = spawn(() => listener.accept());
      await schedule();
      expect(waiter.blockedOn).to.equal(`accept on tcp 127.0.0.1:${listener.address.port}`);
      expect(defaultScheduler.dump()).to.contain('accept on tcp 127.0.0.1:');
      waiter.kill();
      expect(await rejection(listener.accept({ timeout: 5 }))).to.be.instanceOf(TimeoutError);
      expect(await rejection(listener.accept({ signal: AbortSignal.abort('no') }))).to.equal('no');
      expect(listener.tryAccept()).to.equal(undefined);
      const quit = new Channel<string>({ name: 'quit' });
      spawn(() => quit.send('enough'));
      expect(await select({ it: listener.accepting(), quit: quit.receiving() })).to.deep.equal({
        case: 'quit',
        value: 'enough',
      });
      await using client = await tcp.connect(listener.address);
      const hit = await select({ it: listener.accepting(), quit: quit.receiving() });
      expect(hit.case).to.equal('it');
      if (hit.case === 'it') await hit.value.close();
      expect(client.closed).to.equal(false);
    }));

  it('reads nothing from a connection before somebody takes it, and then everything', () =>
    run(async () => {
      await using listener = await tcp.listen();
      const client = await tcp.connect(listener.address);
      await client.write('hello\n');
      await client.end();
      await until(() => listener.waiting === 1);
      await using accepted = await listener.accept();
      expect(accepted.tryRead()).to.equal(undefined);
      expect(String(await accepted.readUntil('\n'))).to.equal('hello\n');
      expect(await accepted.read()).to.equal(undefined);
      await accepted.write('late answer');
      await accepted.end();
      expect(String(await client.readAll())).to.equal('late answer');
      await client.close();
    }));

  it('lets `backlog` wait, refuses one more and counts it', () =>
    run(async () => {
      await using listener = await tcp.listen({ backlog: 2 });
      const some = await clients(listener, 3);
      await until(() => listener.dropped === 1);
      expect(listener.waiting).to.equal(2);
      expect(await some[2]?.read().catch(() => undefined)).to.equal(undefined);
      const [first] = [await listener.accept()];
      expect(first.remote).to.deep.equal(some[0]?.local);
      await using next = await tcp.connect(listener.address);
      await until(() => listener.waiting === 2);
      expect(next.closed).to.equal(false);
      await first.close();
      await close(some);
    }));

  it('tells those who wait when it is closed, and refuses those who wait to be accepted', () =>
    run(async () => {
      const listener = await tcp.listen();
      const some = await clients(listener, 1);
      await until(() => listener.waiting === 1);
      const { address } = listener;
      await listener.close();
      await listener.close();
      expect(await some[0]?.read().catch(() => undefined)).to.equal(undefined);
      expect(await rejection(listener.accept())).to.be.instanceOf(ChannelClosedError);
      expect(await listener.next()).to.deep.equal({ value: undefined, done: true });
      expect(await rejection(tcp.connect(address))).to.include({ code: 'ECONNREFUSED' });
      await close(some);

      const other = await tcp.listen();
      const waiter = spawn(() => other.accept());
      await schedule();
      await other.close();
      expect(await rejection(waiter.join())).to.be.instanceOf(ChannelClosedError);
    }));

  describe('serve', () => {
    it('[EV-91] handles each connection in a tasklet that is named after it, and closes it', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const names: string[] = [];
        const serving = spawn(() =>
          listener.serve(async (peer) => {
            names.push(current()?.name ?? '');
            await peer.write(`hello ${peer.remote.port}`);
          }),
        );
        const some = await clients(listener, 3);
        for (const client of some) {
          expect(String(await client.readAll())).to.equal(`hello ${client.local.port}`);
        }
        expect(names).to.deep.equal(some.map(({ local }) => `tcp 127.0.0.1:${local.port}`));
        await listener.close();
        await serving.join();
        await close(some);
      }));

    it('runs no more handlers than it may, and takes no connection before it may', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const gate = new Channel<void>();
        let running = 0;
        let most = 0;
        spawn(() =>
          listener.serve(
            async () => {
              most = Math.max(most, ++running);
              await gate.receive();
              running--;
            },
            { concurrency: 2 },
          ),
        );
        const some = await clients(listener, 5);
        await until(() => running === 2 && listener.waiting === 3);
        for (let i = 0; i < 5; i++) await gate.send();
        for (const client of some) expect(await client.read()).to.equal(undefined);
        expect([most, listener.dropped]).to.deep.equal([2, 0]);
        await close(some);
      }));

    it('[D-27] closes the connection of a handler that fails, tells why, and goes on', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const told: string[] = [];
        spawn(() =>
          listener.serve(
            async (peer) => {
              const line = String(await peer.readUntil('\n', { keep: false }));
              await peer.write('so far\n');
              if (line === 'bad') throw new Error('bad line');
            },
            {
              onError: (error, peer) => told.push(`${String(error)} of ${peer.remote.port}, ${peer.closed}`),
            },
          ),
        );
        const [bad, good] = await clients(listener, 2);
        await bad?.write('bad\n');
        expect(String(await bad?.readAll())).to.equal('so far\n');
        await good?.write('good\n');
        expect(String(await good?.readAll())).to.equal('so far\n');
        await schedule();
        expect(told).to.deep.equal([`Error: bad line of ${bad?.local.port}, true`]);
        await bad?.close();
        await good?.close();
      }));

    it('tells of a connection that breaks under its handler', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const told = new Channel<unknown>();
        spawn(() => listener.serve((peer) => peer.readUntil('\n'), { onError: (error) => told.send(error) }));
        const socket = dial(listener.address);
        socket.write('half a ', () => socket.resetAndDestroy());
        expect(await told.receive()).to.include({ code: 'ERR_INCOMPLETE_READ' });
      }));

    it('emits a warning where nobody is to be told', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const warned = new Promise<Error & { code?: string; detail?: string }>((resolve) => {
          process.once('warning', resolve);
        });
        const silent = process.stderr.write.bind(process.stderr);
        process.stderr.write = () => true;
        try {
          spawn(() => listener.serve(() => Promise.reject(new Error('bad day'))));
          await using client = await tcp.connect(listener.address);
          await client.read();
          const warning = await warned;
          expect(warning).to.include({ name: 'HandlerWarning', code: 'ERR_HANDLER' });
          expect(warning.message).to.equal(`the handler of tcp 127.0.0.1:${client.local.port} failed`);
          expect(warning.detail).to.contain('Error: bad day');
        } finally {
          process.stderr.write = silent;
        }
      }));

    it('ends with what its `onError` throws, and ends the others', () =>
      run(async () => {
        const listener = await tcp.listen();
        const log: string[] = [];
        const serving = spawn(() =>
          listener.serve(
            async (peer) => {
              try {
                if (String(await peer.readUntil('\n')) === 'bad\n') throw new Error('bad line');
              } finally {
                log.push('over');
              }
            },
            {
              onError: (error) => {
                throw error;
              },
            },
          ),
        );
        const [one, two] = await clients(listener, 2);
        await two?.write('bad\n');
        expect(await rejection(serving.join())).to.include({ message: 'bad line' });
        expect(log).to.deep.equal(['over', 'over']);
        expect(listener.closed).to.equal(true);
        expect(await one?.read()).to.equal(undefined);
        await one?.close();
        await two?.close();
      }));

    it('[INV-68] killed, kills its handlers, waits for their end, and closes everything', () =>
      run(async () => {
        const listener = await tcp.listen();
        const log: string[] = [];
        const serving = spawn(() =>
          listener.serve(async (peer) => {
            try {
              await peer.read();
            } finally {
              await peer.write('bye');
              log.push('cleaned');
            }
          }),
        );
        const some = await clients(listener, 2);
        await until(() => defaultScheduler.tasklets().length >= 4);
        await schedule();
        serving.kill();
        expect(await rejection(serving.join())).to.be.instanceOf(TaskletKilledError);
        expect(log).to.deep.equal(['cleaned', 'cleaned']);
        for (const client of some) expect(String(await client.readAll())).to.equal('bye');
        expect(await rejection(tcp.connect(listener.address))).to.include({ code: 'ECONNREFUSED' });
        await close(some);
      }));

    it('refuses options that are wrong or unknown, and names them', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const told = async (handler: unknown, options?: object): Promise<string> =>
          String(await rejection(listener.serve(handler as () => void, options)));
        expect(await told(7)).to.contain('handler must be a function');
        expect(await told(() => {}, { concurrency: 0 }))
          .to.contain('RangeError')
          .and.to.contain('concurrency');
        expect(await told(() => {}, { onError: 7 })).to.contain('onError');
        expect(await told(() => {}, { limit: 1 })).to.contain("unknown option 'limit'");
        expect(listener.closed).to.equal(false);
      }));
  });

  describe('close', () => {
    /** Serves one client whose handler answers `line` when it is let go, and `killed` when it is not. */
    async function busy(): Promise<{ listener: Listener; client: Connection; go: Event; log: string[] }> {
      const listener = await tcp.listen();
      const go = new Event();
      const log: string[] = [];
      spawn(() =>
        listener.serve(async (peer) => {
          try {
            await peer.readUntil('\n');
            log.push('begun');
            await go.wait();
            await peer.write('done');
            log.push('done');
          } finally {
            log.push('over');
          }
        }),
      );
      const client = await tcp.connect(listener.address);
      await client.write('hello\n');
      await until(() => log.length === 1);
      return { listener, client, go, log };
    }

    it('kills handlers and closes their connections', () =>
      run(async () => {
        const { listener, client, log } = await busy();
        await listener.close();
        expect(log).to.deep.equal(['begun', 'over']);
        expect(await client.read().catch(() => undefined)).to.equal(undefined);
        await client.close();
      }));

    it('lets handlers come to their end, if it is graceful', () =>
      run(async () => {
        const { listener, client, go, log } = await busy();
        const closing = spawn(() => listener.close({ graceful: true }));
        await schedule();
        expect(await rejection(tcp.connect(listener.address))).to.include({ code: 'ECONNREFUSED' });
        expect([closing.alive, listener.closed]).to.deep.equal([true, true]);
        go.set();
        await closing.join();
        expect(log).to.deep.equal(['begun', 'done', 'over']);
        expect(String(await client.readAll())).to.equal('done');
        await client.close();
      }));

    it('kills those that have not ended in time', () =>
      run(async () => {
        const { listener, client, log } = await busy();
        await listener.close({ graceful: true, timeout: 10 });
        expect(log).to.deep.equal(['begun', 'over']);
        await client.close();
      }));

    it('kills them when the time of who closes it is up, and raises that', () =>
      run(async () => {
        const { listener, client, log } = await busy();
        const closing = timeout(1, () => listener.close({ graceful: true, timeout: 60_000 }));
        expect(await rejection(closing)).to.be.instanceOf(TimeoutError);
        await listener.close();
        expect(log).to.deep.equal(['begun', 'over']);
        await client.close();
      }));

    it('kills them when it is killed itself', () =>
      run(async () => {
        const { listener, client, log } = await busy();
        const closing = spawn(() => listener.close({ graceful: true }));
        await schedule();
        closing.kill();
        await listener.close();
        expect(log).to.deep.equal(['begun', 'over']);
        await client.close();
      }));

    it('comes just when a connection was taken, which is refused then', () =>
      run(async () => {
        const listener = await tcp.listen();
        let handled = 0;
        const serving = spawn(() =>
          listener.serve(() => {
            handled++;
          }),
        );
        await schedule();
        const come = 'net.server.socket';
        const closing = new Promise<void>((resolve, reject) => {
          // Node says so when the connection was handed over, and nobody had a turn yet.
          const close = (): void => {
            unsubscribe(come, close);
            listener.close().then(resolve, reject);
          };
          subscribe(come, close);
        });
        await using client = await tcp.connect(listener.address);
        await closing;
        await serving.join();
        expect(handled).to.equal(0);
        expect(await client.read().catch(() => undefined)).to.equal(undefined);
      }));

    it('can be asked for by a handler, unless that would wait for itself', () =>
      run(async () => {
        const listener = await tcp.listen();
        let told: unknown;
        const serving = spawn(() =>
          listener.serve(async () => {
            told = await rejection(listener.close({ graceful: true }));
            await listener.close();
          }),
        );
        await using client = await tcp.connect(listener.address);
        await serving.join();
        expect(told).to.be.instanceOf(StateError);
        expect(await client.read().catch(() => undefined)).to.equal(undefined);
      }));

    it('happens at the end of a scope, however that is left', () =>
      run(async () => {
        let address: Listener['address'] | undefined;
        const tasklet = spawn(async () => {
          await using listener = await tcp.listen();
          ({ address } = listener);
          await sleep(Infinity);
        });
        await until(() => address !== undefined);
        tasklet.kill();
        await rejection(tasklet.join());
        expect(await rejection(tcp.connect(address!))).to.include({ code: 'ECONNREFUSED' });
      }));

    it('refuses options that are wrong or unknown, and names them', () =>
      run(async () => {
        await using listener = await tcp.listen();
        const told = async (options: object): Promise<string> =>
          String(await rejection(listener.close(options)));
        expect(await told({ graceful: 1 })).to.contain('graceful must be a boolean');
        expect(await told({ timeout: -1 }))
          .to.contain('RangeError')
          .and.to.contain('timeout');
        expect(await told({ force: true })).to.contain("unknown option 'force'");
      }));
  });
});
