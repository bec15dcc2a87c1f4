// A build of the library, as programs get it.

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Io from '../../lib/io/index.js';
import type { Library } from './question.js';

/** Loads the build whose front door is at `module`, a path or a URL. */
export async function libraryAt(module: string): Promise<Library> {
  const url = isAbsolute(module) ? pathToFileURL(module).href : module;
  const front = (await import(url)) as Omit<Library, 'io'>;
  return { ...front, io: () => import(new URL('io/index.js', url).href) as Promise<typeof Io> };
}
