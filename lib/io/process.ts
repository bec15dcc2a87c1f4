/**
 * Child processes.
 *
 * - A child does not outlive the tasklet that started it: when that one has ended, however, the child is told to
 *   end, and killed when its grace is over; and `run()` is not over before it has.
 * - What it has written can be read, also when it has ended long ago.
 * - When the program itself ends, children that still live are told to.
 */
import { spawn, type ChildProcess as NodeProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Case } from '../kernel/case.js';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { StateError } from '../kernel/errors.js';
import { next } from '../kernel/host.js';
import { inTime } from '../kernel/in-time.js';
import { line, titled } from '../kernel/line.js';
import { duration, oneOf, readOptions, show, type WaitOptions } from '../kernel/options.js';
import { current } from '../tasklet/spawn.js';
import { Tasklet } from '../tasklet/tasklet.js';
import { ByteStream } from './stream.js';

/** Where a stream of a child leads: to us, where our own leads, or nowhere. */
export type Stdio = 'pipe' | 'inherit' | 'ignore';

export interface ProcessOptions {
  /** The folder in which it runs; by default our own. */
  cwd?: string | URL;
  /** Its environment, all of it; by default our own. */
  env?: Readonly<Record<string, string | undefined>>;
  stdin?: Stdio;
  stdout?: Stdio;
  stderr?: Stdio;
  /** How many milliseconds it has to end between `SIGTERM` and `SIGKILL`; 1000 by default. */
  grace?: number;
}

/** How a process has ended: with a status, or by a signal. The other one is `null`. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const NAMES = ['cwd', 'env', 'stdin', 'stdout', 'stderr', 'grace'] as const;
const PLACES = ['stdin', 'stdout', 'stderr'] as const;
const KINDS: readonly Stdio[] = ['pipe', 'inherit', 'ignore'];

/** Those that run. */
const living = new Set<NodeProcess>();

function endAll(): void {
  for (const node of living) node.kill();
}

/**
 * Starts the program `file` with `args`. No shell looks at them: what is in them reaches the program as it is.
 *
 * All three streams are pipes unless `options` say otherwise. Who does not read what a child writes makes it wait;
 * what need not be read is `'ignore'` or `'inherit'`.
 *
 * @throws what the system reports if it cannot be started, with its `code`, `errno` and `syscall` (`ENOENT`:
 * there is no such program). {TypeError | RangeError} a wrong or unknown option.
 * @example
 * await run(async () => {
 *   await using child = await startProcess('node', ['-p', '6 * 7'], { stderr: 'inherit' });
 *   String(await child.stdout.readAll()); // '42\n'
 *   (await child.wait()).code; // 0
 * });
 */
export async function startProcess(
  file: string,
  args: readonly string[] = [],
  options?: ProcessOptions,
): Promise<ChildProcess> {
  const { cwd, env, grace = 1000, ...streams } = readOptions(options, NAMES, 'startProcess');
  duration(grace, 'grace', 'startProcess');
  // Node would take an object for its own options, and do what is in it instead of what is said here.
  if (!Array.isArray(args)) throw new TypeError(`startProcess: args must be an array, not ${show(args)}`);
  if (env !== undefined && Object(env) !== env) {
    throw new TypeError(`startProcess: env must be an object, not ${show(env)}`);
  }
  const stdio = PLACES.map((place) => oneOf(streams[place] ?? 'pipe', KINDS, place, 'startProcess'));
  const refusing = refused();
  if (refusing !== null) return refusing;
  const node = spawn(file, args, {
    cwd,
    // Without a prototype: Node hands inherited properties over as well, whoever has put them there.
    env: Object.assign(Object.create(null) as NodeJS.ProcessEnv, env ?? process.env),
    stdio,
    windowsHide: true,
  });
  if (node.pid !== undefined) return new ChildProcess(node, file, grace);
  const failure: Channel<never> = line(`start of ${titled('process', file)}`);
  node.on('error', (error) => failure.failWith(error));
  // Where no descriptor is left there are no streams, whatever Node declares.
  for (const stream of (node as Partial<NodeProcess>).stdio ?? []) stream?.destroy();
  return await failure.receive();
}

/**
 * A process that {@link startProcess} has started.
 *
 * It ends no later than the tasklet that has started it. To leave the scope of an `await using` waits for that end;
 * otherwise a tasklet named after it does, so that `run()` waits.
 */
export class ChildProcess implements AsyncDisposable {
  /** The program that it runs. */
  readonly name: string;
  readonly pid: number;
  private readonly node: NodeProcess;
  private readonly grace: number;
  private readonly exits: Channel<Exit>;
  private readonly streams: readonly (ByteStream | null)[];
  private ended: Exit | undefined;
  private readonly release: (() => void) | undefined;

  /** @internal */
  constructor(node: NodeProcess, name: string, grace: number) {
    this.node = node;
    this.name = name;
    this.pid = node.pid as number;
    this.grace = grace;
    this.exits = line(`exit of ${this.title}`);
    const { stdin, stdout, stderr } = node;
    this.streams = [this.open(stdin, 'stdin'), this.open(stdout, 'stdout'), this.open(stderr, 'stderr')];
    // Node lets what nobody reads flow away when a process exits. It finds nothing: we keep it.
    Object.assign(node, { stdio: [] });
    if (living.size === 0) process.on('exit', endAll);
    living.add(node);
    node.on('exit', this.left);
    // That it could not be signalled; `kill` says so by what it returns.
    node.on('error', () => undefined);
    this.release = this.tie();
    // It is gone, and all that it has written was read: there is nothing left to end with its tasklet.
    node.on('close', () => this.release?.());
  }

  /** What it reads. @throws {StateError} that is no pipe. */
  get stdin(): ByteStream {
    return this.stream(0);
  }

  /** What it writes. @throws {StateError} that is no pipe. */
  get stdout(): ByteStream {
    return this.stream(1);
  }

  /** What it writes as its errors. @throws {StateError} that is no pipe. */
  get stderr(): ByteStream {
    return this.stream(2);
  }

  /** How it has ended, once it has. */
  get exit(): Exit | undefined {
    return this.ended;
  }

  /**
   * Waits until it has ended. Any number may wait, before or after. Who gives up leaves it running.
   *
   * @param options `timeout` in milliseconds, `signal`.
   * @throws {TimeoutError}.
   */
  wait(options?: WaitOptions): Promise<Exit> {
    return this.exits.receive(options);
  }

  /** A case of `select`: to wait until it has ended. */
  exiting(): Case<Exit> {
    return this.exits.receiving();
  }

  /** Sends it a signal, `SIGTERM` by default; does not wait. @returns whether there was still one to get it. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    return this.ended === undefined && this.node.kill(signal);
  }

  /**
   * Ends it: `SIGTERM`, after its grace `SIGKILL`; waits until it has ended, and closes its streams, with what was
   * not read. Killed or timed out meanwhile, it does not wait for the grace any more.
   */
  async close(): Promise<void> {
    try {
      if (this.kill()) await inTime(() => this.exits.receive({ timeout: this.grace }));
    } finally {
      this.kill('SIGKILL');
      this.drop();
      await this.exits.receive();
    }
  }

  /** {@link ChildProcess.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private get title(): string {
    return titled('process', `${this.name} ${this.pid}`);
  }

  private open(stream: Readable | Writable | null, place: string): ByteStream | null {
    if (stream === null) return null;
    // Each goes one way, and Node makes sockets of them that could go both.
    if (place !== 'stdin') (stream as Partial<Writable>).end?.();
    return new ByteStream(stream, { name: `${place} of ${this.name}` });
  }

  private stream(place: 0 | 1 | 2): ByteStream {
    const stream = this.streams[place];
    if (stream) return stream;
    throw new StateError(`${this.title}: ${PLACES[place]} is no pipe`);
  }

  private readonly left = (code: number | null, signal: NodeJS.Signals | null): void => {
    living.delete(this.node);
    if (living.size === 0) process.off('exit', endAll);
    this.ended = { code, signal };
    this.exits.closeWith(this.ended);
  };

  /** It ends with the tasklet that runs now. @returns how to take that back. */
  private tie(): (() => void) | undefined {
    const maker = current();
    return maker?.atEnd(() => {
      if (this.ended !== undefined) {
        // Not at once: a tasklet ends in the middle of a switch.
        next(() => this.drop());
        return;
      }
      const { scheduler } = maker.waiter;
      new Tasklet(() => this.close(), { name: `end of ${this.title}`, scheduler }).start();
    });
  }

  /** Closes the streams. */
  private drop(): void {
    this.release?.();
    for (const stream of this.streams) stream?.abort();
  }
}
