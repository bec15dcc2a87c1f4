/**
 * Does the crawler find what others find? Crawls a site twice, once with `wget --recursive`, and
 * compares the pages, each by its URL.
 *
 *     python3 -m http.server --bind 127.0.0.1 --directory /usr/share/doc/python3.11/html 8000 &
 *     npm run check:wget -- http://127.0.0.1:8000/
 *
 * Needs wget, and a site on this machine: both ask for everything, as fast as they can.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from 'evergreen-tasklets';
import { call } from 'evergreen-tasklets/io';

import { fromLine, isDocument } from './page.js';
import { resolveUrl } from './url.js';

/** The pages that wget has read: its log names a URL, then the status, then the type. */
async function pagesOfWget(url: string, folder: string): Promise<Set<string>> {
  const log = join(folder, 'wget.log');
  const args = ['--recursive', '--level=inf', '--delete-after', '--output-file', log, url];
  const environment = { ...process.env, LC_ALL: 'C' };
  await call(execFile, 'wget', args, { cwd: folder, env: environment }).catch((error: unknown) => {
    // 8: a link was broken. That is no failure of the comparison.
    if ((error as { code?: unknown }).code !== 8) throw error;
  });
  const pages = new Set<string>();
  let asked = '';
  for (const line of (await readFile(log, 'utf8')).split('\n')) {
    asked = /^--[^a-z]*--\s+(\S+)$/.exec(line)?.[1] ?? asked;
    if (/^Length: .*\[(text\/html|application\/xhtml\+xml)\]$/.test(line))
      pages.add(resolveUrl(asked) ?? asked);
  }
  return pages;
}

async function pagesOfCrawler(url: string, folder: string): Promise<Set<string>> {
  const output = join(folder, 'pages.jsonl');
  const program = [...process.execArgv, 'scripts/ts.cjs', 'examples/crawler/main.ts'];
  await call(execFile, process.execPath, [
    ...program,
    url,
    '--allow-loopback',
    '--delay',
    '0',
    '--output',
    output,
  ]);
  const lines = (await readFile(output, 'utf8')).trimEnd().split('\n');
  return new Set(
    lines
      .map(fromLine)
      .filter(isDocument)
      .map((page) => page.url),
  );
}

async function compare(url: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'check-wget-'));
  try {
    const wget = await pagesOfWget(url, folder);
    const crawler = await pagesOfCrawler(url, folder);
    console.log(`wget: ${wget.size} pages, crawler: ${crawler.size} pages`);
    for (const page of wget) if (!crawler.has(page)) console.log(`only wget: ${page}`);
    for (const page of crawler) if (!wget.has(page)) console.log(`only crawler: ${page}`);
    return wget.size > 0 && [...wget].every((page) => crawler.has(page)) && wget.size === crawler.size;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const [url] = process.argv.slice(2);
if (url === undefined) throw new TypeError('Say which site: check-wget.ts http://127.0.0.1:8000/');
void run(() => compare(url)).then((same) => {
  process.exitCode = same ? 0 : 1;
});
