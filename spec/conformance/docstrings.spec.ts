/**
 * Examples in docstrings run, and say the truth: `value; // 7` is an assertion.
 *
 * Each runs as a tasklet in virtual time, with everything in scope that we export.
 */
import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Duplex, PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import ts from 'typescript';
import * as futures from '../../lib/futures/index.js';
import * as frontDoor from '../../lib/index.js';
import * as io from '../../lib/io/index.js';
import * as pipelines from '../../lib/pipeline/index.js';
import { Folder } from '../support/folder.js';
import { simulate } from '../support/simulate.js';

/** Rooms whose examples need nothing of Node but what a stand-in can be for. */
const ROOMS = ['kernel', 'tasklet', 'time', 'sync', 'queue', 'futures', 'pipeline', 'io', 'io/fs'];

const library = { ...frontDoor, ...futures, ...pipelines, ...io };
const { Channel, shutdown, sleep, spawn, TaskletPoolExecutor } = library;

/** What the examples speak of without introducing it. */
function cast(): Record<string, unknown> {
  const jobs = new Channel<string>({ name: 'jobs' });
  spawn(() => jobs.send('job'));
  const line = new Channel<string>();
  spawn(() => line.sendAll(['a', 'b']));
  const answer = async (value?: unknown): Promise<unknown> => {
    await sleep(10);
    return value;
  };
  const executor = new TaskletPoolExecutor({ size: 2 });
  const readFile = (_path: string, _encoding: string, back: (error: null, text: string) => void): void =>
    back(null, 'text');
  return {
    readFile,
    fs: { readFile, stat: (_path: string, back: (error: null) => void) => back(null) },
    lookup: (_host: string, back: (error: null, address: string) => void) => setImmediate(back, null, '::1'),
    PassThrough,
    Readable,
    socket: peer('hello\n'),
    process: emitting('SIGINT'),
    watcher: emitting('change'),
    reader: Object.assign(emitting('line', 'close'), { pause() {}, resume() {} }),
    rebuild: () => false,
    executor,
    futures: [executor.submit(answer, 1), executor.submit(answer, 2)],
    jobs,
    quit: new Channel(),
    busy: false,
    id: 7,
    order: {},
    url: 'https://example.org/',
    urls: ['https://example.org/', 'https://example.org/about'],
    story: [],
    lines: ['one', 'two', 'a line that is rather long'.repeat(4)],
    rows: [1, 2, 3],
    prices: [1, 2, 3],
    requests: [1, 2, 3],
    folders: ['a', 'b'],
    keyboard: ['k'],
    mouse: ['m'],
    clock: ['c'],
    log: line,
    fetch: answer,
    download: answer,
    loadUser: answer,
    loadOrders: answer,
    commit: answer,
    compute: answer,
    clean: answer,
    listen: () => sleep(Infinity),
    save: answer,
    insert: answer,
    send: answer,
    handle: answer,
    parse: String,
    isError: () => false,
    isPrime: (n: number) => n % 2 === 1,
    naturals: function* () {
      for (let n = 1; ; n++) yield n;
    },
    readdir: (folder: string) => [`${folder}/file`],
  };
}

/** A connection to somebody who says `text` and listens. */
function peer(text: string): Duplex {
  return new Duplex({
    read() {
      this.push(text);
      this.push(null);
    },
    write: (_bytes, _encoding, done) => done(),
  });
}

/** Emits these events, one a turn of the event loop. */
function emitting(...names: readonly string[]): EventEmitter {
  const emitter = new EventEmitter();
  const [name, ...rest] = names;
  if (name === undefined) return emitter;
  setImmediate(() => {
    emitter.emit(name, name);
    for (const other of rest) setImmediate(() => emitter.emit(other));
  });
  return emitter;
}

const lib = path.join(__dirname, '..', '..', 'lib');

/** Runs `task` in a folder with the files that the examples speak of. */
async function amongFiles(task: () => Promise<void>): Promise<void> {
  const folder = new Folder();
  const home = process.cwd();
  mkdirSync(folder.at('notes'));
  writeFileSync(folder.at('notes', 'monday.txt'), 'Buy milk.\n');
  const log = 'INFO started\nERROR no disk\n';
  writeFileSync(folder.at('server.log'), log);
  writeFileSync(folder.at('server.log.gz'), gzipSync(log));
  process.chdir(folder.path);
  try {
    await task();
    await folder.expectClosed();
  } finally {
    process.chdir(home);
    folder.remove();
  }
}

/** The examples in `text`, as programs. */
function examples(text: string): string[] {
  return [...text.matchAll(/^ *\* @example\n((?: *\*(?! @|\/).*\n)+)/gm)].map(([, lines = '']) =>
    lines.replaceAll(/^ *\* ?/gm, ''),
  );
}

/** The program with its remarks made assertions. */
function asserting(program: string): string {
  return program.replaceAll(
    /^( *)(?!const |let )(.+); \/\/ ('.*?'|-?\d+|true|false|undefined)(?::.*)?$/gm,
    '$1expect($2).to.deep.equal($3);',
  );
}

async function play(program: string, room = ''): Promise<void> {
  const { outputText } = ts.transpileModule(`async function example() {\n${program}\n}`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const call = (scope: Record<string, unknown>): Promise<void> => {
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the program is our own docstring
    const made = new Function(...Object.keys(scope), `${outputText}\nreturn example();`) as (
      ...values: unknown[]
    ) => Promise<void>;
    return made(...Object.values(scope));
  };
  // A whole program runs itself.
  if (program.startsWith('await run(')) return call({ ...library, expect, console: { log() {} } });
  await simulate(async () => {
    // In the room of files their names are its own.
    const scope = room === 'io/fs' ? { ...cast(), ...library } : { ...library, ...cast() };
    await call({ ...scope, expect, console: { log() {} } });
    // What an example leaves running is not its point.
    await shutdown();
  });
}

describe('docstrings', () => {
  for (const room of ROOMS) {
    for (const file of readdirSync(path.join(lib, room)).sort()) {
      if (!file.endsWith('.ts')) continue;
      examples(readFileSync(path.join(lib, room, file), 'utf8')).forEach((example, i) => {
        const run = (): Promise<void> => play(asserting(example), room);
        it(`of ${room}/${file}: example ${i + 1} runs`, () => (room === 'io/fs' ? amongFiles(run) : run()));
      });
    }
  }

  it('are found and can fail', async () => {
    const text = '/**\n * What.\n * @example\n * const a = 1; // 2\n * a; // 2\n */\n';
    const [example = ''] = examples(text);
    expect(asserting(example)).to.equal('const a = 1; // 2\nexpect(a).to.deep.equal(2);\n');
    const failure = await play(asserting(example)).catch(String);
    expect(failure).to.contain('expected 1 to deeply equal 2');
  });
});
