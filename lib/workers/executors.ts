import type { ResourceLimits } from 'node:worker_threads';
import { readOptions, show } from '../kernel/options.js';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

export interface ThreadPoolOptions extends WorkerPoolOptions {
  /**
   * How much memory each thread may use, as Node's `Worker` takes it: `maxOldGenerationSizeMb`,
   * `maxYoungGenerationSizeMb`, `codeRangeSizeMb`, `stackSizeMb`. A job that needs more loses its thread.
   */
  resourceLimits?: ResourceLimits;
}

const LIMITS = [
  'maxOldGenerationSizeMb',
  'maxYoungGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
] as const;

/**
 * An executor whose jobs run in threads of their own, for work that would hold up everybody else.
 *
 * The threads keep the program alive until {@link WorkerPool.shutdown}. One that dies fails its job with
 * {@link WorkerLostError}, and another one takes its place. Source: Evergreen's `ThreadPoolExecutor`.
 *
 * @example
 * await using pool = new ThreadPoolExecutor({ size: 4 });
 * await pool.submit((n: number) => n ** 2, 12).get();
 */
export class ThreadPoolExecutor extends WorkerPool {
  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: ThreadPoolOptions) {
    const where = 'ThreadPoolExecutor';
    const { resourceLimits, ...more } = readOptions(options, ['size', 'name', 'resourceLimits'], where);
    super('thread', where, more, resourceLimits === undefined ? undefined : limits(resourceLimits, where));
  }
}

/**
 * An executor whose jobs run in processes of their own: nothing they do can harm this one.
 * Otherwise like {@link ThreadPoolExecutor}. Source: Evergreen's `ProcessPoolExecutor`.
 */
export class ProcessPoolExecutor extends WorkerPool {
  /** @throws {TypeError | RangeError} a wrong or unknown option. */
  constructor(options?: WorkerPoolOptions) {
    super('process', 'ProcessPoolExecutor', options);
  }
}

function limits(given: ResourceLimits, where: string): ResourceLimits {
  const read = readOptions(given, LIMITS, `${where}: resourceLimits`);
  for (const [name, value] of Object.entries(read) as [string, unknown][]) {
    if (typeof value !== 'number')
      throw new TypeError(`${where}: ${name} must be a number, not ${show(value)}`);
    if (!(value > 0) || value === Infinity) {
      throw new RangeError(`${where}: ${name} must be more than 0 megabytes, not ${value}`);
    }
  }
  return { ...read };
}
