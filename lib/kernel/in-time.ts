import { TimeoutError } from './errors.js';
import { heed, isFromOutside, unheed } from './extra.js';
import { identity } from './identity.js';

/**
 * Waits for `wait`, which has a limit. That its time is up is an answer here, and no error; the end of a time scope
 * around is an error all the same, and is raised: whoever took it for their own would never be stopped again.
 *
 * @returns whether it came in time.
 */
export async function inTime(wait: () => Promise<unknown>): Promise<boolean> {
  const me = identity.current();
  if (me !== undefined) heed(me);
  try {
    await wait();
    return true;
  } catch (error) {
    if (!(error instanceof TimeoutError) || (me !== undefined && isFromOutside(me, error))) throw error;
    return false;
  } finally {
    if (me !== undefined) unheed(me);
  }
}
