import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect } from 'chai';

import { Output, OutputError } from '../../../examples/crawler/output.js';
import type { Page } from '../../../examples/crawler/page.js';

function page(url: string): Page {
  return { url, hops: 0, status: 200, bytes: 1, ms: 1, attempts: 1, links: [] };
}

describe('crawler · Output', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crawler-'));
    path = join(folder, 'pages.jsonl');
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  async function write(resume: boolean, ...pages: Page[]): Promise<void> {
    await using output = await Output.open(path, resume);
    for (const one of pages) await output.write(one);
  }

  async function earlier(): Promise<string[]> {
    await using output = await Output.open(path, true);
    return output.earlier.map(({ url }) => url);
  }

  async function refusal(resume: boolean): Promise<Error> {
    return await Output.open(path, resume).then(
      () => new Error('not refused'),
      (error: unknown) => error as Error,
    );
  }

  it('writes a line for each page', async () => {
    await write(false, page('a'), page('b'));
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.map((line) => (line === '' ? '' : (JSON.parse(line) as Page).url))).to.deep.equal([
      'a',
      'b',
      '',
    ]);
  });

  it('goes on where an earlier crawl has ended', async () => {
    await write(false, page('a'));
    await write(true, page('b'));
    expect(await earlier()).to.deep.equal(['a', 'b']);
  });

  it('begins anew when there is nothing to go on with', async () => {
    await write(true, page('a'));
    expect(await earlier()).to.deep.equal(['a']);
  });

  it('counts a page that gave no answer as not visited', async () => {
    await write(false, page('a'), { ...page('b'), status: undefined });
    expect(await earlier()).to.deep.equal(['a']);
  });

  it('does not write over a file that is there', async () => {
    await writeFile(path, 'mine');
    const error = await refusal(false);
    expect(error).to.be.instanceOf(OutputError);
    expect(error.message).to.include(path).and.to.include('--resume');
    expect(await readFile(path, 'utf8')).to.equal('mine');
  });

  it('cuts a torn line off, wherever it was torn', async () => {
    await write(false, page('a'), page('b é'));
    const whole = await readFile(path);
    const first = whole.indexOf('\n') + 1;
    for (let end = first; end < whole.length; end += 1) {
      await writeFile(path, whole.subarray(0, end));
      expect(await earlier()).to.deep.equal(['a']);
      expect(await readFile(path)).to.deep.equal(whole.subarray(0, first));
    }
  });

  it('writes whole lines again after a torn one', async () => {
    await write(false, page('a'));
    await appendFile(path, '{"url":"b","ho');
    await write(true, page('b'));
    expect(await earlier()).to.deep.equal(['a', 'b']);
  });

  it('reads lines longer than a block of the file', async () => {
    const long = { ...page('a'), links: [`http://a.test/${'é'.repeat(300_000)}`] };
    await write(false, long, page('b'));
    await using output = await Output.open(path, true);
    expect(output.earlier.map(({ links }) => links)).to.deep.equal([long.links, []]);
  });

  it('refuses a file of something else, names the line, and leaves the file alone', async () => {
    await write(false, page('a'));
    for (const line of ['no JSON', '{"url":"b"}', '', '[]']) {
      const before = await readFile(path);
      await appendFile(path, `${line}\ntorn`);
      const error = await refusal(true);
      expect(error).to.be.instanceOf(OutputError);
      expect(error.message).to.include(`${path}:2`);
      expect(await readFile(path, 'utf8')).to.equal(`${before.toString()}${line}\ntorn`);
      await writeFile(path, before);
    }
  });

  it('says that there is no such folder', async () => {
    path = join(folder, 'missing', 'pages.jsonl');
    expect(await refusal(false)).to.have.property('code', 'ENOENT');
  });
});
