/**
 * Files and directories that are there as long as their scope.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refused } from '../../kernel/caller.js';
import { readOptions, show, type WaitOptions } from '../../kernel/options.js';
import { startCall } from '../call.js';
import { Descriptor, obtain } from './descriptor.js';
import { File } from './file.js';
import { pathOf, type Path } from './path.js';

export interface TemporaryOptions extends WaitOptions {
  /** In which directory; in the system's own for temporary files by default. */
  parent?: Path;
  /** How its name begins; `'tmp-'` by default. */
  prefix?: string;
}

/** A directory that is removed, with all that is in it, when it is disposed of. */
export class TemporaryDirectory implements AsyncDisposable {
  readonly path: string;

  /** @internal */
  constructor(path: string) {
    this.path = path;
  }

  /** Removes it with all that is in it, and waits until that is done. Where it is gone already, nothing happens. */
  async remove(options?: WaitOptions): Promise<void> {
    const refusing = refused(options, () => `removal of '${this.path}'`);
    if (refusing !== null) return refusing;
    await startCall(fs.rm, this.path, { recursive: true, force: true }).receive(options);
  }

  /** {@link TemporaryDirectory.remove}. */
  async [Symbol.asyncDispose](): Promise<void> {
    // Begun in any case: who has no time left to clean up cannot wait for it.
    await startCall(fs.rm, this.path, { recursive: true, force: true }).receive();
  }
}

/**
 * Makes a directory that nobody else has, for this user only.
 *
 * Killed while it waits, it leaves nothing behind. A program that is ended from outside leaves it.
 *
 * @param options `parent`, `prefix`; `timeout` in milliseconds, `signal`.
 * @throws what the system reports. {TypeError} a wrong or unknown option. {TimeoutError}.
 * @example
 * await using directory = await temporaryDirectory();
 * await writeFile(`${directory.path}/draft.txt`, 'Dear all,');
 */
export async function temporaryDirectory(options?: TemporaryOptions): Promise<TemporaryDirectory> {
  const { start, wait } = await begin(options, 'temporaryDirectory');
  const made = await obtain<string>(
    `mkdtemp of '${start}'`,
    (callback) => fs.mkdtemp(start, callback),
    (late) => fs.rmdir(late, ignore),
    wait,
  );
  return new TemporaryDirectory(made);
}

/**
 * Makes a file that nobody else has, for this user only, open to be read and written; to close it removes it, if it
 * is still there.
 *
 * Killed while it waits, it leaves nothing behind. A program that is ended from outside leaves it.
 *
 * @param options `parent`, `prefix`; `timeout` in milliseconds, `signal`.
 * @throws what the system reports. {TypeError} a wrong or unknown option. {TimeoutError}.
 * @example
 * await using file = await temporaryFile();
 * await file.write('draft');
 * String(await file.read(65_536, { position: 0 })); // 'draft'
 */
export async function temporaryFile(options?: TemporaryOptions): Promise<File> {
  const { start, wait } = await begin(options, 'temporaryFile');
  const file = start + randomBytes(8).toString('hex');
  const descriptor = await Descriptor.create(file, 0o600, wait);
  return new File(descriptor, false, true);
}

/** How the path begins, and the limits. */
async function begin(
  options: TemporaryOptions | undefined,
  where: string,
): Promise<{ readonly start: string; readonly wait: WaitOptions }> {
  const given = readOptions(options, ['parent', 'prefix', 'timeout', 'signal'], where);
  const { parent = tmpdir(), prefix = 'tmp-', timeout, signal } = given;
  if (typeof prefix !== 'string' || prefix !== path.basename(prefix)) {
    throw new TypeError(`${where}: prefix must be the beginning of a name, not ${show(prefix)}`);
  }
  const wait = { timeout, signal };
  const refusing = refused(wait, () => where);
  if (refusing !== null) await refusing;
  // Not `resolve` with the prefix: one that is empty, or `..`, would lead out of the directory.
  return { start: path.join(path.resolve(pathOf(parent, where)), path.sep) + prefix, wait };
}

function ignore(): void {
  // Whoever wanted it has his own error.
}
