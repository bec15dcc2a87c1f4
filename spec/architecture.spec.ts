/**
 * The house rules, held by a test: who may import whom, and where a line lives.
 *
 * The tables come first. A new room gets a line in `FLOORS`; a line that is right in a new place gets that
 * place in `MENTIONS`, and whoever reads the change sees it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import {
  anyOf,
  busyDoors,
  calls,
  circles,
  extendsError,
  imports,
  isAsyncGenerator,
  linesOfCode,
  member,
  nameless,
  news,
  strangers,
  strays,
  tooLong,
  uses,
  word,
  wrongImports,
  type Floors,
  type Mention,
  type Tree,
} from './support/architecture.js';

const FLOORS: Floors = {
  rooms: {
    kernel: 0,
    tasklet: 1,
    time: 1,
    sync: 2,
    queue: 2,
    pipeline: 2,
    stackless: 2,
    // Nothing in it knows Node, so that it runs anywhere.
    futures: 2,
    io: 3,
    remote: 4,
    workers: 4,
  },
  side: ['observe', 'testing'],
  front: 2,
  node: 3,
  peers: { workerpool: ['workers/'] },
};

const MENTIONS: readonly Mention[] = [
  {
    what: 'new Promise',
    homes: ['kernel/waiter.ts', 'tasklet/run.ts'],
    why: 'all but the edge of a program waits by parking',
    in: news('Promise'),
  },
  {
    what: 'AsyncLocalStorage or promiseHooks',
    homes: ['kernel/identity.ts'],
    why: 'one file knows who is calling',
    in: anyOf(uses('AsyncLocalStorage', 'AsyncResource', 'promiseHooks'), imports('node:async_hooks')),
  },
  {
    what: 'setImmediate, queueMicrotask or nextTick',
    homes: ['kernel/host.ts', 'kernel/scheduler.ts', 'io/turn.ts'],
    why: 'one scheduler decides what runs next',
    in: anyOf(uses('setImmediate', 'clearImmediate', 'queueMicrotask'), calls(['nextTick'])),
  },
  {
    what: 'a timer or the time',
    homes: ['kernel/clock.ts'],
    why: 'otherwise virtual time lies',
    in: anyOf(
      uses('setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'),
      imports('node:timers', 'node:timers/promises', 'node:perf_hooks'),
    ),
  },
  {
    what: "an event listener, .on('…')",
    homes: ['io/', 'workers/', 'remote/', 'kernel/host.ts', 'pipeline/writable.ts', 'testing/mocha.ts'],
    why: 'the world comes in through one door',
    in: calls(['on', 'once', 'addListener', 'prependListener'], true),
  },
  {
    what: 'Buffer or a socket',
    homes: ['io/', 'workers/', 'remote/'],
    why: "the floors below do not know Node's objects",
    in: anyOf(uses('Buffer'), imports('node:net', 'node:stream', 'node:dgram', 'node:tls')),
  },
  {
    what: 'postMessage or Worker',
    homes: ['workers/', 'kernel/host.ts'],
    why: 'a channel that leaves the thread is a worker’s',
    in: anyOf(calls(['postMessage']), news('Worker'), imports('node:worker_threads')),
  },
  {
    what: 'Math.random',
    homes: ['testing/'],
    why: 'chance has a seed',
    in: member('Math', 'random'),
  },
  {
    what: 'extends Error',
    homes: ['kernel/errors.ts', 'stackless/errors.ts'],
    why: 'all errors can be read on one page, and those of Stackless on their own',
    in: extendsError,
  },
  { what: 'console', homes: [], why: 'a library does not print', in: uses('console') },
  {
    what: 'Promise.race',
    homes: [],
    why: 'the losers stay behind and hold on to everything; select takes them back',
    in: member('Promise', 'race'),
  },
  {
    what: 'an async generator',
    homes: [],
    why: 'its return() waits for its next(): it cannot be left while it waits',
    in: isAsyncGenerator,
  },
  {
    what: 'indexOf or splice',
    only: ['kernel/', 'sync/', 'queue/'],
    homes: [],
    why: 'leaving the middle of a queue takes one step, however long it is',
    in: calls(['indexOf', 'splice']),
  },
  {
    what: 'process or a module of Node',
    only: ['kernel/'],
    homes: ['kernel/host.ts', 'kernel/identity.ts'],
    why: 'the kernel runs anywhere',
    in: word('process', 'node:'),
  },
];

/** Lines of code, without blank lines and comments. Leaves aim at 100. */
const longest = (file: string): number => (/^(kernel|tasklet)\//.test(file) ? 200 : 160);

const NO_NAMES = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'shared'];

/** Specs that ask about more than one file. */
const BEYOND_THE_MIRROR = [
  'architecture.spec.ts',
  'bench.spec.ts',
  'conformance/',
  'model/',
  'process.spec.ts',
  'support/',
  'examples/',
  'soak/',
  'bench/',
  'package/',
];

const ROOT = path.join(__dirname, '..');

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(path.join(ROOT, folder), path.join(entry.parentPath, entry.name)))
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
}

function read(folder: string): Tree {
  return new Map(
    filesUnder(folder).map((file) => [file, readFileSync(path.join(ROOT, folder, file), 'utf8')]),
  );
}

describe('architecture', () => {
  describe('of lib', () => {
    const lib = read('lib');

    it('imports from the same room or from a lower floor', () => {
      expect(wrongImports(lib, FLOORS)).to.deep.equal([]);
    });

    it('has no circles', () => {
      expect(circles(lib)).to.deep.equal([]);
    });

    for (const mention of MENTIONS) {
      it(`says ${mention.what} ${mention.homes.length > 0 ? 'only where it lives' : 'nowhere'}`, () => {
        expect(strangers(lib, [mention])).to.deep.equal([]);
      });
    }

    it('can be read a file at a sitting', () => {
      expect(tooLong(lib, longest)).to.deep.equal([]);
    });

    it('names every file after what it does', () => {
      expect(nameless(lib, NO_NAMES)).to.deep.equal([]);
    });

    it('has front doors that only re-export', () => {
      expect(busyDoors(lib)).to.deep.equal([]);
    });

    it('is mirrored by every spec', () => {
      const specs = filesUnder('spec').filter((file) => file.endsWith('.spec.ts'));
      expect(strays(specs, lib, BEYOND_THE_MIRROR)).to.deep.equal([]);
    });
  });

  // A rule that cannot fail holds nothing: each is shown a tree that breaks it.
  describe('when broken', () => {
    const tree = (files: Record<string, string>): Tree => new Map(Object.entries(files));
    const found = (files: Record<string, string>): string[] => strangers(tree(files), MENTIONS);

    it('tells of an import that goes up, and of one that goes across', () => {
      const lib = tree({
        'kernel/ring.ts': "import { spawn } from '../tasklet/tasklet.js';",
        'tasklet/tasklet.ts': "export * from '../time/sleep.js';",
        'time/sleep.ts': "export type { Ring } from '../kernel/ring.js';",
      });
      expect(wrongImports(lib, FLOORS)).to.deep.equal([
        'kernel/ring.ts:1 imports ../tasklet/tasklet.js; tasklet (floor 1) is not below kernel (floor 0)',
        'tasklet/tasklet.ts:1 imports ../time/sleep.js; time (floor 1) is not below tasklet (floor 1)',
      ]);
    });

    it('lets the front door in to the floors that run anywhere, and nobody in through it', () => {
      const lib = tree({
        'index.ts': "export * from './kernel/ring.js';\nexport * from './io/inbox.js';",
        'kernel/ring.ts': "import type { Inbox } from '../index.js';",
        'io/inbox.ts': '',
      });
      expect(wrongImports(lib, FLOORS)).to.deep.equal([
        'index.ts:2 imports ./io/inbox.js; io (floor 3) is not below the front door (floor 2)',
        'kernel/ring.ts:1 imports ../index.js; nobody comes in through the front door from inside',
      ]);
    });

    it('tells of an import of a side room, of a missing file, of a package, of Node below its floor', () => {
      const lib = tree({
        'io/fs.ts': "import '../testing/clock.js';\nimport './gone.js';\nimport fs from 'node:fs';",
        'testing/clock.ts': "import '../io/fs.js';\nimport assert from 'node:assert';",
        'sync/lock.ts':
          "const fs = await import('node:fs');\nimport ms from 'ms';\ntype T = import('node:net').Socket;",
      });
      expect(wrongImports(lib, FLOORS)).to.deep.equal([
        'io/fs.ts:1 imports ../testing/clock.js; testing is a side room, nobody in lib imports it',
        'io/fs.ts:2 imports ./gone.js; there is no io/gone.ts',
        'sync/lock.ts:1 imports node:fs; the first floor that knows Node is 3',
        'sync/lock.ts:2 imports ms; the package depends on nothing',
        'sync/lock.ts:3 imports node:net; the first floor that knows Node is 3',
      ]);
    });

    it('lets a package that a user may bring along into its room only', () => {
      const lib = tree({
        'workers/pool.ts': "const pool = await import('workerpool');",
        'io/pool.ts': "import type { Pool } from 'workerpool';",
        'remote/pool.ts': "const pool = createRequire(import.meta.url)('workerpool');",
      });
      expect(wrongImports(lib, { ...FLOORS, peers: { workerpool: ['workers/'] } })).to.deep.equal([
        'io/pool.ts:1 imports workerpool; the package depends on nothing',
        'remote/pool.ts:1 imports workerpool; the package depends on nothing',
      ]);
    });

    it('tells of a room without a floor', () => {
      expect(wrongImports(tree({ 'cellar/wine.ts': '' }), FLOORS)).to.deep.equal([
        'cellar/wine.ts is in a room that stands on no floor; give "cellar" a floor or move the file',
      ]);
    });

    it('tells of a circle once, however it is entered', () => {
      const lib = tree({
        'kernel/c.ts': "import './a.js';",
        'kernel/b.ts': "import './c.js';",
        'kernel/a.ts': "import { type B } from './b.js';",
        'kernel/self.ts': "export * from './self.js';",
        'kernel/z.ts': "import './a.js';\nimport './b.js';",
      });
      expect(circles(lib)).to.deep.equal([
        'a circle of imports: kernel/a.ts → kernel/b.ts → kernel/c.ts → kernel/a.ts',
        'a circle of imports: kernel/self.ts → kernel/self.ts',
      ]);
    });

    it('lets a type look back', () => {
      const lib = tree({
        'kernel/a.ts': "import { b } from './b.js';",
        'kernel/b.ts':
          "import type { A } from './a.js';\nexport type * from './a.js';\ntype C = import('./a.js').C;",
      });
      expect(circles(lib)).to.deep.equal([]);
    });

    it('says where a line belongs', () => {
      expect(found({ 'time/every.ts': '\nsetTimeout(() => {}, 5);' })).to.deep.equal([
        'time/every.ts:2 says a timer or the time; it belongs in kernel/clock.ts (otherwise virtual time lies)',
      ]);
      expect(found({ 'time/every.ts': 'console.log(1);' })).to.deep.equal([
        'time/every.ts:1 says console; it belongs nowhere in lib (a library does not print)',
      ]);
    });

    const breaks: Record<string, readonly string[]> = {
      'new Promise': ['new Promise(() => {});', 'const p = new Promise<void>((r) => r());'],
      'AsyncLocalStorage or promiseHooks': [
        'new AsyncLocalStorage();',
        "import { AsyncResource } from 'node:async_hooks';",
        'const { promiseHooks } = v8;',
      ],
      'setImmediate, queueMicrotask or nextTick': [
        'setImmediate(f);',
        'globalThis.queueMicrotask(f);',
        'process.nextTick(f);',
        'later = setImmediate;',
      ],
      'a timer or the time': [
        'Date.now();',
        'const t = { now: performance.now() };',
        'globalThis.setTimeout(f);',
        'new Date();',
        "import { setTimeout as sleep } from 'node:timers/promises';",
        'f({ setTimeout });',
      ],
      "an event listener, .on('…')": ["emitter.on('data', f);", "socket?.once('close', f);"],
      'Buffer or a socket': ["Buffer.from('x');", "import type { Socket } from 'node:net';"],
      'postMessage or Worker': ['port.postMessage(1);', "new Worker('x');"],
      'Math.random': ['const n = Math.random();'],
      'extends Error': [
        'class A extends Error {}',
        'const B = class extends RangeError {};',
        'class C extends my.TimeoutError<T> {}',
      ],
      console: ["console.log('x');", 'const { log } = console;'],
      'Promise.race': ['await Promise.race([a, b]);', 'const { x = Promise.race } = y;'],
      'an async generator': [
        'async function* f() {}',
        'class A { async *[Symbol.asyncIterator]() {} }',
        'const o = { async *f() {} };',
        'const f = async function* () {};',
      ],
      'indexOf or splice': ['waiting.splice(waiting.indexOf(me), 1);'],
      'process or a module of Node': ["const v8 = load('node:v8');", 'const { process } = globalThis;'],
    };
    for (const { what, homes, only } of MENTIONS) {
      const place = only?.[0] ?? (homes.includes('io/') ? 'time/' : 'io/');
      it(`sees ${what}, and is content where it lives`, () => {
        const lines = breaks[what] ?? [];
        expect(lines).to.not.be.empty;
        for (const line of lines) {
          const told = found({ [`${place}wrong.ts`]: line }).filter((sentence) =>
            sentence.includes(`says ${what};`),
          );
          expect(told, line).to.not.be.empty;
          for (const home of homes) {
            const file = home.endsWith('/') ? `${home}right.ts` : home;
            const at = found({ [file]: line }).filter((sentence) => sentence.includes(`says ${what};`));
            expect(at, `${line} in ${file}`).to.be.empty;
          }
        }
      });
    }

    it('does not take a comment, a string, a type or a property for a mention', () => {
      const text = [
        '// console.log, setTimeout, new Promise, Promise.race, class A extends Error',
        '/* process.on("exit") and node:fs */',
        "const hint = 'use setTimeout or console, not Promise.race';",
        'const text = `new Promise`;',
        'type Handle = ReturnType<typeof setTimeout>;',
        'interface Stat { readonly mtime: Date; performance: number }',
        'stat.performance = timers.setTimeout;',
        'function at(when: Date): Promise<void> { return map.on(when); }',
        'interface E extends Error { code: string }',
        'function* numbers() { yield 1; }',
        'async function f() { await Promise.all([]); }',
        'const clock = { Date: 1, console: 2 };',
      ].join('\n');
      expect(found({ 'kernel/any.ts': text })).to.deep.equal([]);
    });

    it('counts lines of code, not comments or blank lines', () => {
      const text =
        '/**\n * Why.\n */\n\nconst a = 1; // one\n/* two */ const b = `\n\n`;\n\n// end\nf(\n  a, // first\n);\n';
      expect(linesOfCode(text)).to.equal(1 + 3 + 3);
      expect(linesOfCode('')).to.equal(0);
      const lines = (count: number): string => 'f();\n'.repeat(count);
      expect(tooLong(tree({ 'kernel/a.ts': lines(200), 'io/b.ts': lines(160) }), longest)).to.deep.equal([]);
      expect(tooLong(tree({ 'kernel/a.ts': lines(201), 'io/b.ts': lines(161) }), longest)).to.deep.equal([
        'kernel/a.ts has 201 lines of code, more than 200; find the second concept in it',
        'io/b.ts has 161 lines of code, more than 160; find the second concept in it',
      ]);
    });

    it('tells of names that say nothing', () => {
      const lib = tree({ 'io/utils.ts': '', 'utils/list.ts': '', 'io/common.ts': '', 'kernel/list.ts': '' });
      expect(nameless(lib, NO_NAMES)).to.deep.equal(
        ['io/utils.ts', 'utils/list.ts', 'io/common.ts'].map(
          (file) => `${file} is named after nothing; name it after the one thing it does`,
        ),
      );
    });

    it('tells of a front door that does something', () => {
      const lib = tree({
        'index.ts': "export { a } from './a.js';\nexport type * from './b.js';\nexport const c = 1;",
        'io/index.ts': "import './inbox.js';",
      });
      expect(busyDoors(lib)).to.deep.equal([
        'index.ts:3 does something; a front door only re-exports',
        'io/index.ts:1 does something; a front door only re-exports',
      ]);
    });

    it('tells of a spec that mirrors nothing', () => {
      const lib = tree({ 'kernel/channel.ts': '' });
      const specs = [
        'kernel/channel.spec.ts',
        'kernel/channel.closing.spec.ts',
        'kernel/ring.spec.ts',
        'channel.spec.ts',
        'conformance/replay.spec.ts',
        'architecture.spec.ts',
      ];
      expect(strays(specs, lib, BEYOND_THE_MIRROR)).to.deep.equal([
        'spec/kernel/ring.spec.ts mirrors nothing; there is no lib/kernel/ring.ts',
        'spec/channel.spec.ts mirrors nothing; there is no lib/channel.ts',
      ]);
    });
  });
});
