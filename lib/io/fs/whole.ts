/**
 * Whole files at once.
 */
import * as fs from 'node:fs';
import { refused } from '../../kernel/caller.js';
import { readOptions, show, whole, type WaitOptions } from '../../kernel/options.js';
import type { Data } from '../data.js';
import { bytesOf } from './bytes.js';
import { Deadline } from './deadline.js';
import { Descriptor, PIECE } from './descriptor.js';
import { pathOf, type Path } from './path.js';
import { replace } from './replace.js';

export interface ReadFileOptions extends WaitOptions {
  /** With this the result is text. What is invalid UTF-8 becomes U+FFFD; a byte order mark is left as it is. */
  encoding?: BufferEncoding;
}

export interface WriteFileOptions extends WaitOptions {
  /**
   * Whether the file is either as it was or as it is meant to be, whatever happens: it is written beside, brought to
   * the disk, and put in the place of the old one. It keeps the permissions of the old one, not its other names.
   */
  atomic?: boolean;
  /** The permissions of a file that is made, less those of the umask; `0o666` by default. */
  mode?: number;
}

/** How much is read at first of what does not say how long it is. */
const UNKNOWN = 16 * 1024;

/**
 * The bytes of the file at `path`; with `encoding`, its text.
 *
 * Killed, timed out or aborted while it waits, it leaves nothing open.
 *
 * @param options `encoding`; `timeout` in milliseconds for the whole, `signal`.
 * @throws what the system reports. {TypeError | RangeError} a wrong or unknown option. {TimeoutError}.
 * @example
 * await readFile('notes/monday.txt', { encoding: 'utf8' }); // 'Buy milk.\n'
 */
export async function readFile(
  path: Path,
  options: ReadFileOptions & { encoding: BufferEncoding },
): Promise<string>;
export async function readFile(path: Path, options?: WaitOptions & { encoding?: never }): Promise<Buffer>;
export async function readFile(path: Path, options?: ReadFileOptions): Promise<string | Buffer> {
  const name = pathOf(path, 'readFile');
  const { encoding, timeout, signal } = readOptions(options, ['encoding', 'timeout', 'signal'], 'readFile');
  if (encoding !== undefined && !Buffer.isEncoding(encoding)) {
    throw new TypeError(`readFile: there is no encoding ${show(encoding)}`);
  }
  const limits = await begin({ timeout, signal }, `readFile of '${name}'`);
  const file = await Descriptor.open(name, 'r', 0, limits.left);
  let bytes: Buffer;
  try {
    bytes = await all(file, limits);
  } finally {
    await file.leave();
  }
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

/**
 * Makes `data` the content of the file at `path`, which is made if there is none.
 *
 * Killed, timed out, aborted or failed on the way, an unknown part of it is written; with `atomic` the file is as it
 * was, and nothing is left beside it.
 *
 * @param options `atomic`, `mode`; `timeout` in milliseconds for the whole, `signal`.
 * @throws what the system reports. {TypeError | RangeError} a wrong or unknown option, `data` is neither text nor
 * bytes. {StateError} with `atomic`: what is there is no ordinary file. {TimeoutError}.
 * @example
 * await writeFile('settings.json', JSON.stringify({ theme: 'dark' }), { atomic: true });
 */
export async function writeFile(path: Path, data: Data, options?: WriteFileOptions): Promise<void> {
  const { atomic = false, mode = 0o666, ...wait } = writeOptions(options, 'writeFile');
  if (typeof atomic !== 'boolean')
    throw new TypeError(`writeFile: atomic must be a boolean, not ${show(atomic)}`);
  const name = pathOf(path, 'writeFile');
  const bytes = bytesOf(data, 'writeFile');
  const limits = await begin(wait, `writeFile of '${name}'`);
  if (atomic) await replace(name, mode, (file) => file.write(bytes, 0, limits), limits);
  else await put(name, 'w', mode, bytes, limits);
}

/**
 * Appends `data` to the file at `path`, which is made if there is none.
 *
 * @param options `mode`; `timeout` in milliseconds for the whole, `signal`.
 * @throws as {@link writeFile}.
 */
export async function appendFile(
  path: Path,
  data: Data,
  options?: Omit<WriteFileOptions, 'atomic'>,
): Promise<void> {
  const { mode = 0o666, ...wait } = writeOptions(options, 'appendFile');
  const name = pathOf(path, 'appendFile');
  const bytes = bytesOf(data, 'appendFile');
  await put(name, 'a', mode, bytes, await begin(wait, `appendFile of '${name}'`));
}

/**
 * Copies the content of the file `from` to `to`, and its permissions if `to` is new. `to` is as it was before, or a
 * whole copy, as with {@link writeFile} and `atomic`.
 *
 * @param options `timeout` in milliseconds for the whole, `signal`.
 * @throws as {@link writeFile}.
 * @example
 * await copyFile('server.log', 'server.log.1');
 */
export async function copyFile(from: Path, to: Path, options?: WaitOptions): Promise<void> {
  const [source, target] = [pathOf(from, 'copyFile'), pathOf(to, 'copyFile')];
  const limits = await begin(options ?? {}, `copyFile of '${source}'`);
  const file = await Descriptor.open(source, 'r', 0, limits.left);
  try {
    const { mode } = await stat(file, limits);
    await replace(target, mode & 0o777, (copy) => pour(file, copy, limits), limits);
  } finally {
    await file.leave();
  }
}

function writeOptions(options: WriteFileOptions | undefined, where: string): Partial<WriteFileOptions> {
  const names = ['mode', 'timeout', 'signal', ...(where === 'writeFile' ? ['atomic' as const] : [])] as const;
  const given = readOptions(options, names, where);
  if (given.mode !== undefined) whole(given.mode, 0, 'mode', where);
  return given;
}

/** The limits of what begins now, if it may begin: what raises did not happen. */
async function begin(options: WaitOptions, where: string): Promise<Deadline> {
  const refusing = refused(options, () => where);
  if (refusing !== null) await refusing;
  return new Deadline(options);
}

async function put(
  path: string,
  flags: 'a' | 'w',
  mode: number,
  bytes: Uint8Array,
  limits: Deadline,
): Promise<void> {
  const file = await Descriptor.open(path, flags, mode, limits.left);
  try {
    await file.write(bytes, null, limits);
  } finally {
    await file.leave();
  }
}

function stat(file: Descriptor, limits: Deadline): Promise<fs.Stats> {
  return file.begin<fs.Stats>('stat of', (fd, callback) => fs.fstat(fd, callback)).receive(limits.left);
}

/** The rest of `file`. */
async function all(file: Descriptor, limits: Deadline): Promise<Buffer> {
  const { size } = await stat(file, limits);
  let bytes = Buffer.allocUnsafe(size === 0 ? UNKNOWN : size);
  for (let total = 0; ;) {
    const length = Math.min(bytes.length - total, PIECE);
    const count = await file.read(bytes, total, length, null).receive(limits.left);
    total += count;
    if (count === 0 || total === size) return bytes.subarray(0, total);
    if (total === bytes.length) bytes = Buffer.concat([bytes], 2 * total);
  }
}

async function pour(from: Descriptor, to: Descriptor, limits: Deadline): Promise<void> {
  const room = Buffer.allocUnsafeSlow(1024 * 1024);
  for (;;) {
    const count = await from.read(room, 0, room.length, null).receive(limits.left);
    if (count === 0) return;
    await to.write(room.subarray(0, count), null, limits);
  }
}
