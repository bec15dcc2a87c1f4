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

  /** Waits until nobody is at it any more, and asserts that nothing of it is open. */
  async expectClosed(): Promise<void> {
    await quiet();
    expect(this.open(), 'files left open').to.deep.equal([]);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Waits until the system has done all that it was asked to do with files, also what nobody waits for. */
export async function quiet(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq')));
}
