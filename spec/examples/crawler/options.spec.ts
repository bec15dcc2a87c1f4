import { expect } from 'chai';

import { USAGE, UsageError, readOptions } from '../../../examples/crawler/options.js';

describe('crawler · readOptions', () => {
  it('crawls the embedded site, at full speed, when told nothing', () => {
    const options = readOptions([]);
    expect(options.start).to.equal(undefined);
    expect(options.delay).to.equal(0);
    expect(options.reach).to.equal('loopback');
  });

  it('is polite and careful with a site of somebody else', () => {
    const options = readOptions(['http://a.test']);
    expect(options.start).to.equal('http://a.test/');
    expect(options.delay).to.equal(200);
    expect(options.reach).to.equal('public');
  });

  it('does not reach this machine unless asked, even when that is what it is told to crawl', () => {
    expect(readOptions(['http://127.0.0.1/']).reach).to.equal('public');
    expect(readOptions(['http://127.0.0.1/', '--allow-loopback']).reach).to.equal('loopback');
    expect(readOptions(['http://127.0.0.1/', '--allow-private']).reach).to.equal('private');
  });

  it('reads everything it offers', () => {
    const args =
      '--concurrency 3 --per-host 2 --max-pages 4 --delay 5 --timeout 6 --retries 7 --max-body 8 ' +
      '--also http://b.test --also https://c.test/d --output e --resume --user-agent f/1 http://a.test/#g';
    expect(readOptions(args.split(' '))).to.deep.equal({
      start: 'http://a.test/',
      also: ['http://b.test/', 'https://c.test/d'],
      concurrency: 3,
      perHost: 2,
      maxPages: 4,
      delay: 5,
      timeout: 6,
      retries: 7,
      maxBody: 8,
      output: 'e',
      resume: true,
      reach: 'public',
      userAgent: 'f/1',
      port: 0,
      help: false,
    });
  });

  it('lets one host have all the places unless told otherwise', () => {
    expect(readOptions(['--concurrency', '3']).perHost).to.equal(3);
  });

  it('describes every option it has', () => {
    for (const option of USAGE.match(/--[a-z-]+/g) ?? []) {
      const wrong = readError([option, '']);
      expect(wrong.message, option).not.to.match(/^Unknown/);
    }
  });

  function readError(args: string[]): Error {
    try {
      readOptions(args);
    } catch (error) {
      return error as Error;
    }
    return new Error('none');
  }

  const wrong: [args: string[], named: string][] = [
    [['--frobnicate'], "'--frobnicate'"],
    [['--__proto__=1'], "'--__proto__'"],
    [['--constructor'], "'--constructor'"],
    [['-x'], "'-x'"],
    [['--concurrency'], '--concurrency'],
    [['--concurrency', '0'], '--concurrency'],
    [['--concurrency', '1e3'], '--concurrency'],
    [['--max-pages', '-1'], '--max-pages'],
    [['--max-pages', 'many'], '--max-pages'],
    [['--delay', ''], '--delay'],
    [['--delay', '1.5'], '--delay'],
    [['--timeout', '0'], '--timeout'],
    [['--timeout', 'NaN'], '--timeout'],
    [['--retries', '100'], '--retries'],
    [['--max-body', '99999999999'], '--max-body'],
    [['--resume'], '--resume'],
    [['--resume=yes', '--output', 'a'], '--resume'],
    [['--port', '1', 'http://a.test/'], '--port'],
    [['--port', '65536'], '--port'],
    [['--also', 'a.test'], '--also'],
    [['--user-agent', 'a\r\nb: c'], '--user-agent'],
    [['--output', ''], '--output'],
    [['a.test'], 'a.test'],
    [['ftp://a.test/'], 'ftp://a.test/'],
    [['file:///etc/hostname'], 'file:///etc/hostname'],
    [['http://user:secret@a.test/'], 'password'],
    [['http://a.test/', 'http://b.test/'], 'one URL'],
  ];
  for (const [args, named] of wrong) {
    it(`refuses ${JSON.stringify(args)} and says why`, () => {
      const error = readError(args);
      expect(error).to.be.instanceOf(UsageError);
      expect(error.message).to.include(named);
    });
  }

  it('does not repeat a password', () => {
    expect(readError(['http://user:secret@a.test/']).message).not.to.include('secret');
  });
});
