import type { Stage } from '../../pipeline/stage.js';
import { LineCutter, type FileLinesOptions } from './line-cutter.js';

/**
 * A stage that makes lines of bytes, however they were cut; see {@link lines} for what a line is.
 *
 * @throws {TypeError | RangeError} a wrong or unknown option. In the line, {LimitExceededError} one is longer than
 * `maxBytes`.
 * @example
 * await pipeline(chunks('server.log'), splitLines(), collect()); // ['INFO started', 'ERROR no disk']
 */
export function splitLines(options?: FileLinesOptions): Stage<Uint8Array, string> {
  const make = (): LineCutter => new LineCutter(options, 'splitLines');
  // A wrong option is told where it was given, and not when the line runs.
  make();
  return {
    name: 'splitLines',
    async run(input, output) {
      const cutter = make();
      const send = async (lines: readonly string[]): Promise<void> => {
        for (const line of lines) await output.send(line);
      };
      for (let step = await input.next(); step.done !== true; step = await input.next()) {
        const bytes = step.value;
        for (let at = 0; at < bytes.length;) {
          const { buffer, offset } = cutter.room();
          const part = bytes.subarray(at, at + buffer.length - offset);
          buffer.set(part, offset);
          cutter.add(part.length);
          at += part.length;
          for (let lines = cutter.cut(); lines !== null; lines = cutter.cut()) await send(lines);
        }
      }
      await send(cutter.rest() ?? []);
    },
  };
}
