import * as fs from 'node:fs';
import * as crypto from 'node:crypto';
import * as dns from 'node:dns';
import * as stream from 'node:stream';
import * as zlib from 'node:zlib';
import { expect } from 'chai';
import { current, schedule, spawn, TaskletKilledError } from '../../lib/index.js';
import { adapt } from '../../lib/io/index.js';
import { rejection } from '../support/rejection.js';
import { simulate } from '../support/simulate.js';

type Back = (error: Error | null, value: string) => void;

/** Keeps values behind callbacks, as a user's class does. */
class Store {
  static readonly kind = 'store';
  #values = new Map<string, string>();
  limit = 2;

  put(key: string, value: string, back: (error: Error | null) => void): void {
    if (this.#values.size >= this.limit) back(new Error('full'));
    else {
      this.#values.set(key, value);
      setImmediate(back, null);
    }
  }

  get(key: string, back: Back): void {
    setImmediate(back, null, this.#values.get(key) ?? '');
  }

  sizeSync(): number {
    return this.#values.size;
  }

  async sizeLater(): Promise<number> {
    return this.#values.size;
  }

  get size(): number {
    return this.#values.size;
  }
}

describe('adapt', () => {
  describe('of a function', () => {
    it('is call, with its types', async () => {
      const readFile = adapt(fs.readFile);
      const text: string = await readFile(__filename, 'utf8');
      const bytes: Buffer = await readFile(__filename);
      expect(text).to.equal(bytes.toString());
      expect(await rejection(readFile('/there/is/none'))).to.include({ code: 'ENOENT', syscall: 'open' });
      expect(readFile.name).to.equal('readFile');
    });

    it('hands `this` on', async () => {
      const counter = {
        count: 41,
        next: adapt(function (this: { count: number }, back: (error: null, count: number) => void) {
          back(null, ++this.count);
        }),
      };
      expect(await counter.next()).to.equal(42);
    });

    it('honours util.promisify.custom, and the names that Node gives', async () => {
      const reader = stream.Readable.from(['text']).resume();
      await adapt(stream.finished)(reader);
      expect(reader.readableEnded).to.equal(true);
      expect(await adapt(dns.lookup)('127.0.0.1')).to.deep.equal({ address: '127.0.0.1', family: 4 });
      const file = fs.openSync(__filename, 'r');
      const buffer = Buffer.alloc(6);
      expect(await adapt(fs.read)(file, buffer, 0, 6, 0)).to.deep.equal({ bytesRead: 6, buffer });
      expect(buffer.toString()).to.equal('import');
      fs.closeSync(file);
    });

    it('can be killed', () =>
      simulate(async () => {
        const forever = adapt((_: Back) => {});
        const victim = spawn(() => forever());
        await schedule();
        expect(victim.blockedOn).to.equal('call of a function');
        victim.kill();
        expect(await rejection(victim.join())).to.be.instanceOf(TaskletKilledError);
      }));
  });

  describe('of a module', () => {
    it('adapts what takes a callback', async () => {
      const { readFile, stat } = adapt(fs);
      const { gzip, gunzip } = adapt(zlib);
      const text: string = await readFile(__filename, 'utf8');
      expect((await stat(__filename)).size).to.equal(Buffer.byteLength(text));
      expect(String(await gunzip(await gzip(text)))).to.equal(text);
      expect(await adapt(crypto).randomBytes(8)).to.have.length(8);
    });

    it('leaves alone what is no function, a class, or ends in Sync', () => {
      const adapted = adapt(fs);
      expect(adapted.constants).to.equal(fs.constants);
      expect(adapted.promises).to.equal(fs.promises);
      expect(adapted.Stats).to.equal(fs.Stats);
      expect(adapted.ReadStream).to.equal(fs.ReadStream);
      expect(adapted.readFileSync).to.equal(fs.readFileSync);
    });

    it('hands the same function out each time', () => {
      const adapted = adapt(fs);
      expect(adapted.stat).to.equal(adapted.stat).and.not.equal(fs.stat);
    });

    it('reads no member before it is used', () => {
      let reads = 0;
      const module = {
        get deprecated(): number {
          return ++reads;
        },
        late: (back: (error: null, value: string) => void) => back(null, 'first'),
      };
      const adapted = adapt(module);
      expect(Object.keys(adapted)).to.deep.equal(['deprecated', 'late']);
      expect(reads).to.equal(0);
      expect(adapted.deprecated).to.equal(1);
    });

    it('sees what is replaced later', async () => {
      const module = { get: (back: Back) => back(null, 'first') };
      const adapted = adapt(module);
      expect(await adapted.get()).to.equal('first');
      module.get = (back) => back(null, 'second');
      expect(await adapted.get()).to.equal('second');
    });

    it('does not have in its type what takes no callback', () => {
      const adapted = adapt(fs);
      // @ts-expect-error -- it would wait for ever
      expect(adapted.createReadStream).to.be.a('function');
      // @ts-expect-error -- nor does a listener make it wait
      expect(adapted.watch).to.be.a('function');
    });
  });

  describe('of an object', () => {
    it('calls its methods on it, private parts and all', async () => {
      const store = adapt(new Store());
      await store.put('a', '1');
      expect(await store.get('a')).to.equal('1');
      expect([store.size, store.sizeSync(), await store.sizeLater()]).to.deep.equal([1, 1, 1]);
      await store.put('b', '2');
      expect(await rejection(store.put('c', '3'))).to.have.property('message', 'full');
    });

    it('hands a promise on that a method returns', async () => {
      const object = {
        later: (back?: Back): Promise<string> =>
          back === undefined ? Promise.resolve('') : Promise.resolve('x'),
        fails: () => Promise.reject(new Error('y')),
      };
      const adapted = adapt(object);
      expect(await adapted.later()).to.equal('x');
      expect(await rejection(adapted.fails())).to.have.property('message', 'y');
    });

    it('leaves async and generator functions alone', async () => {
      const object = {
        async later(...args: unknown[]): Promise<number> {
          return args.length;
        },
        *many(...args: unknown[]): Generator<number> {
          yield args.length;
        },
      };
      const adapted: { readonly later: (...args: unknown[]) => Promise<number> } = adapt(object);
      expect(adapted.later).to.equal(object.later);
      expect(await adapted.later()).to.equal(0);
      expect((adapted as typeof object).many).to.equal(object.many);
    });

    it('takes a method for no class because of its name', async () => {
      const object = {
        classify(text: string, back: Back): void {
          back(null, text.toUpperCase());
        },
      };
      expect(await adapt(object).classify('a')).to.equal('A');
    });

    it('leaves a class alone, however it is written', () => {
      class lower {
        x = 1;
      }
      const object = { lower, Upper: lower };
      expect([adapt(object).lower, adapt(object).Upper]).to.deep.equal([lower, lower]);
    });
  });

  it('knows the tasklet that called', () =>
    simulate(async () => {
      const adapted = adapt({ who: (back: (error: null, value: unknown) => void) => back(null, current()) });
      const asker = spawn(() => adapted.who());
      // A tasklet is an ordinary value.
      expect(await asker.join()).to.equal(asker);
    }));

  it('refuses what is neither a function nor an object', () => {
    for (const wrong of ['fs', 7, null, undefined] as unknown as object[]) {
      expect(() => adapt(wrong)).to.throw(TypeError, /^adapt: /);
    }
  });
});
