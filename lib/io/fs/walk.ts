/**
 * All that is in a directory, however deep.
 *
 * What is held are the entries of one directory, and the directories that are still to be looked into: there is no
 * recursion, and nothing is open between two entries, so that it can be left anywhere.
 */
import * as fs from 'node:fs';
import path from 'node:path';
import { caller, refused, running } from '../../kernel/caller.js';
import { callable, readOptions, show, type WaitOptions } from '../../kernel/options.js';
import { proceed } from '../../kernel/park.js';
import { Lock } from '../../sync/lock.js';
import { startCall } from '../call.js';
import { Deadline } from './deadline.js';
import { pathOf, type Path } from './path.js';

/** Something in a directory. */
export interface Entry {
  /** Begins with the path that was given to {@link walk}. */
  readonly path: string;
  readonly name: string;
  /** 1 for what is in that directory itself, 2 for what is in a directory in it. */
  readonly depth: number;
  /** Of a link that is followed: what it leads to. */
  readonly kind: 'file' | 'directory' | 'link' | 'other';
}

export interface WalkOptions {
  /** Whether to look into a directory; into each by default. */
  enter?: (directory: Entry) => boolean;
  /** Whether links are followed; they are not by default. No directory is looked into twice. */
  followLinks?: boolean;
  /** Called when a directory cannot be read, which is then passed over; by default it is raised. */
  onError?: (error: Error, path: string) => void;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

/**
 * What is in `directory`, and in the directories in it: all entries of one, and then those of another.
 *
 * A directory is read when its first entry is asked for. What is made or removed meanwhile may be there or not; a
 * directory that is gone before it was looked into is no error.
 *
 * @throws {TypeError} a wrong or unknown option. While it is iterated: what the system reports of `directory`, and
 * without `onError` of one in it.
 * @example
 * const texts = [];
 * for await (const { kind, path } of walk('.', { enter: ({ name }) => name !== 'node_modules' })) {
 *   if (kind === 'file' && path.endsWith('.txt')) texts.push(path);
 * }
 * texts; // ['notes/monday.txt']
 */
export function walk(directory: Path, options?: WalkOptions): Walk {
  const root = pathOf(directory, 'walk');
  const { enter, followLinks = false, onError } = readOptions(options, NAMES, 'walk');
  if (enter !== undefined) callable(enter, 'enter', 'walk');
  if (onError !== undefined) callable(onError, 'onError', 'walk');
  if (typeof followLinks !== 'boolean') {
    throw new TypeError(`walk: followLinks must be a boolean, not ${show(followLinks)}`);
  }
  return new Walk(root, enter ?? (() => true), followLinks, onError);
}

const NAMES = ['enter', 'followLinks', 'onError'] as const;

/** A walk through a directory; see {@link walk}. Several tasklets may take from it: each gets the next entry. */
export class Walk implements AsyncIterable<Entry> {
  private readonly enter: (directory: Entry) => boolean;
  private readonly onError: ((error: Error, path: string) => void) | undefined;
  private readonly turn: Lock;
  /** The entries of one directory, and which of them is next. */
  private entries: readonly Entry[] = [];
  private at = 0;
  /** What is still to be looked into, the next one last. */
  private readonly ahead: Place[];
  /** The directories that were looked into, where links could lead to them again. */
  private readonly seen: Set<string> | null;

  /** @internal */
  constructor(
    root: string,
    enter: (directory: Entry) => boolean,
    followLinks: boolean,
    onError: ((error: Error, path: string) => void) | undefined,
  ) {
    this.enter = enter;
    this.onError = onError;
    this.turn = new Lock({ name: `walk of '${root}'` });
    this.seen = followLinks ? new Set() : null;
    this.ahead = [{ path: root, depth: 0 }];
  }

  /**
   * The next entry, as an iterator gives it; waits until it is there. Killed, timed out or aborted it has taken
   * nothing, and after an error it goes on with the next directory.
   */
  async next(options?: WaitOptions): Promise<IteratorResult<Entry, undefined>> {
    const refusing = refused(options, () => this.turn.name);
    if (refusing !== null) return refusing;
    const limits = Deadline.of(options);
    using _turn = this.turn.tryAcquire() ?? (await this.turn.acquire(limits?.left));
    const value = await this.advance(limits);
    const step: IteratorResult<Entry, undefined> =
      value === undefined ? { value, done: true } : { value, done: false };
    // Most entries are in memory already: whoever only counts them must let the event loop run all the same.
    return running() === undefined
      ? step
      : await (proceed(caller(), step) as Promise<IteratorResult<Entry, undefined>>);
  }

  /** To `break` leaves it behind the last entry that was given. */
  [Symbol.asyncIterator](): AsyncIterator<Entry, undefined> {
    return { next: () => this.next() };
  }

  private async advance(limits: Deadline | undefined): Promise<Entry | undefined> {
    for (;;) {
      const next = this.entries[this.at];
      if (next !== undefined) {
        const entry = next.kind === 'link' && this.seen !== null ? await followed(next, limits) : next;
        this.at++;
        if (entry.kind === 'directory' && this.enter(entry)) this.ahead.push(entry);
        return entry;
      }
      const place = this.ahead.at(-1);
      if (place === undefined) return undefined;
      try {
        this.entries = await this.look(place, limits);
      } catch (error) {
        if (!isSystem(error)) throw error;
        this.entries = [];
        this.ahead.pop();
        this.failed(error, place);
        continue;
      }
      this.at = 0;
      this.ahead.pop();
    }
  }

  /** What is in the directory at `place`; nothing, if it was looked into by another way. */
  private async look(place: Place, limits: Deadline | undefined): Promise<readonly Entry[]> {
    if (this.seen === null) return listed(place, limits);
    const { dev, ino } = await startCall(fs.stat, place.path, { bigint: true }).receive(limits?.left);
    const id = `${dev}:${ino}`;
    if (this.seen.has(id)) return [];
    const entries = await listed(place, limits);
    // Not before: whoever gave it up meanwhile has not looked into it.
    this.seen.add(id);
    return entries;
  }

  private failed(error: NodeJS.ErrnoException, { path, depth }: Place): void {
    if (depth > 0 && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return;
    if (this.onError === undefined) throw error;
    this.onError(error, path);
  }
}

type Listed = (error: NodeJS.ErrnoException | null, all: fs.Dirent[]) => void;

async function listed({ path: parent, depth }: Place, limits: Deadline | undefined): Promise<Entry[]> {
  const read = startCall((back: Listed) => fs.readdir(parent, { withFileTypes: true }, back));
  const all = await read.receive(limits?.left);
  return all.map((dirent) => ({
    path: path.join(parent, dirent.name),
    name: dirent.name,
    depth: depth + 1,
    kind: kindOf(dirent),
  }));
}

/** The link `entry` as what it leads to; as it is if that is nothing. */
async function followed(entry: Entry, limits: Deadline | undefined): Promise<Entry> {
  try {
    return { ...entry, kind: kindOf(await startCall(fs.stat, entry.path).receive(limits?.left)) };
  } catch (error) {
    if (isSystem(error)) return entry;
    throw error;
  }
}

function kindOf(found: fs.Dirent | fs.Stats): Entry['kind'] {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  return found.isSymbolicLink() ? 'link' : 'other';
}

/** Whether the system has reported it, and nobody else raised it. */
function isSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
