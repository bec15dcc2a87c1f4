/**
 * What leads to a stream that belongs to the whole process, and not to us: to end it ends nothing there.
 *
 * When nobody reads there any more, there is nothing to be done about it, and nothing to be said: the program is
 * ended, as the system ends programs that it was not told to spare.
 */
import { Writable } from 'node:stream';
import { defaultScheduler } from '../kernel/caller.js';
import { shutdown } from '../tasklet/run.js';
import { Tasklet } from '../tasklet/tasklet.js';

/**
 * 128 and the number of SIGPIPE: what a shell shows of `cat`, `grep` or a program of Go's. 0 would say that all was
 * written.
 */
const STATUS = 141;

/** How many milliseconds tasklets have to clean up. */
const PATIENCE = 1000;

/** An error there is told to whoever writes. As an event it would be an exception. */
const ignore = (): void => undefined;

let ending = false;

export function outlet(stream: Writable): Writable {
  stream.off('error', ignore).on('error', ignore);
  return new Writable({
    decodeStrings: false,
    write: (chunk, encoding, done) => {
      stream.write(chunk, encoding, (error) => {
        if (error && isBroken(stream, error)) end();
        else done(error);
      });
    },
  });
}

/** By this write, or by one of somebody else before. */
function isBroken({ errored }: Writable, error: Error): boolean {
  return [error, errored].some((each) => (each as { readonly code?: unknown } | null)?.code === 'EPIPE');
}

/** Who waits to write gets no answer any more: it is killed, like all others. */
function end(): void {
  if (ending) return;
  ending = true;
  const last = async (): Promise<void> => {
    try {
      await shutdown({ timeout: PATIENCE });
    } finally {
      process.exit(STATUS);
    }
  };
  new Tasklet(last, { name: 'end of a broken pipe', scheduler: defaultScheduler }).start();
}
