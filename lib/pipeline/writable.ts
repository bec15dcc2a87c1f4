/**
 * A Node stream at the end of a line, known by what it can do: nothing of Node is imported here.
 *
 * The next value is asked for when the stream has room again, and the line ends when all is written. An error
 * of the stream ends the line, or that it is closed, also while the line has nothing to write: from then on the
 * stream may never call back.
 */
import type { Channel } from '../kernel/channel.js';
import { StreamClosedError } from '../kernel/errors.js';
import { line } from '../kernel/line.js';
import { select } from '../kernel/select.js';
import type { Drain } from './stage.js';

/** What is needed of a Node `Writable`. */
export interface WritableLike<T> {
  write(chunk: T, callback: (error?: Error | null) => void): boolean;
  end(callback: (error?: Error | null) => void): unknown;
  destroy(error?: Error): unknown;
  on(event: 'error' | 'close', listener: (error: Error) => void): unknown;
  off(event: 'error' | 'close', listener: (error: Error) => void): unknown;
}

export function isWritable<T>(sink: unknown): sink is WritableLike<T> {
  const given = sink as Partial<WritableLike<T>> | null | undefined;
  return [given?.write, given?.end, given?.destroy, given?.on].every((each) => typeof each === 'function');
}

export function writing<T>(stream: WritableLike<T>): Drain<T, number> {
  return {
    name: 'stream',
    async run(input) {
      const trouble = line<never>('an error of the stream');
      const failed = (error: Error): void => trouble.failWith(error);
      const closed = (): void => {
        trouble.failWith(new StreamClosedError('pipeline: the stream was closed before all was written'));
      };
      stream.on('error', failed);
      stream.on('close', closed);
      let count = 0;
      let over = false;
      try {
        for (;;) {
          const hit = await select(
            { trouble: trouble.receiving(), step: input.nexting() },
            { order: 'listed' },
          );
          if (hit.case !== 'step' || hit.value.done === true) break;
          const flushed: Channel<void> = line('write to the stream');
          const { value } = hit.value;
          if (!stream.write(value, (error) => settle(flushed, error))) await answer(flushed, trouble);
          count++;
        }
        if (!isStandard(stream)) await end(stream, trouble);
        over = true;
        return count;
      } finally {
        if (!over) stream.destroy();
        stream.off('error', failed);
        stream.off('close', closed);
        // It is no crash: whoever destroys a stream may hear of it later.
        if (!over) stream.on('error', ignore);
      }
    },
  };
}

async function end(stream: WritableLike<never>, trouble: Channel<never>): Promise<void> {
  const finished: Channel<void> = line('end of the stream');
  stream.end((error) => settle(finished, error));
  await answer(finished, trouble);
}

/** Waits until the stream has called back, or has come into trouble. */
async function answer(called: Channel<void>, trouble: Channel<never>): Promise<void> {
  await select({ trouble: trouble.receiving(), called: called.receiving() }, { order: 'listed' });
}

/** stdout and stderr belong to the program and are not ended. */
function isStandard(stream: object): boolean {
  return (stream as { _isStdio?: unknown })._isStdio === true;
}

function settle(called: Channel<void>, error: Error | null | undefined): void {
  if (error instanceof Error) called.failWith(error);
  else called.closeWith(undefined);
}

function ignore(): void {
  // The line has its own error already.
}
