import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { lookup } from 'node:dns';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { run, schedule, sleep, spawn, TaskletKilledError, timeout, TimeoutError } from '../../lib/index.js';
import { call, HttpClient, IncompleteReadError, LimitExceededError, request } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';

/** A server of Node's on loopback, and what has come there. */
class Site implements AsyncDisposable {
  connections = 0;
  readonly asked: string[] = [];
  private readonly server: Server;

  constructor(answer: (...args: Parameters<RequestListener>) => unknown) {
    this.server = createServer((message, response) => {
      this.asked.push(`${message.method} ${message.url}`);
      answer(message, response);
    });
    this.server.on('connection', () => this.connections++);
  }

  async listen(): Promise<string> {
    await call((callback) => this.server.listen(0, '127.0.0.1', () => callback()));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await call((callback) => this.server.close(() => callback()));
  }
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const bytes of message) text += String(bytes);
  return text;
}

describe('HttpClient', () => {
  it('asks, and gives status, headers and body', () =>
    run(async () => {
      await using site = new Site((message, response) => {
        response.writeHead(404, { 'content-type': 'text/plain', 'x-a': '1' });
        response.end(`no ${message.url} for ${message.headers['user-agent']}`);
      });
      const url = await site.listen();
      using client = new HttpClient();
      await using answer = await client.request(`${url}/page?q=1`, { headers: { 'User-Agent': 'spec' } });
      expect([answer.status, answer.ok, answer.url]).to.deep.equal([404, false, `${url}/page?q=1`]);
      expect(answer.headers).to.include({ 'content-type': 'text/plain', 'x-a': '1' });
      expect(await answer.text()).to.equal('no /page?q=1 for spec');
    }));

  it('sends bodies that are there, and bodies that come', () =>
    run(async () => {
      await using site = new Site(async (message, response) => {
        const { 'content-length': length, 'transfer-encoding': coding } = message.headers;
        response.end(JSON.stringify([message.method, length, coding, await bodyOf(message)]));
      });
      const url = await site.listen();
      using client = new HttpClient();
      const say = async (options: Parameters<typeof request>[1]): Promise<unknown> =>
        (await client.request(url, options)).json();
      expect(await say({ body: 'hällo' })).to.deep.equal(['POST', '6', null, 'hällo']);
      const bytes = new Uint8Array([65, 66]);
      expect(await say({ method: 'PUT', body: bytes })).to.deep.equal(['PUT', '2', null, 'AB']);
      const coming = async function* (): AsyncGenerator<string> {
        yield 'one ';
        await sleep(1);
        yield 'two';
      };
      expect(await say({ body: coming() })).to.deep.equal(['POST', null, 'chunked', 'one two']);
    }));

  it('raises what a body raises that comes, and breaks the request off', () =>
    run(async () => {
      let broken = false;
      const isBroken = (): boolean => broken || site.asked.length === 0;
      await using site = new Site((message) => {
        message.on('error', () => (broken = true));
        message.resume();
      });
      using client = new HttpClient();
      const failing = async function* (): AsyncGenerator<string> {
        yield 'one';
        throw new Error('no more');
      };
      const error = await rejection(client.request(await site.listen(), { body: failing() }));
      expect(String(error)).to.equal('Error: no more');
      while (!isBroken()) await sleep(1);
    }));

  it('keeps a connection for the next request when the answer was read, and not otherwise', () =>
    run(async () => {
      await using site = new Site((_, response) => response.end('x'.repeat(100_000)));
      const url = await site.listen();
      using client = new HttpClient();
      for (let i = 0; i < 3; i++) await (await client.request(url)).text();
      expect(site.connections).to.equal(1);
      await (await client.request(url)).close();
      await (await client.request(url)).text();
      expect(site.connections).to.equal(2);
    }));

  it('opens no more connections to a host than it may', () =>
    run(async () => {
      await using site = new Site((_, response) => response.end('x'));
      const url = await site.listen();
      using client = new HttpClient({ connections: 2 });
      const tasklets = Array.from({ length: 10 }, () =>
        spawn(async () => (await client.request(url)).text()),
      );
      for (const tasklet of tasklets) expect(await tasklet.join()).to.equal('x');
      expect(site.connections).to.equal(2);
    }));

  it('reads a body as fast as its reader does', () =>
    run(async () => {
      let sent = 0;
      await using site = new Site((_, response) => {
        const more = (): void => {
          while (sent < 64 * 1024 * 1024) {
            sent += 65_536;
            if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
          }
        };
        more();
      });
      using client = new HttpClient();
      await using answer = await client.request(await site.listen());
      await answer.body.readExactly(10);
      for (let before = -1; before !== sent;) {
        before = sent;
        await sleep(50);
      }
      expect(sent).to.be.below(32 * 1024 * 1024);
    }));

  it('can be given up before the answer: by a timeout, a signal, a kill', () =>
    run(async () => {
      let gone = 0;
      await using site = new Site((message) => message.socket.on('close', () => gone++));
      const url = await site.listen();
      using client = new HttpClient();
      expect(await rejection(client.request(url, { timeout: 10 }))).to.be.instanceOf(TimeoutError);
      const signal = AbortSignal.timeout(10);
      expect(await rejection(client.request(url, { signal }))).to.equal(signal.reason);
      const asker = spawn(() => client.request(url));
      // Of those that were given up, some may never have come.
      for (const before = site.asked.length; site.asked.length === before;) await sleep(1);
      expect(asker.blockedOn).to.equal(`GET ${url}/`);
      asker.kill();
      expect(await rejection(asker.join())).to.be.instanceOf(TaskletKilledError);
      while (gone < site.asked.length) await sleep(1);
    }));

  it('can be given up in the middle of the body, which closes the connection', () =>
    run(async () => {
      let gone = false;
      await using site = new Site((message, response) => {
        message.socket.on('close', () => (gone = true));
        response.write('some');
      });
      const url = await site.listen();
      using client = new HttpClient();
      const error = await rejection(
        timeout(20, async () => {
          await using answer = await client.request(url);
          await answer.text();
        }),
      );
      expect(error).to.be.instanceOf(TimeoutError);
      while (!gone) await sleep(1);
    }));

  it('says that a body was cut short', () =>
    run(async () => {
      await using site = new Site((_, response) => {
        response.writeHead(200, { 'content-length': 10 });
        response.write('half', () => response.destroy());
      });
      using client = new HttpClient();
      await using answer = await client.request(await site.listen());
      const error = await rejection(answer.text());
      expect(error).to.be.instanceOf(IncompleteReadError);
      expect(error).to.have.nested.property('cause.code', 'ECONNRESET');
      expect(String((error as IncompleteReadError).partial)).to.equal('half');
    }));

  it('reads no more than it is allowed to', () =>
    run(async () => {
      await using site = new Site((_, response) => response.end('x'.repeat(1001)));
      using client = new HttpClient();
      await using answer = await client.request(await site.listen());
      expect(await rejection(answer.text({ maxBytes: 1000 }))).to.be.instanceOf(LimitExceededError);
    }));

  it('keeps the code of the system', () =>
    run(async () => {
      const site = new Site(() => {});
      const url = await site.listen();
      await site[Symbol.asyncDispose]();
      using client = new HttpClient();
      expect(await rejection(client.request(url))).to.include({ code: 'ECONNREFUSED', syscall: 'connect' });
    }));

  it('tries again when a kept connection was closed as it was used again', () =>
    run(async () => {
      let answered = 0;
      // Ends the connection as soon as a second request comes on it.
      const server = createTcpServer((socket: Socket) => {
        let requests = 0;
        socket.on('error', () => {});
        socket.on('data', () => {
          if (++requests > 1) return void socket.resetAndDestroy();
          answered++;
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
      });
      await call((callback) => server.listen(0, '127.0.0.1', () => callback()));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      using client = new HttpClient();
      for (let i = 0; i < 3; i++) expect(await (await client.request(url)).text()).to.equal('ok');
      expect(answered).to.equal(3);
      expect(await rejection(client.request(url, { method: 'POST' }))).to.have.property('code', 'ECONNRESET');
      client.close();
      await call((callback) => server.close(() => callback()));
    }));

  it('refuses what it cannot do before it asks', () =>
    run(async () => {
      using client = new HttpClient();
      expect(await rejection(client.request('file:///etc/passwd'))).to.be.instanceOf(TypeError);
      expect(await rejection(client.request('no url'))).to.be.instanceOf(TypeError);
      for (const options of [{ redirects: -1 }, { body: 7 }, { follow: 1 }]) {
        const error = await rejection(client.request('http://127.0.0.1:1/', options as object));
        expect(error instanceof TypeError || error instanceof RangeError).to.equal(true);
      }
      expect(() => new HttpClient({ connections: 0 })).to.throw(RangeError, 'connections');
      const signal = AbortSignal.abort(new Error('no'));
      expect(String(await rejection(client.request('http://127.0.0.1:1/', { signal })))).to.equal(
        'Error: no',
      );
    }));

  it('finds addresses as it is told to', () =>
    run(async () => {
      await using site = new Site((_, response) => response.end('x'));
      const { port } = new URL(await site.listen());
      const names: string[] = [];
      using client = new HttpClient({
        lookup: (name, options, callback) => {
          names.push(name);
          lookup('127.0.0.1', options, callback);
        },
      });
      await (await client.request(`http://elsewhere.test:${port}/`)).text();
      expect(names).to.deep.equal(['elsewhere.test']);
    }));

  it('is shared by those who make none', () =>
    run(async () => {
      await using site = new Site((_, response) => response.setHeader('connection', 'close').end('x'));
      expect(await (await request(await site.listen())).text()).to.equal('x');
    }));
});

describe('HttpClient · redirects', () => {
  /** `/301/path` redirects there with that status; everything else says what it was asked. */
  const site = (): Site =>
    new Site(async (message, response) => {
      const [, status, to] = /^\/(30\d)(.*)$/.exec(message.url ?? '') ?? [];
      if (status !== undefined) return void response.writeHead(Number(status), { location: to }).end('moved');
      const { authorization = null } = message.headers;
      response.end(JSON.stringify([message.method, message.url, await bodyOf(message), authorization]));
    });

  it('are answers unless they are to be followed', () =>
    run(async () => {
      await using here = site();
      const url = await here.listen();
      using client = new HttpClient();
      const answer = await client.request(`${url}/301/a`);
      expect([answer.status, answer.headers.location, await answer.text()]).to.deep.equal([
        301,
        '/a',
        'moved',
      ]);
      const second = await client.request(`${url}/301/302/a`, { redirects: 1 });
      expect([second.status, second.url, await second.text()]).to.deep.equal([302, `${url}/302/a`, 'moved']);
    }));

  it('are followed, with the method and the body that they ask for', () =>
    run(async () => {
      await using here = site();
      const url = await here.listen();
      using client = new HttpClient();
      const say = async (path: string, options?: object): Promise<unknown> =>
        (await client.request(url + path, { redirects: 5, ...options })).json();
      expect(await say('/301/302/303/a')).to.deep.equal(['GET', '/a', '', null]);
      expect(await say('/302/a', { body: 'b' })).to.deep.equal(['GET', '/a', '', null]);
      expect(await say('/303/a', { method: 'PUT', body: 'b' })).to.deep.equal(['GET', '/a', '', null]);
      expect(await say('/307/308/a', { method: 'PUT', body: 'b' })).to.deep.equal(['PUT', '/a', 'b', null]);
      expect(here.connections).to.equal(1);
    }));

  it('take no secrets to another host', () =>
    run(async () => {
      await using here = site();
      await using there = site();
      const [one, two] = [await here.listen(), await there.listen()];
      using client = new HttpClient();
      const options = { redirects: 2, headers: { Authorization: 'secret' } };
      const same = await client.request(`${one}/302/a`, options);
      expect(await same.json()).to.deep.equal(['GET', '/a', '', 'secret']);
      const other = await client.request(`${one}/302${two}/a`, options);
      expect(await other.json()).to.deep.equal(['GET', '/a', '', null]);
    }));

  it('are answers where they lead nowhere, or ask for a body that is gone', () =>
    run(async () => {
      await using here = site();
      const url = await here.listen();
      using client = new HttpClient();
      const answer = await client.request(`${url}/302file:///etc/passwd`, { redirects: 5 });
      expect([answer.status, await answer.text()]).to.deep.equal([302, 'moved']);
      const body = (async function* () {
        await schedule();
        yield 'x';
      })();
      const second = await client.request(`${url}/307/a`, { redirects: 5, body });
      expect([second.status, await second.text()]).to.deep.equal([307, 'moved']);
    }));
});
