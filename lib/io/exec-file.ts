/**
 * A child process as a function: what goes in, what comes out.
 */
import { refused } from '../kernel/caller.js';
import { ProcessError, TaskletKilledError } from '../kernel/errors.js';
import { readOptions, show, whole, type WaitOptions } from '../kernel/options.js';
import { TaskGroup } from '../tasklet/group.js';
import { Tasklet } from '../tasklet/tasklet.js';
import { isData, type Data } from './data.js';
import { startProcess, type ChildProcess, type ProcessOptions } from './process.js';
import type { ByteStream } from './stream.js';

export interface ExecFileOptions extends Pick<ProcessOptions, 'cwd' | 'env' | 'grace'>, WaitOptions {
  /** What it reads; nothing by default. */
  input?: Data;
  /** How much it may write to its standard output, in bytes; 1 MiB by default. */
  maxBytes?: number;
}

/** What a process has written, as text. */
export interface Output {
  readonly stdout: string;
  /** The last 64 KiB of it. */
  readonly stderr: string;
}

const NAMES = ['cwd', 'env', 'grace', 'input', 'maxBytes', 'timeout', 'signal'] as const;

/** So much of what is written as errors is kept. */
const TAIL = 65_536;

/**
 * Runs the program `file` with `args`, without a shell, and gives back what it has written; waits until it has
 * ended. Given up (killed, timed out, aborted), it ends the process first, as {@link ChildProcess.close} does.
 *
 * @param options `cwd`, `env`, `grace`, `input`, `maxBytes`, `timeout` in milliseconds, `signal`.
 * @throws {ProcessError} its status is not 0, or a signal has ended it; carries both, and what it has written.
 * {LimitExceededError} it writes more than `maxBytes`; it is ended. {TimeoutError}. What the system reports if it
 * cannot be started, with its `code`. {TypeError | RangeError} a wrong or unknown option.
 * @example
 * await run(async () => {
 *   const { stdout } = await execFile('node', ['-p', '6 * 7'], { timeout: 10_000 });
 *   stdout; // '42\n'
 * });
 */
export async function execFile(
  file: string,
  args: readonly string[] = [],
  options?: ExecFileOptions,
): Promise<Output> {
  const { input, maxBytes = 1_048_576, timeout, signal, ...how } = readOptions(options, NAMES, 'execFile');
  whole(maxBytes, 1, 'maxBytes', 'execFile');
  if (input !== undefined && !isData(input)) {
    throw new TypeError(`execFile: input must be text, bytes or an array of them, not ${show(input)}`);
  }
  const limits = { timeout, signal };
  // Before anything is begun: what raises did not happen.
  const refusing = refused(limits, () => `execFile '${file}'`);
  if (refusing !== null) return refusing;
  const stdin = input === undefined ? 'ignore' : 'pipe';
  // A tasklet of its own, so that all of it can be given up whoever calls, and the child ends with it.
  const work = new Tasklet(() => collect(file, args, { ...how, stdin }, input ?? '', maxBytes), {
    name: `execFile '${file}'`,
  }).start();
  try {
    return await work.join(limits);
  } finally {
    if (work.alive) await end(work);
  }
}

async function end(work: Tasklet<Output>): Promise<void> {
  work.kill();
  try {
    await work.join();
  } catch (error) {
    if (!(error instanceof TaskletKilledError)) throw error;
  }
}

async function collect(
  file: string,
  args: readonly string[],
  options: ProcessOptions,
  input: Data,
  maxBytes: number,
): Promise<Output> {
  const child = await startProcess(file, args, options);
  try {
    return await TaskGroup.run(async (group) => {
      const stdout = group.spawn(() => child.stdout.readAll({ maxBytes }));
      const stderr = group.spawn(() => tail(child.stderr));
      if (options.stdin === 'pipe') group.spawn(() => feed(child, input));
      const { code, signal } = await child.wait();
      const output = { stdout: String(await stdout.join()), stderr: String(await stderr.join()) };
      if (code === 0) return output;
      throw new ProcessError(inWords(file, code, signal, output.stderr), {
        ...output,
        exitCode: code,
        signal,
      });
    });
  } finally {
    await child.close();
  }
}

/** What a writer gets when the reader is gone. */
const UNREAD: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_CLOSED',
  'ERR_STREAM_DESTROYED',
]);

/** The end of what comes. */
async function tail(stream: ByteStream): Promise<Buffer> {
  let kept: Buffer = Buffer.alloc(0);
  for await (const bytes of stream) {
    kept = Buffer.concat([kept, bytes]);
    if (kept.length > TAIL) kept = kept.subarray(-TAIL);
  }
  return kept;
}

/** Writes `input`. Whether a process reads all of it is its own business: its status says what came of it. */
async function feed({ stdin }: ChildProcess, input: Data): Promise<void> {
  try {
    await stdin.write(input);
    await stdin.end();
  } catch (error) {
    if (!UNREAD.has((error as { readonly code?: unknown }).code)) throw error;
  }
}

function inWords(file: string, code: number | null, signal: string | null, stderr: string): string {
  const how = signal === null ? `exit status ${String(code)}` : `ended by ${signal}`;
  const last = stderr.trimEnd().split('\n').at(-1) ?? '';
  return `${file}: ${how}${last === '' ? '' : `: ${last}`}`;
}
