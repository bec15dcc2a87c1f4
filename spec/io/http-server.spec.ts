import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect } from 'chai';
import {
  Channel,
  run,
  sleep,
  spawn,
  StateError,
  TaskletExit,
  timeout,
  TimeoutError,
} from '../../lib/index.js';
import { HttpClient, serveHttp, type HttpHandler, type ServeHttpOptions } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** Serves `handler` while `main` asks. */
function serving(
  handler: HttpHandler,
  main: (ask: HttpClient['request'], url: string) => Promise<void>,
  options?: ServeHttpOptions,
): Promise<void> {
  return run(async () => {
    await using server = await serveHttp(handler, options);
    using client = new HttpClient();
    await main((path, given) => client.request(new URL(path, server.url), given), server.url);
  });
}

/** A connection on which HTTP is spoken by hand. */
async function byHand(url: string, text: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

describe('serveHttp', () => {
  it('answers with what a handler gives back', () =>
    serving(
      async (request) => {
        switch (request.url) {
          case '/text':
            return 'text';
          case '/bytes':
            return Buffer.from('bytes');
          case '/full':
            return { status: 201, headers: { 'x-a': ['1', '2'], 'x-b': undefined }, body: 'full' };
          case '/nothing':
            return undefined;
          default:
            return { status: 404 };
        }
      },
      async (ask) => {
        const say = async (path: string): Promise<unknown> => {
          const answer = await ask(path);
          return [answer.status, answer.headers['content-length'], await answer.text()];
        };
        expect(await say('/text')).to.deep.equal([200, '4', 'text']);
        expect(await say('/bytes')).to.deep.equal([200, '5', 'bytes']);
        expect(await say('/full')).to.deep.equal([201, '4', 'full']);
        expect(await say('/nothing')).to.deep.equal([204, undefined, '']);
        expect(await say('/else')).to.deep.equal([404, '0', '']);
        const full = await ask('/full', { method: 'HEAD' });
        expect(full.headers).to.include({ 'x-a': '1, 2', 'content-length': '4' }).and.not.have.key('x-b');
        expect(await full.text()).to.equal('');
      },
    ));

  it('hands over method, path, headers and body', () =>
    serving(
      async (request) =>
        JSON.stringify([
          request.method,
          request.url,
          request.headers['x-a'],
          request.remoteAddress,
          await request.json(),
        ]),
      async (ask) => {
        const answer = await ask('/a?b', { method: 'PUT', headers: { 'X-A': '1' }, body: '{"n":7}' });
        expect(await answer.json()).to.deep.equal(['PUT', '/a?b', '1', '127.0.0.1', { n: 7 }]);
      },
    ));

  it('answers with what comes: from a channel, from the request itself', () =>
    serving(
      (request) => {
        if (request.url === '/echo') return request.body;
        const events = new Channel<string>();
        spawn(async () => {
          for (let n = 1; n <= 3; n++) await events.send(`data: ${n}\n\n`);
          events.close();
        });
        return { headers: { 'content-type': 'text/event-stream' }, body: events };
      },
      async (ask) => {
        const events = await ask('/events');
        expect(await events.text()).to.equal('data: 1\n\ndata: 2\n\ndata: 3\n\n');
        const body = 'x'.repeat(1_000_000);
        expect(await (await ask('/echo', { body })).text()).to.equal(body);
      },
    ));

  it('gives a body as fast as it is taken', () => {
    let given = 0;
    const piece = Buffer.alloc(65_536);
    const endless = async function* (): AsyncGenerator<Buffer> {
      while (given < 1024 * 1024 * 1024) {
        given += piece.length;
        yield piece;
      }
    };
    return serving(
      () => endless(),
      async (ask) => {
        await using answer = await ask('/');
        await answer.body.readExactly(1);
        for (let before = -1; before !== given;) {
          before = given;
          await sleep(50);
        }
        expect(given).to.be.below(64 * 1024 * 1024);
      },
    );
  });

  it('answers 500 when a handler throws, tells it, and goes on', () => {
    const told: unknown[] = [];
    return serving(
      (request) => {
        if (request.url === '/good') return 'good';
        throw new Error(`no ${request.url}`);
      },
      async (ask) => {
        const answer = await ask('/bad');
        expect([answer.status, await answer.text()]).to.deep.equal([500, 'Internal Server Error\n']);
        expect(await (await ask('/good')).text()).to.equal('good');
        expect(told).to.deep.equal(['Error: no /bad at /bad']);
      },
      { onError: (error, { url }) => told.push(`${String(error)} at ${url}`) },
    );
  });

  it('cuts an answer short whose body throws, so that nobody takes it for whole', () => {
    const told: unknown[] = [];
    return serving(
      async function* () {
        yield 'some';
        await sleep(1);
        throw new Error('no more');
      },
      async (ask) => {
        await using answer = await ask('/');
        expect(await rejection(answer.text())).to.have.property('code', 'ERR_INCOMPLETE_READ');
        expect(told).to.deep.equal(['Error: no more']);
      },
      { onError: (error) => told.push(String(error)) },
    );
  });

  it('warns of an error when nobody asks for it', async () => {
    const warned = once(process, 'warning');
    await serving(
      () => {
        throw new Error('unasked');
      },
      async (ask) => {
        expect((await ask('/x')).status).to.equal(500);
      },
    );
    const [warning] = (await warned) as [Error & { detail: string }];
    expect(warning).to.include({ code: 'ERR_HANDLER', message: 'the handler of GET /x failed' });
    expect(warning.detail).to.contain('Error: unasked');
  });

  it('kills a handler when the other side is gone', () => {
    const story: string[] = [];
    return serving(
      async () => {
        story.push('begun');
        try {
          await sleep(Infinity);
        } catch (error) {
          if (error instanceof TaskletExit) story.push(String(error.cause));
          throw error;
        }
        return 'never';
      },
      async (ask, url) => {
        const asker = spawn(() => ask('/'));
        while (story.length < 1) await sleep(1);
        asker.kill();
        while (story.length < 2) await sleep(1);
        const socket = await byHand(url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
        while (story.length < 3) await sleep(1);
        socket.resetAndDestroy();
        while (story.length < 4) await sleep(1);
        const gone = 'the other side is gone';
        expect(story).to.deep.equal(['begun', gone, 'begun', gone]);
      },
    );
  });

  it('does not take the rest of a body for a request', () =>
    serving(
      async (request) => {
        if (request.url === '/some') await request.body.readExactly(1);
        return 'ok';
      },
      async (ask) => {
        for (const path of ['/some', '/none', '/some']) {
          const answer = await ask(path, { body: 'GET /evil HTTP/1.1\r\n\r\n'.repeat(10_000) });
          expect([answer.status, await answer.text()]).to.deep.equal([200, 'ok']);
        }
      },
    ));

  it('runs no more handlers at a time than it may', () => {
    let now = 0;
    let most = 0;
    return serving(
      async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
        return 'ok';
      },
      async (ask) => {
        const asking = Array.from({ length: 6 }, () => spawn(async () => (await ask('/')).text()));
        for (const each of asking) expect(await each.join()).to.equal('ok');
        expect(most).to.equal(2);
      },
      { concurrency: 2 },
    );
  });

  it('says what the system says when it cannot listen, and leaves nothing', () =>
    run(async () => {
      await using server = await serveHttp(() => 'x');
      const { port } = server;
      expect(server.url).to.equal(`http://127.0.0.1:${port}/`);
      expect(await rejection(serveHttp(() => 'x', { port }))).to.include({
        code: 'EADDRINUSE',
        syscall: 'listen',
      });
      expect(await rejection(serveHttp('x' as never))).to.be.instanceOf(TypeError);
      expect(await rejection(serveHttp(() => 'x', { ports: 1 } as object))).to.be.instanceOf(TypeError);
    }));
});

describe('serveHttp · close', () => {
  it('kills the handlers, waits for their clean-up, and closes the connections', () =>
    run(async () => {
      const story: string[] = [];
      const server = await serveHttp(async () => {
        try {
          await sleep(Infinity);
        } finally {
          await sleep(5);
          story.push('cleaned up');
        }
        return 'never';
      });
      using client = new HttpClient();
      const asking = spawn(() => rejection(client.request(server.url)));
      while (server.size === 0) await sleep(1);
      const waiting = spawn(() => server.wait());
      await server.close();
      story.push('closed');
      expect(await asking.join()).to.have.property('code', 'ECONNRESET');
      await waiting.join();
      expect(story).to.deep.equal(['cleaned up', 'closed']);
      expect(await rejection(client.request(server.url))).to.have.property('code', 'ECONNREFUSED');
      await server.close();
    }));

  it('answers what has come when it is graceful, and keeps no connection', () =>
    run(async () => {
      const go = new Channel<void>();
      const server = await serveHttp(async (request) => {
        if (request.url === '/slow') await go.receive();
        return request.url;
      });
      using client = new HttpClient();
      const url = server.url;
      await (await client.request(`${url}idle`)).text();
      const asking = spawn(async () => (await client.request(`${url}slow`)).text());
      while (server.size === 0) await sleep(1);
      const closing = spawn(() => server.close({ graceful: true }));
      await sleep(5);
      expect(await rejection(client.request(url))).to.have.property('code', 'ECONNREFUSED');
      await go.send();
      expect(await asking.join()).to.equal('/slow');
      await closing.join();
    }));

  it('is graceful only for so long', () =>
    run(async () => {
      const server = await serveHttp(() => sleep(Infinity).then(() => 'never'));
      const socket = await byHand(server.url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      while (server.size === 0) await sleep(1);
      await server.close({ graceful: true, timeout: 10 });
      expect(server.size).to.equal(0);
      if (!socket.closed) await once(socket, 'close');
    }));

  it('is done at once when who waits for a graceful one is killed', () =>
    run(async () => {
      const server = await serveHttp(() => sleep(Infinity).then(() => 'never'));
      const socket = await byHand(server.url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      while (server.size === 0) await sleep(1);
      const closer = spawn(() => server.close({ graceful: true }));
      await sleep(1);
      closer.kill();
      await rejection(closer.join());
      await server.wait();
      if (!socket.closed) await once(socket, 'close');
    }));

  it('is done at once when the time of who waits for a graceful one is up, which is raised', () =>
    run(async () => {
      const server = await serveHttp(() => sleep(Infinity).then(() => 'never'));
      const socket = await byHand(server.url, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      while (server.size === 0) await sleep(1);
      const closing = timeout(1, () => server.close({ graceful: true, timeout: 60_000 }));
      expect(await rejection(closing)).to.be.instanceOf(TimeoutError);
      expect(server.size).to.equal(0);
      if (!socket.closed) await once(socket, 'close');
    }));

  it('is refused to a handler, which would wait for itself', () =>
    run(async () => {
      let failure: unknown;
      await using server = await serveHttp(async () => {
        failure = await rejection(server.close({ graceful: true }));
        return 'ok';
      });
      using client = new HttpClient();
      expect(await (await client.request(server.url)).text()).to.equal('ok');
      expect(failure).to.be.instanceOf(StateError);
      expect(await rejection(server.close({ grace: 1 } as object))).to.be.instanceOf(TypeError);
    }));
});
