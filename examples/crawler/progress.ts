/**
 * How the crawl is going: one living line on a terminal, a plain one now and then elsewhere.
 */
import { createLogUpdate } from 'log-update';

import { printable } from './printable.js';

/** Milliseconds between two lines where nobody watches. */
const PLAIN_EVERY = 1000;

export interface Progress {
  show(line: string): void;
  /** Leaves nothing behind on a terminal. */
  clear(): void;
}

/** The progress that `stream` can show. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  return stream.isTTY ? liveLine(stream) : plainLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): Progress {
  const update = createLogUpdate(stream, { showCursor: true });
  return {
    show(line): void {
      // Longer than the terminal is wide, it would leave a trail.
      update(printable(line).slice(0, Math.max(20, stream.columns - 1)));
    },
    clear(): void {
      update.clear();
    },
  };
}

/** @param now milliseconds, from anywhere. */
export function plainLines(
  stream: { write(text: string): unknown },
  now: () => number = () => performance.now(),
): Progress {
  let last = now();
  return {
    show(line): void {
      if (now() - last < PLAIN_EVERY) return;
      last = now();
      stream.write(`${printable(line)}\n`);
    },
    clear(): void {
      // What was printed stays.
    },
  };
}
