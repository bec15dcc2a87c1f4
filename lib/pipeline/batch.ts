import { duration, readOptions, whole } from '../kernel/options.js';
import { select } from '../kernel/select.js';
import { alarm } from '../time/after.js';
import { never } from '../time/never.js';
import type { Stage } from './stage.js';

export interface BatchOptions {
  /** Milliseconds after its first value when a batch is passed on even if it is not full; no limit by default. */
  within?: number;
}

/**
 * A stage that passes on arrays of `count` values; the last one may be shorter.
 *
 * @param count a whole number from 1.
 * @example
 * await pipeline(rows, batch(100, { within: 500 }), insert);
 */
export function batch<T>(count: number, options?: BatchOptions): Stage<T, T[]> {
  whole(count, 1, 'count', 'batch');
  const { within = Infinity } = readOptions(options, ['within'], 'batch');
  duration(within, 'within', 'batch');
  return {
    name: `batch ${count}`,
    async run(input, output) {
      let values: T[] = [];
      let late = never as typeof never | ReturnType<typeof alarm>;
      for (;;) {
        const hit = await select({ step: input.nexting(), late: late.receiving() }, { order: 'listed' });
        const ended = hit.case === 'step' && hit.value.done === true;
        if (hit.case === 'step' && hit.value.done !== true) {
          values.push(hit.value.value);
          if (values.length === 1 && within !== Infinity) late = alarm(within, `batch for ${within} ms`);
          if (values.length < count) continue;
        }
        const full = values;
        values = [];
        late = never;
        if (full.length > 0) await output.send(full);
        if (ended) return;
      }
    },
  };
}
