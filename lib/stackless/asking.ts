/** Who is there: `getCurrent`, `getMain`, `getRunCount`. */
import { caller } from './calling.js';
import { countOf } from './ring.js';
import type { Tasklet } from './tasklet.js';

/** The tasklet whose code is running. @throws {RuntimeError} there is none. Source: Stackless `getcurrent()`. */
export function getCurrent(): Tasklet {
  return caller().handle;
}

/** The main tasklet of the world. Source: Stackless `getmain()`. */
export function getMain(): Tasklet {
  return caller().world.main.handle;
}

/** How many tasklets can run, the current one included. Source: Stackless `getruncount()`. */
export function getRunCount(): number {
  return countOf(caller().world.scheduler);
}
