import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { run, spawn } from 'evergreen-tasklets';
import { expect } from 'chai';

import { Pace } from '../../../examples/crawler/pace.js';
import type { Page } from '../../../examples/crawler/page.js';
import { askRobots, parseRobots } from '../../../examples/crawler/robots.js';
import { visit } from '../../../examples/crawler/visit.js';
import { Web } from '../../../examples/crawler/web.js';

const options = { timeout: 5000, retries: 2, userAgent: 'spec/1' };
const html = { 'content-type': 'text/html' };

describe('crawler · one page', () => {
  let server: Server;
  let requests: string[];
  let answer: RequestListener;
  let web: Web;
  let origin: string;

  beforeEach(async () => {
    requests = [];
    web = new Web({ userAgent: 'spec/1', maxBody: 1000, reach: 'loopback' });
    server = createServer((request, response) => {
      requests.push(request.url ?? '');
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    web[Symbol.dispose]();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });

  function visitIt(more: Partial<typeof options> = {}): Promise<Page> {
    return run(() => visit({ url: `${origin}/`, hops: 0 }, web, new Pace(0), { ...options, ...more }));
  }

  describe('visit', () => {
    it('reads the page and finds its links', async () => {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-type': 'Text/HTML; charset=ISO-8859-1' });
        response.end(Buffer.from('<title>caf\u00e9</title><a href=b>', 'latin1'));
      };
      const { ms, ...page } = await visitIt();
      expect(ms).to.be.at.least(0);
      expect(page).to.deep.equal({
        url: `${origin}/`,
        from: undefined,
        hops: 0,
        status: 200,
        type: 'text/html',
        bytes: 29,
        attempts: 1,
        title: 'café',
        links: [`${origin}/b`],
      });
    });

    it('does not read what is no text with links', async () => {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-type': 'image/png' });
        response.end('<a href=b>'.repeat(1000));
      };
      const page = await visitIt();
      expect(page).to.include({ status: 200, bytes: 0 });
      expect(page.problem).to.equal(undefined);
    });

    it('does not follow the links of a page that is not there', async () => {
      answer = (_, response): void => {
        response.writeHead(404, html).end('<a href=b>');
      };
      expect((await visitIt()).links).to.deep.equal([]);
    });

    it('makes a redirect a page with one link', async () => {
      for (const status of [301, 302, 303, 307, 308]) {
        answer = (_, response): void => {
          response.writeHead(status, { location: '/b#c' }).end();
        };
        const page = await visitIt();
        expect(page).to.include({ status, location: `${origin}/b` });
        expect(page.problem).to.equal(undefined);
        expect(page.links).to.deep.equal([`${origin}/b`]);
      }
      expect(requests).to.deep.equal(['/', '/', '/', '/', '/']);
    });

    it('says so when a redirect leads nowhere', async () => {
      for (const headers of [{}, { location: 'file:///etc/hostname' }, { location: 'http://[' }]) {
        answer = (_, response): void => {
          response.writeHead(302, headers).end();
        };
        const page = await visitIt();
        expect(page.problem).to.equal('a redirect to nowhere');
        expect([page.location, page.links]).to.deep.equal([undefined, []]);
      }
    });

    it('asks again while the site says that it is not now', async () => {
      answer = (_, response): void => {
        const status = [503, 429, 200][requests.length - 1] ?? 500;
        response.writeHead(status, { ...html, 'retry-after': '0' }).end('a');
      };
      expect(await visitIt()).to.include({ status: 200, attempts: 3 });
    });

    it('asks no more often than it was told to', async () => {
      answer = (_, response): void => {
        response.writeHead(503, { 'retry-after': '0' }).end();
      };
      expect(await visitIt({ retries: 1 })).to.include({ status: 503, attempts: 2 });
      expect(requests).to.have.lengthOf(2);
    });

    it('does not wait for a site that wants to be left alone for an hour', async () => {
      answer = (_, response): void => {
        response.writeHead(503, { 'retry-after': '3600' }).end();
      };
      expect(await visitIt()).to.include({ status: 503, attempts: 1 });
    });

    it('does not ask again for what will not change', async () => {
      answer = (_, response): void => {
        response.writeHead(200, html).end('a'.repeat(1001));
      };
      expect(await visitIt()).to.include({ status: 200, problem: 'larger than 1000 bytes', attempts: 1 });
    });

    it('asks again, after a pause, when the connection breaks off', async () => {
      answer = (_, response): void => {
        response.writeHead(200, { ...html, 'content-length': 10 });
        if (requests.length === 1) response.write('a', () => response.socket?.destroy());
        else response.end('0123456789');
      };
      const page = await visitIt();
      expect(page).to.include({ status: 200, attempts: 2, bytes: 10 });
      expect(page.problem).to.equal(undefined);
    });

    it('keeps what it knows of a page that broke off for good', async () => {
      answer = (_, response): void => {
        response.writeHead(200, { ...html, 'content-length': 10 });
        response.write('a', () => response.socket?.destroy());
      };
      const page = await visitIt({ retries: 0 });
      expect(page).to.include({ status: 200, type: 'text/html', problem: 'connection broke off' });
    });

    it('breaks off an answer that takes too long, before or after its head', async () => {
      for (const begin of [false, true]) {
        const closed = new Promise((resolve) => {
          answer = (_, response): void => {
            response.once('close', resolve);
            if (begin) response.writeHead(200, html).write('a');
          };
        });
        expect(await visitIt({ retries: 0, timeout: 50 })).to.include({
          status: begin ? 200 : undefined,
          problem: 'no answer in time',
        });
        await closed;
      }
    });

    it('breaks its request off when its tasklet is killed', async () => {
      await run(async () => {
        const visiting = spawn(() => visit({ url: `${origin}/`, hops: 0 }, web, new Pace(0), options));
        const closed = new Promise((resolve) => {
          answer = (_, response): void => {
            response.once('close', resolve);
            visiting.kill();
          };
        });
        await closed;
        expect(await visiting.join().catch((error: unknown) => error)).to.have.property(
          'code',
          'ERR_TASKLET_KILLED',
        );
      });
      expect(requests).to.have.lengthOf(1);
    });

    it('lets two tasklets read one site at the same time', async () => {
      const waiting: (() => void)[] = [];
      answer = (_, response): void => {
        waiting.push(() => response.writeHead(200, html).end('a'));
        if (waiting.length === 2) for (const go of waiting) go();
      };
      const pages = await run(async () => {
        const visits = ['/a', '/b'].map((path) =>
          spawn(visit, { url: origin + path, hops: 0 }, web, new Pace(0), options),
        );
        return [await visits[0]?.join(), await visits[1]?.join()];
      });
      expect(pages.map((page) => page?.status)).to.deep.equal([200, 200]);
    });
  });

  describe('askRobots', () => {
    async function allowed(): Promise<boolean[]> {
      const robots = await run(() => askRobots(origin, web, new Pace(0), options));
      return ['/', '/x/y'].map((path) => robots.allows(origin + path));
    }

    it('reads what the site asks for', async () => {
      answer = (_, response): void => {
        response.writeHead(200, { 'content-type': 'text/plain' }).end('User-agent: *\nDisallow: /x/');
      };
      expect(await allowed()).to.deep.equal([true, false]);
      expect(requests).to.deep.equal(['/robots.txt']);
    });

    it('may read everything when the site asks for nothing', async () => {
      for (const status of [404, 403, 401, 410]) {
        answer = (_, response): void => {
          response.writeHead(status).end('User-agent: *\nDisallow: /');
        };
        expect(await allowed()).to.deep.equal([true, true]);
      }
    });

    it('reads nothing when the site cannot say what it asks for', async () => {
      answer = (_, response): void => {
        response.writeHead(503, { 'retry-after': '0' }).end();
      };
      expect(await allowed()).to.deep.equal([false, false]);
      answer = (_, response): void => {
        response.end('a'.repeat(1001));
      };
      expect(await allowed()).to.deep.equal([false, false]);
    });

    it('follows a redirect, and no circle', async () => {
      answer = (request, response): void => {
        if (request.url === '/robots.txt') response.writeHead(302, { location: '/r' }).end();
        else response.end('User-agent: *\nDisallow: /x/');
      };
      expect(await allowed()).to.deep.equal([true, false]);
      answer = (_, response): void => {
        response.writeHead(302, { location: '/robots.txt' }).end();
      };
      requests = [];
      expect(await allowed()).to.deep.equal([true, true]);
      expect(requests).to.have.lengthOf(6);
    });
  });
});

describe('crawler · parseRobots', () => {
  const text = [
    'User-agent: *',
    'Disallow: /x/',
    'Allow: /x/open',
    'Disallow: /*.pdf$',
    'Crawl-delay: 2.5',
    '',
    'User-agent: spec',
    'Disallow: /only-spec/',
    'Crawl-delay: 86400',
  ].join('\n');

  function allows(userAgent: string, ...paths: string[]): boolean[] {
    const robots = parseRobots('http://a.test/robots.txt', text, userAgent);
    return paths.map((path) => robots.allows(`http://a.test${path}`));
  }

  it('finds the rule that says most about a page', () => {
    expect(allows('other/1', '/', '/x/y', '/x/open', '/a.pdf', '/a.pdf?b')).to.deep.equal([
      ...[true, false, true, false, true],
    ]);
  });

  it('obeys the rules that name this crawler, and then no others', () => {
    expect(allows('Spec/2.0', '/x/y', '/only-spec/a')).to.deep.equal([true, false]);
  });

  it('reads the delay, and never waits longer than a minute', () => {
    expect(parseRobots('http://a.test/robots.txt', text, 'other/1').delay).to.equal(2500);
    expect(parseRobots('http://a.test/robots.txt', text, 'spec/1').delay).to.equal(60_000);
    for (const wrong of ['', 'soon', '-1', 'NaN', 'Infinity-']) {
      const rules = `User-agent: *\nCrawl-delay: ${wrong}`;
      expect(parseRobots('http://a.test/robots.txt', rules, 'spec/1').delay, wrong).to.equal(0);
    }
  });

  it('makes something of any text', () => {
    for (const odd of ['', '\0', '<html>', 'Disallow: /', 'User-agent\n:::', 'a'.repeat(1e6)]) {
      expect(parseRobots('http://a.test/robots.txt', odd, 'spec/1').allows('http://a.test/')).to.equal(true);
    }
  });
});
