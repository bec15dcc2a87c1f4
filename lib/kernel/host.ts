/**
 * What the kernel asks of the program around it, and the only file that knows what runs it.
 *
 * Node, Bun and Deno have `setImmediate`; a browser gets the same from a message channel. Nothing here
 * keeps a program alive: an idle library holds no handle.
 */

interface Process {
  on(event: 'beforeExit', listener: () => void): void;
  exitCode?: number | string | null | undefined;
  stderr?: { write(text: string): void };
}

interface Globals {
  setImmediate?: (this: void, task: () => void) => unknown;
  MessageChannel?: new () => {
    port1: { onmessage: (() => void) | null };
    port2: { postMessage(message: null): void };
  };
  process?: Process;
  reportError?(error: unknown): void;
}

const globals = globalThis as unknown as Globals;

function immediates(): (task: () => void) => void {
  const { setImmediate, MessageChannel } = globals;
  if (setImmediate !== undefined) return setImmediate;
  if (MessageChannel === undefined)
    throw new Error('this platform has neither setImmediate nor MessageChannel');
  const tasks: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => tasks.shift()?.();
  return (task) => {
    tasks.push(task);
    port2.postMessage(null);
  };
}

/** Calls `task` after all microtasks, and after what the event loop has ready. */
export const soon: (task: () => void) => void = immediates();

const settled: Promise<void> = Promise.resolve();

/** Calls `task` in a microtask of its own. */
export function next(task: () => void): void {
  // Cheaper than queueMicrotask on Node, which makes an async resource for each call.
  void settled.then(task);
}

/** Makes `error` an uncaught exception of the program. */
export function crash(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

const dry: (() => void)[] = [];

/** Has `listener` called whenever the event loop has nothing left to do; on a browser never. */
export function whenDry(listener: () => void): void {
  dry.push(listener);
  if (dry.length > 1) return;
  globals.process?.on('beforeExit', () => {
    for (const each of dry) each();
  });
}

/** Writes `text` where errors go and lets the program exit with a code that is not zero. */
export function complain(text: string): void {
  const { process } = globals;
  if (process === undefined) return;
  process.stderr?.write(text + '\n');
  process.exitCode ||= 1;
}
