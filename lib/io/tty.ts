/**
 * The terminal, or whatever stands in its place: standard input, output and error.
 *
 * Nothing of them is touched before somebody asks for it.
 */
import { StateError } from '../kernel/errors.js';
import { next } from '../kernel/host.js';
import { current } from '../tasklet/spawn.js';
import { Inbox } from './inbox.js';
import { outlet } from './outlet.js';
import { ByteStream } from './stream.js';
import { Vigil } from './vigil.js';

let input: ByteStream | undefined;
let output: ByteStream | undefined;
let errors: ByteStream | undefined;

/**
 * Standard input; always the same stream.
 *
 * Once somebody has read from it, it keeps the program alive until it has ended or is closed: who gives up waiting
 * for it, and does not want more, closes it.
 */
export function stdin(): ByteStream {
  return (input ??= new ByteStream(process.stdin, { name: 'stdin' }));
}

/**
 * Standard output. To end or close the stream is to be done with it: the next call gives another one, and
 * `console.log` goes on to work.
 *
 * When nobody reads it any more (`… | head`), the program ends as quietly as other tools do: every tasklet is
 * killed and may clean up, and the exit status is 141, as a shell shows the end by SIGPIPE. Nobody gets an error
 * for it. What Node itself writes there, by `console.log`, does not end anything.
 */
export function stdout(): ByteStream {
  if (output?.closed !== false) output = new ByteStream(outlet(process.stdout), { name: 'stdout' });
  return output;
}

/** Standard error; as {@link stdout}. */
export function stderr(): ByteStream {
  if (errors?.closed !== false) errors = new ByteStream(outlet(process.stderr), { name: 'stderr' });
  return errors;
}

/** How large a terminal is, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** How large the terminal is that standard output leads to; `undefined` if it leads to none. */
export function terminalSize(): TerminalSize | undefined {
  const { columns, isTTY, rows } = process.stdout;
  return isTTY ? { columns, rows } : undefined;
}

/**
 * The sizes that the terminal gets from now on. Several that nobody has received in time are one: the last.
 *
 * It listens until it is closed, or the tasklet that made it has ended. Who waits here keeps the program alive.
 */
export function terminalSizes(): Inbox<TerminalSize> {
  const { stdout: terminal } = process;
  const resized = (): void => {
    inbox.put({ columns: terminal.columns, rows: terminal.rows });
  };
  /** Takes back that it is told of the end of its tasklet. */
  let release: (() => void) | undefined = undefined;
  const stop = (): void => {
    release?.();
    terminal.off('resize', resized);
  };
  const options = { name: 'size of the terminal', limit: 1, overflow: 'drop-oldest' } as const;
  const inbox = new Inbox<TerminalSize>({ stop }, options);
  inbox.channel.label = options.name;
  inbox.channel.feed(new Vigil());
  terminal.on('resize', resized);
  release = current()?.atEnd(() => next(() => inbox.close()));
  return inbox;
}

/** How many want it. */
let raw = 0;

/**
 * Lets what is typed come as it is typed, key by key, and not be shown; until it is disposed of, at the latest when
 * the tasklet that calls it has ended. Ctrl-C is a key then (`\x03`) and no signal.
 *
 * It is over when all who have asked for it have disposed of it; Node ends it when the program ends.
 *
 * @throws {StateError} standard input is no terminal.
 */
export function rawMode(): Disposable {
  const { stdin: terminal } = process;
  if (!terminal.isTTY) throw new StateError('rawMode: standard input is no terminal');
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    release?.();
    if (--raw === 0) terminal.setRawMode(false);
  };
  if (raw === 0) terminal.setRawMode(true);
  // Not before: if it cannot be, nobody has it.
  raw++;
  const release = current()?.atEnd(() => next(end));
  return { [Symbol.dispose]: end };
}
