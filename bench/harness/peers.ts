// The other libraries, when somebody has installed them: `npm ci --prefix bench/peers`.

import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Peer } from './question.js';

const folder = 'bench/peers';

/** One of the other libraries, and the module that a child loads it from. */
export interface InstalledPeer {
  readonly module: string;
  readonly peer: Peer;
}

/** All of them, or none. Plain JavaScript, so that our types do not depend on what is installed. */
export async function installedPeers(): Promise<InstalledPeer[]> {
  if (!existsSync(`${folder}/node_modules`)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return Promise.all(
    files.map(async (file) => {
      const module = resolve(folder, file);
      return { module, peer: (await import(module)) as Peer };
    }),
  );
}
