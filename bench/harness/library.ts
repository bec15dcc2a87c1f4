// A build of the library, as programs get it.

import type * as Io from '../../lib/io/index.js';
import type { Library } from './question.js';

/** Loads the build whose front door is at `module`, a path or a URL. */
export async function libraryAt(module: string): Promise<Library> {
  const front = (await import(module)) as Omit<Library, 'io'>;
  const beside = module.replace(/index\.js$/, 'io/index.js');
  return { ...front, io: () => import(beside) as Promise<typeof Io> };
}
