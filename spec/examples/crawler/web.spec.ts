import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { expect } from 'chai';

import { AddressRefusedError } from '../../../examples/crawler/address.js';
import { BodyError } from '../../../examples/crawler/body.js';
import { Web } from '../../../examples/crawler/web.js';

const never = new AbortController().signal;

describe('crawler · Web', () => {
  let server: Server;
  let connections: number;
  let answer: RequestListener;
  let web: Web;
  let url: string;

  beforeEach(async () => {
    connections = 0;
    web = new Web({ userAgent: 'spec/1', maxBody: 1000, reach: 'loopback' });
    server = createServer((request, response) => {
      answer(request, response);
    });
    server.on('connection', () => (connections += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterEach(async () => {
    web[Symbol.dispose]();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });

  async function read(): Promise<string> {
    using got = await web.ask(url, never);
    return (await got.read(never)).toString();
  }

  async function failure(): Promise<unknown> {
    return await read().then(
      () => 'no failure',
      (error: unknown) => error,
    );
  }

  it('says who asks, and asks for nothing it could not read', async () => {
    answer = (request, response): void => {
      response.end(JSON.stringify(request.headers));
    };
    const headers = JSON.parse(await read()) as Record<string, string>;
    expect(headers['user-agent']).to.equal('spec/1');
    expect(headers['accept-encoding']).to.equal('gzip, br');
    expect(headers).not.to.have.any.keys('cookie', 'authorization', 'referer');
  });

  it('has the status and the headers before the body', async () => {
    answer = (_, response): void => {
      response.writeHead(404, { 'content-type': 'text/html', location: '/a', 'retry-after': '1' });
      response.flushHeaders();
    };
    using got = await web.ask(url, never);
    expect(got.status).to.equal(404);
    expect(got.header('content-type')).to.equal('text/html');
    expect(got.header('location')).to.equal('/a');
    expect(got.header('retry-after')).to.equal('1');
  });

  it('follows no redirect', async () => {
    answer = (_, response): void => {
      response.writeHead(301, { location: '/elsewhere' }).end();
    };
    using got = await web.ask(url, never);
    expect(got.status).to.equal(301);
  });

  it('uses a connection again when the answer was read', async () => {
    answer = (_, response): void => {
      response.end('a');
    };
    await read();
    await read();
    expect(connections).to.equal(1);
  });

  it('closes the connection when the answer was not read', async () => {
    const closed = new Promise((resolve) => {
      answer = (_, response): void => {
        response.once('close', resolve);
        response.write('a');
      };
    });
    {
      using got = await web.ask(url, never);
      expect(got.status).to.equal(200);
    }
    await closed;
  });

  for (const [name, pack] of [
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['GZIP', gzipSync],
    ['identity', Buffer.from],
  ] as [string, (text: string) => Buffer][]) {
    it(`unpacks ${name}`, async () => {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-encoding': name });
        response.end(pack('a text'));
      };
      expect(await read()).to.equal('a text');
    });
  }

  it('reads a body of just the limit, and not one byte more', async () => {
    answer = (_, response): void => {
      response.end('a'.repeat(1000));
    };
    expect(await read()).to.have.lengthOf(1000);
    answer = (_, response): void => {
      response.end('a'.repeat(1001));
    };
    expect(await failure())
      .to.be.instanceOf(BodyError)
      .with.property('code', 'ERR_BODY_TOO_LARGE');
  });

  it('stops reading a body without end', async () => {
    const closed = new Promise((resolve) => {
      answer = (_, response): void => {
        response.once('close', resolve);
        response.on('drain', () => response.write('a'.repeat(10_000)));
        while (response.write('a'.repeat(10_000)));
      };
    });
    expect(await failure()).to.have.property('code', 'ERR_BODY_TOO_LARGE');
    await closed;
  });

  it('stops unpacking what becomes too large', async () => {
    answer = (_, response): void => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(300_000)));
    };
    expect(await failure()).to.have.property('code', 'ERR_BODY_TOO_LARGE');
  });

  it('stops reading what unpacks into nothing', async () => {
    answer = (_, response): void => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      // Many empty archives, one after the other, are an empty text.
      response.end(Buffer.concat(Array.from({ length: 100 }, () => gzipSync(''))));
    };
    expect(await failure()).to.have.property('code', 'ERR_BODY_TOO_LARGE');
  });

  for (const name of ['deflate', 'gzip, br', 'zstd', 'rot13']) {
    it(`does not guess what ${name} is`, async () => {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-encoding': name }).end('a');
      };
      expect(await failure()).to.have.property('code', 'ERR_BODY_ENCODING');
    });
  }

  it('says so when a packed body is damaged or cut off', async () => {
    const packed = gzipSync('a text');
    for (const body of [packed.subarray(0, 15), Buffer.from('no gzip at all')]) {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
      };
      expect(await failure())
        .to.have.property('code')
        .that.matches(/^Z_/);
    }
  });

  it('says so when the connection breaks off in a body, however it is framed', async () => {
    for (const headers of [{ 'content-length': 100 }, {}]) {
      answer = (_, response): void => {
        response.writeHead(200, headers);
        response.write('half', () => response.socket?.destroy());
      };
      expect(await failure())
        .to.have.property('code')
        .that.is.oneOf(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
    }
  });

  it('reads a body of many small pieces', async () => {
    answer = (_, response): void => {
      response.socket?.setNoDelay(true);
      for (let n = 0; n < 900; n += 1) response.write('a');
      response.end();
    };
    expect(await read()).to.equal('a'.repeat(900));
  });

  it('breaks the request off while it waits for an answer', async () => {
    const killer = new AbortController();
    const closed = new Promise((resolve) => {
      answer = (_, response): void => {
        response.once('close', resolve);
        killer.abort();
      };
    });
    const error: unknown = await web.ask(url, killer.signal).catch((e: unknown) => e);
    expect(error).to.have.property('name', 'AbortError');
    await closed;
  });

  it('breaks the request off while it reads', async () => {
    const killer = new AbortController();
    const closed = new Promise((resolve) => {
      answer = (_, response): void => {
        response.once('close', resolve);
        response.write('a');
      };
    });
    using got = await web.ask(url, never);
    const reading = got.read(killer.signal).catch((e: unknown) => e);
    killer.abort();
    // Which error that is depends on the version of Node; whoever aborts does not look at it.
    expect(await reading).to.be.instanceOf(Error);
    await closed;
  });

  it('breaks the request off between the head and the body', async () => {
    const killer = new AbortController();
    const closed = new Promise((resolve) => {
      answer = (_, response): void => {
        response.once('close', resolve);
        response.write('a');
      };
    });
    await web.ask(url, killer.signal);
    killer.abort();
    await closed;
  });

  it('says that a connection was refused', async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
    server.listen();
    const error: unknown = await web.ask(url, never).catch((e: unknown) => e);
    expect(error).to.have.property('code', 'ECONNREFUSED');
  });

  it('does not connect to where it may not, by address or by name', async () => {
    using public_ = new Web({ userAgent: 'spec/1', maxBody: 1000, reach: 'public' });
    for (const host of ['127.0.0.1', 'localhost']) {
      const there = url.replace('127.0.0.1', host);
      const error: unknown = await public_.ask(there, never).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(AddressRefusedError);
    }
    expect(connections).to.equal(0);
  });
});
