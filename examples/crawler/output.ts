/**
 * The pages, one JSON object a line, in a file that can be taken up again.
 *
 * Always true: a line that ends is whole. Whatever ended a crawl, a full disk or the power, at
 * most the last line is torn; it is cut off when the file is opened again, and its page visited
 * once more.
 */
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { fromLine, toLine } from './page.js';
import type { Page } from './page.js';

const LINE_FEED = 0x0a;

/** The file is not one that this crawl could go on with. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  readonly code = 'ERR_OUTPUT';
}

export class Output {
  readonly #file: FileHandle;
  /** The pages that an earlier crawl has read; one that gave no answer may give one now. */
  readonly earlier: readonly Page[];

  private constructor(file: FileHandle, earlier: readonly Page[]) {
    this.#file = file;
    this.earlier = earlier.filter((page) => page.status !== undefined);
  }

  /**
   * Opens the file at `path`.
   *
   * @param resume goes on with a file that is there; without it, there must be none.
   * @throws {OutputError} there is one, or it holds something else.
   */
  static async open(path: string, resume: boolean): Promise<Output> {
    const file = await openFile(path, resume);
    try {
      return new Output(file, resume ? await readPages(file, path) : []);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds a page; resolves when the system has it. */
  async write(page: Page): Promise<void> {
    const line = Buffer.from(`${toLine(page)}\n`);
    // One write, so that a page is in the file whole or not at all unless the machine stops.
    const { bytesWritten } = await this.#file.write(line);
    if (bytesWritten < line.length) throw new OutputError('the file took only a part of a line');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

async function openFile(path: string, resume: boolean): Promise<FileHandle> {
  try {
    // Made anew it must not exist; gone on with, it may.
    return await open(path, resume ? 'a+' : 'ax');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A pipe or a terminal is always there, and nothing in it is lost.
    if (!(await stat(path)).isFile()) return await open(path, 'a');
    throw new OutputError(`${path} exists: --resume goes on with it`, { cause: error });
  }
}

async function readPages(file: FileHandle, path: string): Promise<Page[]> {
  const pages: Page[] = [];
  // What is no file holds no earlier crawl, and may be read without end.
  if (!(await file.stat()).isFile()) return pages;
  const pieces = file.createReadStream({ start: 0, autoClose: false });
  let torn = Buffer.alloc(0);
  let whole = 0;
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    let rest = Buffer.concat([torn, piece]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      pages.push(parse(rest.toString('utf8', 0, end), path, pages.length + 1));
      whole += end + 1;
      rest = rest.subarray(end + 1);
    }
    torn = rest;
  }
  if (torn.length > 0) await file.truncate(whole);
  return pages;
}

function parse(line: string, path: string, number: number): Page {
  try {
    return fromLine(line);
  } catch (error) {
    throw new OutputError(`${path}:${number} is not a line of a crawl`, { cause: error });
  }
}
