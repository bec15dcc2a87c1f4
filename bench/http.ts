// What does it cost to ask and to answer over HTTP? The other side is another process.
//
// The floors are what somebody would write by hand over `node:http`: they cannot be killed, and know no deadlines.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import type { Library, Meter, Program, Question } from './harness/question.js';

const workers = 50;
const page = 4000;

/** A site whose pages take 5 ms each. It says its port, and ends with its standard input. */
const site = String.raw`
  const body = Buffer.alloc(${page}, 'x');
  const server = require('node:http').createServer((_, response) => setTimeout(() => response.end(body), 5));
  server.keepAliveTimeout = 60000;
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.on('end', () => process.exit()).resume();
`;

/** Clients that ask for one thing after another. They say how many answers were right. */
const clients = String.raw`
  const net = require('node:net');
  const [port, count] = JSON.parse(process.argv[1]);
  let left = count, right = 0, open = ${workers};
  for (let n = 0; n < ${workers}; n++) {
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    const ask = () => (left-- > 0 ? socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n') : socket.end());
    socket.on('connect', ask).on('data', (bytes) => {
      text += bytes.latin1Slice();
      if (!text.endsWith('\r\n\r\nhello')) return;
      if (text.startsWith('HTTP/1.1 200 OK\r\n')) right++;
      text = '';
      ask();
    });
    socket.on('close', () => { if (--open === 0) console.log(right); });
  }
`;

/** Runs `program` in another process. @returns its lines, and how to end it. */
function beside(
  program: string,
  ...args: readonly unknown[]
): { line(): Promise<number>; end(): Promise<void> } {
  const child = spawn(process.execPath, ['-e', program, JSON.stringify(args)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    line: async () => Number((await lines.next()).value),
    end: async () => {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}

/** Asks for a page, and gives its length. */
type Get = (url: string) => Promise<number>;

/** So many pages, each asked for by whichever worker is free. @returns how many were whole. */
async function crawl(size: number, meter: Meter, get: Get, go: (work: () => Promise<void>) => Promise<void>) {
  const server = beside(site);
  const port = await server.line();
  let next = 0;
  let whole = 0;
  meter.start();
  await go(async () => {
    while (next < size) {
      const length = await get(`http://127.0.0.1:${port}/${next++}`);
      if (length === page) whole++;
    }
  });
  meter.stop();
  await server.end();
  return whole;
}

function crawledBy(get: () => { get: Get; end(): void }): Program {
  return async (size, meter) => {
    const client = get();
    const whole = await crawl(size, meter, client.get, async (work) => {
      await Promise.all(Array.from({ length: workers }, work));
    });
    client.end();
    return whole;
  };
}

function byHand(): { get: Get; end(): void } {
  const agent = new http.Agent({ keepAlive: true });
  const get: Get = (url) =>
    new Promise((resolve, reject) => {
      const request = http.get(url, { agent }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => resolve(Buffer.concat(pieces).length));
        response.on('error', reject);
      });
      request.on('error', reject);
    });
  return { get, end: () => agent.destroy() };
}

function fetching(): { get: Get; end(): void } {
  return { get: async (url) => (await (await fetch(url)).arrayBuffer()).byteLength, end: () => {} };
}

function ours({ io, run, TaskGroup }: Library): Program {
  return async (size, meter) => {
    const { HttpClient } = await io();
    const client = new HttpClient();
    const get: Get = async (url) => (await (await client.request(url)).body.readAll()).length;
    const whole = await run(() =>
      crawl(size, meter, get, (work) =>
        TaskGroup.run((group) => {
          for (let n = 0; n < workers; n++) group.spawn(work);
        }),
      ),
    );
    client.close();
    return whole;
  };
}

async function asked(port: number, size: number, meter: Meter): Promise<number> {
  meter.start();
  const right = await beside(clients, port, size).line();
  meter.stop();
  return right;
}

const bare: Program = async (size, meter) => {
  const server = http.createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const right = await asked((server.address() as AddressInfo).port, size, meter);
  server.close();
  server.closeAllConnections();
  return right;
};

function served({ io, run }: Library): Program {
  return async (size, meter) => {
    const { serveHttp } = await io();
    return run(async () => {
      const server = await serveHttp(() => 'hello');
      const right = await asked(server.port, size, meter);
      await server.close();
      return right;
    });
  };
}

export const questions: readonly Question[] = [
  {
    name: 'http-crawl',
    asks: `pages of ${page} bytes that take 5 ms each, ${workers} at a time`,
    unit: 'page',
    metric: 'time',
    size: 2000,
    tiny: 60,
    operations: (size) => size,
    answer: (size) => size,
    floors: { 'node:http by hand': crawledBy(byHand), fetch: crawledBy(fetching) },
    evergreen: (library) => ({ HttpClient: ours(library) }),
  },
  {
    name: 'http-hello',
    asks: `answers of five bytes, ${workers} connections`,
    unit: 'answer',
    metric: 'time',
    size: 20_000,
    tiny: 60,
    operations: (size) => size,
    answer: (size) => size,
    floors: { 'node:http by hand': bare },
    evergreen: (library) => ({ serveHttp: served(library) }),
  },
];
