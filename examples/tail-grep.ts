/**
 * Follows files that grow, and prints the lines with some text in them, like `tail -F files | grep text`. Without
 * files it goes through its standard input.
 *
 *   npm run build && node scripts/ts.cjs examples/tail-grep.ts [--all] <text> [file…]
 *
 * A tasklet for each file, all of them on one channel to the one who prints. A file that is cut off is read from its
 * beginning; one that is moved away is read to its end, and then the new one of that name. It begins at the end of
 * what is there, or with `--all` at the beginning.
 */
import { stat } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { after, Channel, run, select, TaskGroup } from 'evergreen-tasklets';
import { call, open, splitLines, watch, type Change, type File, type Inbox } from 'evergreen-tasklets/io';
import { pipeline } from 'evergreen-tasklets/pipeline';

/** Not every change is told on every file system: so often, in milliseconds, it looks for itself. */
const PATIENCE = 1000;

/** Waits until something may have happened. */
async function pause(changes: Inbox<Change>): Promise<void> {
  await select({ told: changes.receiving(), late: after(PATIENCE).receiving() });
}

/** What `ask` comes to; `undefined` if there is no such file. */
async function ifThere<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Sends what is in `file` behind its position. */
async function drain(file: File, output: Channel<Buffer>): Promise<void> {
  for (let bytes = await file.read(); bytes !== undefined; bytes = await file.read()) {
    await output.send(bytes);
  }
}

/** Sends what comes to the file of that name, for ever. */
async function follow(name: string, output: Channel<Buffer>, fromStart: boolean): Promise<never> {
  using changes = watch(path.dirname(name), { limit: 1, overflow: 'drop-newest' });
  for (let begin = fromStart; ; begin = true) {
    await using file = await ifThere(open(name));
    if (file === undefined) {
      await pause(changes);
      continue;
    }
    const { ino, size } = await file.stat();
    if (!begin) file.position = size;
    for (;;) {
      await drain(file, output);
      const there = await ifThere(call(stat, name));
      if (there !== undefined && there.ino !== ino) {
        // What was written to it before it was moved away.
        await drain(file, output);
        break;
      }
      if ((await file.stat()).size < file.position) file.position = 0;
      else await pause(changes);
    }
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } },
  });
  const [text, ...files] = positionals;
  if (text === undefined) throw new TypeError('which text?');
  const matching = splitLines({ containing: text });
  if (files.length === 0) {
    await pipeline(process.stdin as AsyncIterable<Buffer>, matching, (line) => console.log(line));
    return;
  }
  await using group = new TaskGroup();
  for (const name of files) {
    const bytes = new Channel<Buffer>({ name });
    const prefix = files.length > 1 ? `${name}: ` : '';
    group.spawn(follow, name, bytes, values.all);
    group.spawn(() => pipeline(bytes, matching, (line) => console.log(prefix + line)));
  }
}

run(main).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
