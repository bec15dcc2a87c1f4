import { readOptions, type WaitOptions } from '../kernel/options.js';
import { timeout as within } from '../time/timeout.js';
import type { Channel } from '../kernel/channel.js';
import type { Data } from './data.js';

export interface PipeToOptions extends WaitOptions {
  /** Whether the sink is ended at the end; it is by default. */
  end?: boolean;
}

interface From {
  read(options?: WaitOptions): Promise<Buffer | undefined>;
}

interface To {
  write(data: Data, options?: WaitOptions): Promise<void>;
  flush(options?: WaitOptions): Promise<void>;
  end(options?: WaitOptions): Promise<void>;
}

/** Writes to `to` what comes from `from`. @returns how many bytes there were. */
export async function copy(from: From, to: To, options: PipeToOptions | undefined): Promise<number> {
  const { end = true, timeout, signal } = readOptions(options, ['end', 'timeout', 'signal'], 'pipeTo');
  const wait = signal === undefined ? undefined : { signal };
  const all = async (): Promise<number> => {
    let count = 0;
    for (let bytes = await from.read(wait); bytes !== undefined; bytes = await from.read(wait)) {
      await to.write(bytes, wait);
      count += bytes.length;
    }
    await (end ? to.end(wait) : to.flush(wait));
    return count;
  };
  return timeout === undefined ? all() : within(timeout, all);
}

/** Writes to `to` what comes from `input`, as the end of a pipeline. @returns how many values there were. */
export async function drain(input: Channel<Data>, to: To): Promise<number> {
  let count = 0;
  for (let step = await input.next(); step.done !== true; step = await input.next()) {
    await to.write(step.value);
    count++;
  }
  await to.end();
  return count;
}
