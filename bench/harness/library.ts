// A build of the library, as programs get it.

import type * as Futures from '../../lib/futures/index.js';
import type * as Io from '../../lib/io/index.js';
import { kernelAt } from '../generators/kernel.js';
import type { Library } from './question.js';

/** Loads the build whose front door is at `module`, a path or a URL. */
export async function libraryAt(module: string): Promise<Library> {
  const front = (await import(module)) as Omit<Library, 'io' | 'futures' | 'kernel'>;
  const beside = (room: string): string => module.replace(/index\.js$/, `${room}/index.js`);
  return {
    ...front,
    io: () => import(beside('io')) as Promise<typeof Io>,
    futures: () => import(beside('futures')) as Promise<typeof Futures>,
    kernel: () => kernelAt(module),
  };
}
