/**
 * A file that is there as it was, or as it is meant to be, and never in between.
 *
 * It is written under another name beside the old one, brought to the disk, and put in its place in one step of the
 * system's. Until that step whatever goes wrong takes the new one away; from there on nothing can be taken back.
 */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { running } from '../../kernel/caller.js';
import { StateError } from '../../kernel/errors.js';
import { shield } from '../../tasklet/shield.js';
import { startCall } from '../call.js';
import type { Deadline } from './deadline.js';
import { Descriptor } from './descriptor.js';

/**
 * Has `fill` write a new file, with `mode` if there was none before, and puts it in the place of `target`.
 *
 * @throws {StateError} there is a directory, a device or a pipe at `target`.
 */
export async function replace(
  target: string,
  mode: number,
  fill: (file: Descriptor) => Promise<void>,
  limits: Deadline | undefined,
): Promise<void> {
  const place = await placeOf(target, limits);
  const before = await existing(startCall(fs.stat, place).receive(limits?.left));
  // To put a file in the place of a device would be the end of the device.
  if (before?.isFile() === false)
    throw new StateError(`'${target}' is no ordinary file, and cannot be replaced`);
  const beside = path.join(path.dirname(place), `.${randomBytes(8).toString('hex')}.tmp`);
  const file = await Descriptor.create(beside, before === undefined ? mode : 0o600, limits?.left);
  let placed = false;
  try {
    await fill(file);
    if (before !== undefined) await inherit(file, before, limits);
    await file.begin('sync of', (fd, callback) => fs.fsync(fd, callback)).receive(limits?.left);
    await file.close().receive(limits?.left);
    await decided(() => startCall(fs.rename, beside, place).receive());
    placed = true;
  } finally {
    // Begun in any case: who has no time left to clean up cannot wait for it.
    if (!placed) await file.remove().receive();
  }
}

/** Where `target` is: what a link points at is replaced, not the link. */
async function placeOf(target: string, limits: Deadline | undefined): Promise<string> {
  const found = await existing(startCall(fs.realpath, target).receive(limits?.left));
  if (found !== undefined) return found;
  // Nothing is there, but a link may say where it would be.
  const there = await existing(startCall(fs.lstat, target).receive(limits?.left));
  if (there?.isSymbolicLink() !== true) return target;
  const link = await startCall(fs.readlink, target, 'utf8').receive(limits?.left);
  return placeOf(path.resolve(path.dirname(target), link), limits);
}

/** What is asked of a file; `undefined` if there is none. */
async function existing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Gives `file` the permissions of the one `before` it, and its owner if it is another one's. */
async function inherit(file: Descriptor, before: fs.Stats, limits: Deadline | undefined): Promise<void> {
  const { uid, gid, mode } = before;
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) {
    const owned = file.begin('chown of', (fd, callback) => fs.fchown(fd, uid, gid, callback));
    await permitted(owned.receive(limits?.left));
  }
  await file
    .begin('chmod of', (fd, callback) => fs.fchmod(fd, mode & 0o7777, callback))
    .receive(limits?.left);
}

/** Only the administrator may give files away. */
async function permitted(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
  }
}

/** Waits for a step that cannot be taken back, so that its outcome is known. */
async function decided(step: () => Promise<void>): Promise<void> {
  await (running() === undefined ? step() : shield(step));
}
