import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';

/** A folder for the files of one suite, which is removed after it; what of it is open can be asked. */
export class Folder {
  readonly path: string = realpathSync(mkdtempSync(path.join(tmpdir(), 'evergreen-spec-')));

  /** The path of `name` in it. */
  at(...name: readonly string[]): string {
    return path.join(this.path, ...name);
  }

  /** The files in it that this process has open, as far as the platform tells. */
  open(): string[] {
    const links = '/proc/self/fd';
    let fds: string[];
    try {
      fds = readdirSync(links);
    } catch {
      return [];
    }
    return fds.flatMap((fd) => {
      try {
        const file = readlinkSync(path.join(links, fd));
        return file.startsWith(this.path) ? [file] : [];
      } catch {
        // The one that listed them.
        return [];
      }
    });
  }

  /** Waits until what is on its way to be closed is, and asserts that nothing else is open. */
  async expectClosed(): Promise<void> {
    for (let turn = 0; turn < 1000 && this.open().length > 0; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(this.open(), 'files left open').to.deep.equal([]);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
