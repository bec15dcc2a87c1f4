/**
 * What happens to a file or in a directory, received like anything else.
 */
import * as fs from 'node:fs';
import { next } from '../../kernel/host.js';
import { readOptions, show } from '../../kernel/options.js';
import { current } from '../../tasklet/spawn.js';
import { Inbox, type InboxOptions } from '../inbox.js';
import { pathOf, type Path } from './path.js';

/** Something has happened. How much the platform tells of it differs. */
export interface Change {
  /** `'change'`: to its content; `'rename'`: it is new, gone, or has another name. */
  readonly type: 'change' | 'rename';
  /** To what, seen from what is watched; `undefined` if the platform does not say. */
  readonly name: string | undefined;
}

export interface WatchOptions extends Pick<InboxOptions, 'limit' | 'overflow'> {
  /** Whether the directories in a directory are watched too; by default they are not. */
  recursive?: boolean;
}

/**
 * What happens to the file, or in the directory, at `path`, in the order in which the system tells.
 *
 * Up to `limit` changes (1024) wait to be received. One more, and the inbox ends with `OverflowError`; or, with
 * `overflow: 'drop-oldest'` or `'drop-newest'`, one is dropped and counted in `dropped`. With a limit of 1 and
 * `'drop-newest'` one learns that something has happened, and looks for oneself.
 *
 * It watches until it is closed, by {@link Inbox.close} or `using`, or has ended with an error; made in a tasklet, no
 * longer than that one lives. A watched file that is replaced is another file: watch its directory.
 *
 * @throws what the system reports, such as that there is nothing at `path`. {TypeError | RangeError} a wrong or
 * unknown option.
 * @example
 * using changes = watch('notes');
 * spawn(() => writeFile('notes/tuesday.txt', 'Sell milk.'));
 * const { name } = await changes.receive();
 * name; // 'tuesday.txt'
 */
export function watch(path: Path, options?: WatchOptions): Inbox<Change> {
  const place = pathOf(path, 'watch');
  const { limit, overflow, recursive = false } = readOptions(options, NAMES, 'watch');
  if (typeof recursive !== 'boolean') {
    throw new TypeError(`watch: recursive must be a boolean, not ${show(recursive)}`);
  }
  const stop = (): void => {
    release?.();
    watcher.close();
  };
  const inbox = new Inbox<Change>(
    { stop },
    {
      name: `watch of '${place}'`,
      ...(limit === undefined ? {} : { limit }),
      ...(overflow === undefined ? {} : { overflow }),
    },
  );
  const watcher = fs.watch(place, { recursive }, (type, name) => {
    inbox.put({ type: type === 'rename' ? 'rename' : 'change', name: name ?? undefined });
  });
  watcher.on('error', (error) => inbox.end(error));
  // Not at once: a tasklet ends in the middle of a switch.
  const release = current()?.atEnd(() => next(() => inbox.close()));
  return inbox;
}

const NAMES = ['limit', 'overflow', 'recursive'] as const;
