/** All programs that were written out from their descriptions, by the id of their trace. */

import type { Programs } from '../program.js';
import { channel, mainAtAChannel } from './channel.js';
import { deadlock } from './deadlock.js';
import { errors } from './errors.js';
import { kill } from './kill.js';
import { lifecycle } from './lifecycle.js';
import { patterns } from './patterns.js';
import { scheduling } from './scheduling.js';
import { sequences } from './sequences.js';
import { watching } from './watching.js';

/** One table a topic, so that an id written twice can be found out. */
export const topics: readonly Programs[] = [
  channel,
  deadlock,
  errors,
  kill,
  lifecycle,
  mainAtAChannel,
  patterns,
  scheduling,
  sequences,
  watching,
];
