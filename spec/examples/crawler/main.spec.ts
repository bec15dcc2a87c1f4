import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { expect } from 'chai';

import { fromLine } from '../../../examples/crawler/page.js';
import type { Page } from '../../../examples/crawler/page.js';

const root = resolve(__dirname, '../../..');

interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** The crawler as its user starts it, against the built package. */
function start(...args: string[]): { child: ChildProcess; outcome: Promise<Outcome> } {
  const program = ['scripts/ts.cjs', 'examples/crawler/main.ts', ...args];
  const child = spawn(process.execPath, program, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code, signal], out, err]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      out,
      err,
    }),
  );
  return { child, outcome };
}

function crawler(...args: string[]): Promise<Outcome> {
  return start(...args).outcome;
}

describe('crawler · the program', function () {
  this.timeout(60_000);

  let folder: string;
  let output: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crawler-'));
    output = join(folder, 'pages.jsonl');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function pages(): Promise<Page[]> {
    const lines = (await readFile(output, 'utf8')).split('\n');
    expect(lines.pop(), 'the last line is whole').to.equal('');
    return lines.map(fromLine);
  }

  describe('without a URL', () => {
    it('crawls its own site, and finds exactly what is there', async () => {
      const { code, out, err } = await crawler('--output', output);
      expect(err.replace(/^.*\d+ pages, .*\n/gm, '')).to.equal('');
      expect(code).to.equal(0);
      const [, site = ''] = /^Crawling (http:\/\/127\.0\.0\.1:\d+\/)$/m.exec(out) ?? [];
      const summary = out.replaceAll(site, '/').split('\n');
      expect(summary).to.include.members([
        '  pages      301 of 333 URLs',
        '  statuses   200 × 309   204 × 1   301 × 13   302 × 1   307 × 4   404 × 3   410 × 1   500 × 1',
        '  left out   3 (robots.txt)   4 (another site)   1 (too many redirects)',
      ]);
      const first = summary.indexOf('  broken links (14)');
      const broken = summary.slice(first + 1, summary.indexOf('', first));
      expect(broken).to.deep.equal([
        ...['    /bomb: larger than 5000000 bytes', '      on /odd/'],
        ...['    /broken: 500', '      on /odd/'],
        ...['    /dropped: connection broke off', '      on /odd/'],
        ...['    /far/1: too many redirects', '      on /odd/'],
        ...['    /gone: 410', '      on /odd/'],
        ...['    /huge: larger than 5000000 bytes', '      on /odd/'],
        ...['    /leaving/file: a redirect to nowhere', '      on /odd/'],
        ...['    /loop/a: redirects in a circle', '      on /odd/ and 1 more'],
        ...['    /loop/self: redirects in a circle', '      on /odd/ and 1 more'],
        ...['    /missing/%1B[31mred: 404', '      on /links/escapes'],
        ...['    /missing/1: 404', '      on /odd/'],
        ...['    /missing/2: 404', '      on /odd/'],
        ...['    /nowhere: a redirect to nowhere', '      on /odd/'],
        ...['    /packed/odd: packed as rot13', '      on /odd/'],
      ]);
      expect(summary).to.include('  slowest');

      const written = await pages();
      expect(written).to.have.lengthOf(333);
      expect(new Set(written.map(({ url }) => url)).size).to.equal(333);
      const attempts = new Map(written.map(({ url, attempts: n }) => [new URL(url).pathname, n]));
      const busy = ['/', '/flaky', '/busy', '/dropped', '/broken', '/huge'];
      expect(busy.map((path) => attempts.get(path))).to.deep.equal([1, 3, 2, 3, 1, 1]);
    });

    it('hands no control character to whoever reads its output', async () => {
      const { out, err } = await crawler('--max-pages', '400');
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(out + err).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    });

    it('goes on where it has ended, on the same port', async () => {
      const first = await crawler('--output', output, '--max-pages', '100');
      expect(first.code).to.equal(0);
      expect(await pages()).to.have.lengthOf(100);
      const [, port = ''] = /127\.0\.0\.1:(\d+)/.exec(first.out) ?? [];
      const second = await crawler('--output', output, '--resume', '--port', port);
      expect(second.out).to.include('  pages      301 of 333 URLs');
      expect(new Set((await pages()).map(({ url }) => url)).size).to.equal(333);
      const third = await crawler('--output', output, '--resume', '--port', port);
      expect(third.out).to.include('  pages      301 of 333 URLs');
      expect(await pages()).to.have.lengthOf(333);
    });
  });

  describe('with a URL', () => {
    const PAGES = 40;
    let server: Server;
    let url: string;
    let asked: string[];
    /** Whether to answer the request for this page. */
    let answers: (path: string) => boolean;
    /** One more link on every page. */
    let extra: string;

    beforeEach(async () => {
      asked = [];
      extra = '/';
      answers = (): boolean => true;
      await listen(0);
    });

    afterEach(async () => {
      await end();
    });

    /** A page that names all the others, and these. */
    async function listen(port: number): Promise<void> {
      server = createServer((request, response) => {
        const path = request.url ?? '';
        asked.push(path);
        if (!answers(path)) return;
        const names = path === '/' ? Array.from({ length: PAGES }, (_, n) => n + 1) : ['and back'];
        const status = /^\/\d*$/.test(path) ? 200 : 404;
        response.writeHead(status, { 'content-type': 'text/html' });
        response.write(`<a href="${extra}">more</a>`);
        response.end(
          names.map((name) => `<a href="/${typeof name === 'number' ? name : ''}">${name}</a>`).join(),
        );
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    }

    async function end(): Promise<void> {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    }

    it('does not crawl this machine unless it is allowed to', async () => {
      const refused = await crawler(url);
      expect(refused.code).to.equal(1);
      expect(refused.out).to.include('0 of');
      expect(asked).to.deep.equal([]);
      const allowed = await crawler(url, '--allow-loopback');
      expect(allowed.code).to.equal(0);
      expect(allowed.out).to.include(`${PAGES + 1} of ${PAGES + 1} URLs`);
    });

    it('does not crawl this machine by a name for it either', async () => {
      const refused = await crawler(url.replace('127.0.0.1', 'localhost'));
      expect(refused.code).to.equal(1);
      expect(asked).to.deep.equal([]);
    });

    it('ends on Ctrl-C, with a whole file and a summary, and can go on', async () => {
      const { child, outcome } = start(url, '--allow-loopback', '--output', output, '--concurrency', '3');
      answers = (path): boolean => {
        if (path !== '/20') return true;
        child.kill('SIGINT');
        return false;
      };
      const { code, out } = await outcome;
      expect(code).to.equal(130);
      expect(out).to.match(/Interrupted with \d+ pages still to visit/);
      const written = await pages();
      expect(written.map((page) => new URL(page.url).pathname))
        .to.include('/10')
        .and.not.to.include('/20');

      answers = (): boolean => true;
      const again = await crawler(url, '--allow-loopback', '--output', output, '--resume');
      expect(again.code).to.equal(0);
      const urls = (await pages()).map((page) => page.url);
      expect(urls).to.have.lengthOf(PAGES + 1);
      expect(new Set(urls).size).to.equal(PAGES + 1);
    });

    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      it(`ends on ${signal} while it asks for robots.txt`, async () => {
        const { child, outcome } = start(url, '--allow-loopback');
        answers = (): boolean => {
          child.kill(signal);
          return false;
        };
        expect((await outcome).code).to.equal(expected);
        expect(asked).to.deep.equal(['/robots.txt']);
      });
    }

    it('ends at once when Ctrl-C is pressed a second time', async function () {
      // A pipe that nobody empties holds up the last page for ever.
      if (process.platform === 'win32') return;
      const pipe = join(folder, 'pipe');
      await promisify(execFile)('mkfifo', [pipe]);
      const reader = await open(pipe, 'r+');
      try {
        extra = `/${'long/'.repeat(400)}`;
        const { child, outcome } = start(url, '--allow-loopback', '--output', pipe, '--delay', '0');
        // Two lines of progress that tell of the same pages: it is stuck.
        let last = '';
        for await (const line of createInterface(child.stderr as Readable)) {
          const [, pages = ''] = /: (\d+ pages)/.exec(line) ?? [];
          if (pages === last) child.kill('SIGINT');
          last = pages;
        }
        const { code, signal, out } = await outcome;
        expect({ code, signal }).to.deep.equal({ code: null, signal: 'SIGINT' });
        expect(out).not.to.include('Interrupted');
      } finally {
        await reader.close();
      }
    });

    it('crawls another site that belongs to the crawl, and no third one', async () => {
      const first = server;
      const firstUrl = url;
      await listen(0);
      const [second, secondUrl] = [server, url];
      try {
        extra = secondUrl;
        const args = [firstUrl, '--allow-loopback', '--max-pages', '500'];
        expect((await crawler(...args)).out).to.include(`${PAGES + 1} of ${PAGES + 1} URLs`);
        const both = await crawler(...args, '--also', secondUrl);
        expect(both.out).to.include(`${2 * PAGES + 2} of ${2 * PAGES + 2} URLs`);
      } finally {
        await end();
        server = first;
      }
      expect(second.listening).to.equal(false);
    });

    it('ends when the site dies, says so, and can go on when it is back', async () => {
      answers = (path): boolean => {
        if (path !== '/20') return true;
        void end();
        return false;
      };
      const args = [url, '--allow-loopback', '--output', output, '--concurrency', '2'];
      const { code, out } = await crawler(...args, '--retries', '1');
      expect(code).to.equal(1);
      expect(out).to.include('connection refused').and.to.include('the host stopped answering');
      answers = (): boolean => true;
      await listen(Number(new URL(url).port));
      const again = await crawler(...args, '--resume');
      expect(again.code).to.equal(0);
      expect(again.out)
        .to.include(`${PAGES + 1} of ${PAGES + 1} URLs`)
        .and.to.include('no broken links');
    });

    it('waits between two requests to one host', async () => {
      const began = performance.now();
      await crawler(url, '--allow-loopback', '--max-pages', '4', '--delay', '200');
      expect(performance.now() - began).to.be.at.least(800);
    });

    it('will not go on with the file of another crawl', async () => {
      await crawler(url, '--allow-loopback', '--max-pages', '1', '--output', output);
      const { code, err } = await crawler(
        'http://127.0.0.1:1/',
        '--allow-loopback',
        '--output',
        output,
        '--resume',
      );
      expect(code).to.equal(2);
      expect(err).to.include(`holds a crawl of ${url}`);
      const over = await crawler(url, '--allow-loopback', '--output', output);
      expect(over.code).to.equal(2);
      expect(over.err).to.include('--resume');
    });

    it('says so when the disk is full', async function () {
      // Linux has a file that is always full.
      if (process.platform !== 'linux') return;
      const { code, err } = await crawler(url, '--allow-loopback', '--output', '/dev/full');
      expect(code).to.equal(1);
      expect(err).to.equal('ENOSPC: no space left on device, write\n');
    });
  });

  it('names an option that it does not have', async () => {
    const { code, out, err } = await crawler('--frobnicate');
    expect(code).to.equal(2);
    expect(out).to.equal('');
    expect(err).to.equal("Unknown option '--frobnicate'\nTry --help.\n");
  });

  it('tells what it can do', async () => {
    const { code, out } = await crawler('--help');
    expect(code).to.equal(0);
    expect(out).to.match(/^Usage: /);
  });
});
