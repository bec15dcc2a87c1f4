/** The traces in `traces.json`, each recorded from Stackless itself. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Script } from './script.js';

export interface Trace {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** The program in plain words. */
  readonly description: string;
  readonly expected: readonly string[];
  /** The program in the language of `script.ts`. */
  readonly script?: Script;
}

// Read and not imported: the suite runs from the root of the package, and JSON is no module there.
const file = join(process.cwd(), 'spec', 'conformance', 'traces.json');

export const traces: readonly Trace[] = JSON.parse(readFileSync(file, 'utf8')) as Trace[];

export const scripted: readonly (Trace & { script: Script })[] = traces.filter(
  (trace): trace is Trace & { script: Script } => trace.script !== undefined,
);
