/**
 * A small web site on loopback, for the crawler to walk when it is given no other.
 *
 * Three hundred linked pages with circles among them, and one of everything that goes wrong on
 * the web: missing pages, loops of redirects, a connection that breaks off, a page without end,
 * texts in old character sets. It answers the same way every time, so a spec can know the exact
 * outcome of a crawl before it starts.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** Where the site listens, and the way to end it. */
export interface Site {
  /** Its first page. */
  readonly url: string;
  /** Stops listening and breaks off what is still open. */
  [Symbol.asyncDispose](): Promise<void>;
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const SECTIONS = 10;
const ARTICLES = 250;
const MEBIBYTE = 1024 * 1024;

/**
 * Starts the site on 127.0.0.1.
 *
 * @param port a port number; 0, the default, takes any free one.
 */
export async function startSite(port = 0): Promise<Site> {
  const answers = everyPage();
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    (answers.get(path) ?? missing)(response, request);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: chosen } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${chosen}/`,
    async [Symbol.asyncDispose](): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function everyPage(): Map<string, Answer> {
  return new Map([
    ...handbook(),
    ...redirects(),
    ...troubles(),
    ...encodings(),
    ...unusualLinks(),
    ...otherTypes(),
    ...flaky(),
    ...forRobots(),
  ]);
}

// --- the handbook: the orderly part, 261 pages in circles ---

function* handbook(): Iterable<[string, Answer]> {
  const sections = numbers(SECTIONS).map((n) => `/section/${n}/`);
  const corners = ['/odd/', '/links/', '/files/', '/private/', '/private/notice'];
  yield ['/', html('A handbook', list([...sections, ...corners]))];
  for (const n of numbers(SECTIONS)) {
    const own = numbers(ARTICLES).filter((article) => sectionOf(article) === n);
    yield [`/section/${n}/`, html(`Section ${n}`, list(own.map(articlePath)))];
  }
  for (const n of numbers(ARTICLES)) {
    const next = (n % ARTICLES) + 1;
    const previous = ((n + ARTICLES - 2) % ARTICLES) + 1;
    const related = ((n * 7) % ARTICLES) + 1;
    const links = [next, previous, related].map(articlePath);
    const text = `<p>${`Article ${n} says what articles say. `.repeat(40)}</p>`;
    yield [
      articlePath(n),
      html(`Article ${n}`, `${text}${list([...links, `/section/${sectionOf(n)}/`, '/'])}`),
    ];
  }
}

function sectionOf(article: number): number {
  return ((article - 1) % SECTIONS) + 1;
}

function articlePath(n: number): string {
  return `/article/${n}`;
}

// --- redirects: plain, in a chain, in a chain too long, in a loop, to other sites ---

function* redirects(): Iterable<[string, Answer]> {
  yield ['/old', redirect('/article/1')];
  yield ['/temporary', redirect('/redirected', 302)];
  yield ['/redirected', html('Found through a redirect only', list(['/']))];
  // Four steps end at a page; eight are more than a crawler should follow.
  for (const n of numbers(4)) {
    yield [`/chain/${n}`, redirect(n < 4 ? `/chain/${n + 1}` : '/chain/end', 307)];
  }
  yield ['/chain/end', html('The end of a chain', list(['/']))];
  for (const n of numbers(8)) {
    yield [`/far/${n}`, redirect(n < 8 ? `/far/${n + 1}` : '/far/end')];
  }
  yield ['/far/end', html('Too far', '')];
  yield ['/loop/a', redirect('/loop/b')];
  yield ['/loop/b', redirect('/loop/a')];
  yield ['/loop/self', redirect('/loop/self')];
  yield ['/leaving', redirect('https://example.org/elsewhere')];
  yield ['/leaving/file', redirect('file:///etc/hostname')];
  yield ['/nowhere', redirect(undefined)];
}

// --- what goes wrong ---

function* troubles(): Iterable<[string, Answer]> {
  const doors = [
    ...['/missing/1', '/missing/2', '/gone', '/broken'],
    ...['/slow/1', '/slow/2', '/slow/3', '/dropped', '/huge', '/bomb'],
    ...['/flaky', '/busy', '/empty', '/untyped'],
    ...['/old', '/temporary', '/chain/1', '/far/1', '/loop/a', '/loop/self'],
    ...['/leaving', '/leaving/file', '/nowhere'],
    ...['/text/latin1', '/text/meta', '/text/mistaken', '/text/undeclared', '/text/unknown'],
    ...['/text/utf16', '/packed/gzip', '/packed/brotli', '/packed/odd'],
  ];
  yield ['/odd/', html('Everything that goes wrong', list(doors))];
  yield ['/gone', html('Gone', '', 410)];
  yield ['/broken', html('Broken', '', 500)];
  for (const n of numbers(3)) {
    const page = html(`Slow ${n}`, list(['/']));
    yield [
      `/slow/${n}`,
      (response, request): void => {
        const timer = setTimeout(page, n * 200, response, request);
        response.once('close', () => {
          clearTimeout(timer);
        });
      },
    ];
  }
  yield [
    '/dropped',
    (response): void => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': 100_000 });
      response.write(`<p>${'half a page '.repeat(100)}`, () => response.socket?.destroy());
    },
  ];
  yield ['/huge', endless];
  yield [
    '/bomb',
    (response): void => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(8 * MEBIBYTE, ' ')));
    },
  ];
  yield [
    '/empty',
    (response): void => {
      response.writeHead(204).end();
    },
  ];
  yield [
    '/untyped',
    (response): void => {
      response.end('<p>No type is named. <a href="/found/untyped">on</a></p>');
    },
  ];
  yield ['/found/untyped', html('Found on a page without a type', list(['/']))];
}

const missing: Answer = html('Not here', list(['/']), 404);

/** Writes as long as somebody reads, and waits while nobody does. */
function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' });
  const piece = '<p>and so on</p>'.repeat(4096);
  function more(): void {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more);
  more();
}

// --- character sets and packing ---

function* encodings(): Iterable<[string, Answer]> {
  const onward = '<p>d\u00e9j\u00e0 vu <a href="/text/caf\u00e9">caf\u00e9</a></p>';
  yield ['/text/caf%C3%A9', html('Only a reader of the right letters comes here', list(['/']))];
  yield ['/text/latin1', bytes(Buffer.from(onward, 'latin1'), 'text/html; charset=ISO-8859-1')];
  // Cyrillic, named by the page alone.
  yield [
    '/text/meta',
    bytes(
      Buffer.concat([
        Buffer.from('<meta charset="windows-1251"><a href="/text/'),
        Buffer.from([0xec, 0xe8, 0xf0]),
        Buffer.from('">on</a>'),
      ]),
      'text/html',
    ),
  ];
  yield ['/text/%D0%BC%D0%B8%D1%80', html('Found in Cyrillic', list(['/']))];
  // Says UTF-8 and is not: what cannot be read becomes U+FFFD, the rest stays.
  yield [
    '/text/mistaken',
    bytes(
      Buffer.from('<p>na\u00efve</p><a href="/found/mistaken">on</a>', 'latin1'),
      'text/html; charset=utf-8',
    ),
  ];
  yield ['/found/mistaken', html('Found on a page with the wrong charset', list(['/']))];
  yield ['/text/undeclared', bytes(Buffer.from(onward, 'latin1'), 'text/html')];
  yield ['/text/unknown', bytes(Buffer.from(onward, 'utf8'), 'text/html; charset=klingon')];
  yield ['/text/utf16', bytes(Buffer.from('\ufeff<a href="/found/utf16">on</a>', 'utf16le'), 'text/html')];
  yield ['/found/utf16', html('Found in UTF-16', list(['/']))];

  const packed = document('Packed', list(['/found/packed']));
  yield ['/packed/gzip', bytes(gzipSync(packed), 'text/html', 'gzip')];
  yield ['/packed/brotli', bytes(brotliCompressSync(packed), 'text/html', 'br')];
  yield ['/packed/odd', bytes(Buffer.from(packed), 'text/html', 'rot13')];
  yield ['/found/packed', html('Found in a packed page', list(['/']))];
}

// --- links in unusual clothes ---

function* unusualLinks(): Iterable<[string, Answer]> {
  yield ['/links/', html('Links', list(['base', 'entities', 'forms', 'escapes', 'elsewhere']))];
  yield [
    '/links/base',
    (response): void => {
      send(response, '<base href="/links/deep/"><a href="one">1</a><base href="/wrong/"><a href="two">2</a>');
    },
  ];
  yield ['/links/deep/one', html('One', list(['/']))];
  yield ['/links/deep/two', html('Two', list(['/']))];
  yield [
    '/links/entities',
    html('Entities', '<a href="/search?a=1&amp;b=2">named</a> <a href="&#47;article&#x2F;5">numbered</a>'),
  ];
  yield ['/search', html('Found by a query', list(['/']))];
  yield [
    '/links/forms',
    (response, request): void => {
      const host = request.headers.host ?? '';
      send(
        response,
        [
          '<a href="#here">a fragment alone</a> <a href="">nothing</a>',
          '<a href="/article/1#part">a fragment</a> <a href="/article/2?">an empty query</a>',
          '<a href=" \n/article/3\t ">blanks</a> <a href="/x/../article/4">dots</a>',
          `<a href="//${host}/article/5">no scheme</a> <a href="HTTP://${host}/article/6">loud</a>`,
          '<a href="..\\article\\7">backslashes</a> <a href=/%61rticle/8>escaped letters</a>',
          '<A HREF="/article/9">capitals</A> <a href="/article/10" href="/wrong">twice</a>',
          '<!-- <a href="/wrong">a comment</a> --> <script>"<a href=/wrong>"</script>',
          '<map><area href="/found/area"></map> <iframe src="/found/frame"></iframe>',
          '<meta http-equiv="refresh" content="60; url=/found/refresh">',
          '<link rel="next" href="/found/next"> <link rel="stylesheet" href="/wrong.css">',
          '<a name="x">no link</a> <a href="http://[">not a URL</a> <a href="/article/11',
        ].join('\n'),
      );
    },
  ];
  for (const name of ['area', 'frame', 'refresh', 'next']) {
    yield [`/found/${name}`, html(`Found through ${name}`, list(['/']))];
  }
  // Whoever prints this page's links or title as they are hands his terminal to the page.
  yield [
    '/links/escapes',
    html('\u001b]0;owned\u0007 \u001b[2J', '<a href="/missing/\u001b[31mred">red</a>'),
  ];
  yield [
    '/links/elsewhere',
    html(
      'Elsewhere',
      list([
        ...['http://example.com/', 'https://example.org/page', 'http://localhost:1/'],
        ...['mailto:someone@example.org', 'javascript:void(0)', 'tel:+100', 'ftp://example.org/'],
        ...['data:text/html,hello', 'http://user:secret@127.0.0.1/'],
      ]),
    ),
  ];
}

function* otherTypes(): Iterable<[string, Answer]> {
  const files = ['report.pdf', 'picture.png', 'data.json', 'notes.txt', 'page.xhtml'];
  yield ['/files/', html('Files', list(files))];
  yield ['/files/report.pdf', bytes(Buffer.alloc(200_000, '%'), 'application/pdf')];
  yield ['/files/picture.png', bytes(Buffer.alloc(1000, 7), 'image/png')];
  yield ['/files/data.json', bytes(Buffer.from('{"href":"/wrong"}'), 'application/json')];
  yield ['/files/notes.txt', bytes(Buffer.from('<a href="/wrong">'), 'text/plain')];
  yield ['/files/page.xhtml', bytes(Buffer.from('<a href="/found/xhtml"/>'), 'application/xhtml+xml')];
  yield ['/found/xhtml', html('Found in XHTML', list(['/']))];
}

// --- better on a second try ---

function* flaky(): Iterable<[string, Answer]> {
  const page = html('Here at last', list(['/']));
  // Counted for each site, so that a second crawl of the same site finds both in good health.
  yield ['/flaky', after([html('Not now', '', 503), html('Not yet', '', 503)], page)];
  yield [
    '/busy',
    after(
      [
        (response): void => {
          response.writeHead(429, { 'retry-after': '1' }).end();
        },
      ],
      page,
    ),
  ];
}

function after(first: Answer[], then: Answer): Answer {
  const queue = [...first];
  return (response, request): void => {
    (queue.shift() ?? then)(response, request);
  };
}

// --- what a crawler is asked not to read ---

function* forRobots(): Iterable<[string, Answer]> {
  yield [
    '/robots.txt',
    bytes(
      Buffer.from(
        [
          'User-agent: *',
          'Disallow: /private/',
          'Allow: /private/notice',
          'Crawl-delay: 0.002',
          '',
          'User-agent: greedybot',
          'Disallow: /',
        ].join('\n'),
      ),
      'text/plain',
    ),
  ];
  yield ['/private/', html('Private', list(['/private/diary']))];
  yield ['/private/notice', html('A notice', list(['/private/diary', '/private/letters']))];
  yield ['/private/diary', html('A diary', '')];
}

// --- the forms that answers take ---

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function list(paths: readonly string[]): string {
  return `<ul>${paths.map((path) => `<li><a href="${path}">${path}</a></li>`).join('')}</ul>`;
}

function document(title: string, body: string): string {
  return `<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>`;
}

function html(title: string, body: string, status = 200): Answer {
  const text = document(title, body);
  return (response): void => {
    send(response, text, status);
  };
}

function send(response: ServerResponse, text: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
  response.end(text);
}

function bytes(body: Buffer, type: string, encoding?: string): Answer {
  return (response): void => {
    response.setHeader('content-type', type);
    if (encoding !== undefined) response.setHeader('content-encoding', encoding);
    response.end(body);
  };
}

function redirect(to: string | undefined, status = 301): Answer {
  return (response): void => {
    if (to !== undefined) response.setHeader('location', to);
    response.writeHead(status).end();
  };
}
