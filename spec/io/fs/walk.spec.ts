import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { run, schedule, spawn, TaskletKilledError, TimeoutError, wait } from '../../../lib/index.js';
import { walk, type Entry, type WalkOptions } from '../../../lib/io/index.js';
import { Folder } from '../../support/folder.js';
import { rejection } from '../../support/rejection.js';

describe('walk', () => {
  const folder = new Folder();
  const tree = folder.at('tree');
  beforeEach(() => {
    for (const name of ['a/b/c', 'd']) mkdirSync(path.join(tree, name), { recursive: true });
    for (const name of ['1', 'a/2', 'a/b/3', 'a/b/c/4', 'd/5']) writeFileSync(path.join(tree, name), name);
  });
  afterEach(async () => {
    await folder.expectClosed();
    rmSync(tree, { recursive: true });
  });
  after(() => folder.remove());

  /** What a walk finds, with paths from its root, in the order of names. */
  async function found(options?: WalkOptions, root = tree): Promise<string[]> {
    const all: string[] = [];
    for await (const entry of walk(root, options)) {
      expect(path.basename(entry.path)).to.equal(entry.name);
      const place = path.relative(root, entry.path);
      expect(entry.depth).to.equal(place.split(path.sep).length);
      all.push(`${entry.kind} ${place}`);
    }
    return all.sort();
  }

  const everything = [
    'directory a',
    'directory a/b',
    'directory a/b/c',
    'directory d',
    'file 1',
    'file a/2',
    'file a/b/3',
    'file a/b/c/4',
    'file d/5',
  ];

  it('gives everything once, however deep', () =>
    run(async () => expect(await found()).to.deep.equal(everything)));

  it('works outside of tasklets', async () => expect(await found()).to.deep.equal(everything));

  it('gives the entries of a directory together, and before those of the ones in it', () =>
    run(async () => {
      const parents: string[] = [];
      for await (const entry of walk(tree)) {
        const parent = path.dirname(entry.path);
        if (parents.at(-1) !== parent) parents.push(parent);
      }
      expect(new Set(parents).size).to.equal(parents.length);
      expect(parents[0]).to.equal(tree);
    }));

  it('looks into what it is told to', () =>
    run(async () => {
      const enter = ({ name }: Entry): boolean => name !== 'b';
      expect(await found({ enter })).to.deep.equal(everything.filter((line) => !line.includes('b/')));
      const shallow = ({ depth }: Entry): boolean => depth < 1;
      expect(await found({ enter: shallow })).to.deep.equal(['directory a', 'directory d', 'file 1']);
    }));

  it('goes as deep as there are directories, without recursion', () =>
    run(async () => {
      let deep = tree;
      for (let i = 0; i < 500; i++) deep = path.join(deep, 'x');
      mkdirSync(deep, { recursive: true });
      const depths: number[] = [];
      for await (const { name, depth } of walk(tree)) if (name === 'x') depths.push(depth);
      expect(depths).to.deep.equal(Array.from({ length: 500 }, (_, i) => i + 1));
    }));

  describe('with links', () => {
    beforeEach(() => {
      symlinkSync(tree, path.join(tree, 'a', 'up'));
      symlinkSync('../a', path.join(tree, 'd', 'side'));
      symlinkSync('nowhere', path.join(tree, 'dead'));
      symlinkSync('self', path.join(tree, 'self'));
      symlinkSync('1', path.join(tree, 'one'));
    });

    it('shows them as links', () =>
      run(async () => {
        const links = ['link a/up', 'link d/side', 'link dead', 'link one', 'link self'];
        expect((await found()).filter((line) => line.startsWith('link'))).to.deep.equal(links);
        expect((await found()).length).to.equal(everything.length + links.length);
      }));

    it('follows them on request, and looks into no directory twice', () =>
      run(async () => {
        const all = await found({ followLinks: true });
        expect(all).to.include.members(['directory d/side', 'link dead', 'link self', 'file one']);
        expect(all.filter((line) => line.endsWith('up')).length).to.equal(1);
        const names = all.map((line) => path.basename(line)).filter((name) => /^[2-5]$/.test(name));
        expect(names.sort()).to.deep.equal(['2', '3', '4', '5']);
      }));
  });

  describe('raises', () => {
    it('[INV-65] what the system reports of the root', () =>
      run(async () => {
        const missing = folder.at('missing');
        expect(await rejection(walk(missing).next())).to.include({
          code: 'ENOENT',
          syscall: 'scandir',
          path: missing,
        });
        expect(await rejection(walk(path.join(tree, '1')).next())).to.include({ code: 'ENOTDIR' });
        const told: string[] = [];
        const onError = (error: NodeJS.ErrnoException, place: string): void =>
          void told.push(`${error.code} ${place}`);
        expect(await walk(missing, { onError }).next()).to.deep.equal({ value: undefined, done: true });
        expect(told).to.deep.equal([`ENOENT ${missing}`]);
      }));

    it('nothing for a directory that is gone meanwhile', () =>
      run(async () => {
        const names: string[] = [];
        for await (const { name } of walk(tree)) {
          if (names.length === 0) rmSync(path.join(tree, 'a'), { recursive: true });
          names.push(name);
        }
        expect(names.sort()).to.deep.equal(['1', '5', 'a', 'd']);
        mkdirSync(path.join(tree, 'a'));
      }));

    it('for wrong options', () => {
      expect(() => walk(7 as unknown as string)).to.throw(TypeError, /^walk: path/);
      expect(() => walk(tree, { followLinks: 1 as never })).to.throw(TypeError, /followLinks/);
      expect(() => walk(tree, { enter: 'all' as never })).to.throw(TypeError, /enter/);
      expect(() => walk(tree, { depth: 1 } as object)).to.throw(TypeError, /unknown option 'depth'/);
    });
  });

  it('[INV-67] loses nothing to who is killed or has no time', () =>
    run(async () => {
      const source = walk(tree);
      const names: string[] = [];
      for (let i = 0; ; i++) {
        const next = spawn(() => source.next(i % 3 === 1 ? { timeout: 0 } : undefined));
        await schedule();
        if (i % 3 === 0) next.kill();
        const outcome = await next.join().catch((error: unknown) => error);
        if (outcome instanceof TaskletKilledError || outcome instanceof TimeoutError) continue;
        const { value } = outcome as IteratorResult<Entry, undefined>;
        if (value === undefined) break;
        names.push(value.name);
      }
      expect(names.sort()).to.deep.equal(['1', '2', '3', '4', '5', 'a', 'b', 'c', 'd']);
    }));

  it('[INV-67] loses no directory to who gives up while it is read', () =>
    run(async () => {
      const crowded = folder.at('crowded');
      mkdirSync(crowded);
      const names = Array.from({ length: 2000 }, (_, i) => `${i}`);
      for (const name of names) writeFileSync(path.join(crowded, name), '');
      const source = walk(crowded, { followLinks: true });
      const stop = new AbortController();
      const first = spawn(() => source.next({ signal: stop.signal }));
      // It asks which directory it is, and then what is in it.
      while (first.blockedOn === undefined) await schedule();
      const asked = first.blockedOn;
      while (first.blockedOn === asked) await wait(new Promise((back) => setImmediate(back)));
      const reason = new Error('enough');
      stop.abort(reason);
      const step = await first.join().catch((error: unknown) => error);
      const taken = step === reason ? [] : [(step as IteratorYieldResult<Entry>).value.name];
      for await (const { name } of source) taken.push(name);
      expect(taken.sort()).to.deep.equal(names.sort());
    }));

  it('goes on with the next directory after an error, whoever raised it', () =>
    run(async () => {
      const onError = (): never => {
        throw new Error('not this one');
      };
      const source = walk(folder.at('nowhere'), { onError });
      expect(await rejection(source.next())).to.have.property('message', 'not this one');
      expect(await source.next()).to.deep.equal({ value: undefined, done: true });
    }));

  it('gives each of several who take from it another entry', () =>
    run(async () => {
      const source = walk(tree);
      const take = async (): Promise<string[]> => {
        const names: string[] = [];
        for await (const { name } of source) names.push(name);
        return names;
      };
      const takers = [spawn(take), spawn(take), spawn(take)];
      const names: string[] = [];
      for (const taker of takers) names.push(...(await taker.join()));
      expect(names.sort()).to.deep.equal(['1', '2', '3', '4', '5', 'a', 'b', 'c', 'd']);
    }));
});
