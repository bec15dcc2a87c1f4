/**
 * Calling what answers with a callback, as if it waited.
 *
 * The callback is a send on a channel of its own, whose receiver is whoever called. So to call can be killed,
 * timed out and selected like everything else that waits, and who gives up leaves nothing behind but a callback
 * to which nobody listens.
 */
import { promisify } from 'node:util';
import { refused } from '../kernel/caller.js';
import { Channel } from '../kernel/channel.js';
import { callable } from '../kernel/options.js';
import type { Answer, Argument, Callback, Declared, Resolved, Shaped } from './signature.js';

/** @internal A function that takes a callback last, or says otherwise by `util.promisify.custom`. */
export type Callee = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Calls `fn` with `args` and a callback after them, and waits for what the callback is called with.
 *
 * Killed or timed out (by a `timeout` scope) while it waits, it gives up: `fn` is not told, and its answer is
 * ignored. So what `fn` works on must not be closed before it has called back: a descriptor that is closed meanwhile
 * may be another file by then (`open` takes care of that). To give `fn` a deadline, a signal or a place in a
 * `select`, see {@link startCall}. A method needs its object: `call(server.close.bind(server))`, or
 * `call((callback) => server.close(callback))`.
 *
 * @param fn calls back once, with an error or a falsy value and then any number of values. What it does after
 * that (call back again, throw) is ignored.
 * @returns the value; an array of them if there are several; an object where Node names them, as
 * `util.promisify` makes it. A function's own `util.promisify.custom` is used if there is one.
 * @throws the callback's error, the same object; what `fn` throws, or rejects with, before it calls back.
 * {TypeError} `fn` is no function.
 * @example
 * const text = await call(readFile, 'notes.txt', 'utf8');
 */
export function call<A extends Argument[], P extends (...args: A) => PromiseLike<unknown>>(
  fn: Shaped<P> | Declared<P>,
  ...args: A
): Promise<Resolved<P, A>>;
export function call<A extends unknown[], V extends unknown[]>(
  fn: (...args: [...A, callback: Callback<V>]) => unknown,
  ...args: A
): Promise<Answer<V>>;
export function call(fn: unknown, ...args: unknown[]): Promise<unknown> {
  try {
    callable(fn, 'fn', 'call');
  } catch (error) {
    return Promise.reject(error);
  }
  return answerTo(fn as Callee, undefined, args);
}

/**
 * Calls `fn` as {@link call} does, at once, and does not wait: what it returns is a channel from which the answer
 * can be received, now or later, as often as one likes.
 *
 * If the answer is an error and nobody receives it, nobody hears of it.
 *
 * @throws {TypeError} `fn` is no function.
 * @example
 * await startCall(lookup, 'example.org').receive({ timeout: 500 });
 * await select({ found: startCall(lookup, 'example.org').receiving(), late: after(500).receiving() });
 */
export function startCall<A extends Argument[], P extends (...args: A) => PromiseLike<unknown>>(
  fn: Shaped<P> | Declared<P>,
  ...args: A
): Channel<Resolved<P, A>>;
export function startCall<A extends unknown[], V extends unknown[]>(
  fn: (...args: [...A, callback: Callback<V>]) => unknown,
  ...args: A
): Channel<Answer<V>>;
export function startCall(fn: unknown, ...args: unknown[]): Channel<unknown> {
  callable(fn, 'fn', 'startCall');
  return begin(fn as Callee, undefined, args, false);
}

/** @internal Calls `fn` on `self` and waits. With `mayPromise` a promise that it returns counts as its answer. */
export function answerTo(
  fn: Callee,
  self: unknown,
  args: readonly unknown[],
  mayPromise = false,
): Promise<unknown> {
  // Before anything is begun: what raises did not happen.
  return refused() ?? begin(fn, self, args, mayPromise).receive();
}

function begin(fn: Callee, self: unknown, args: readonly unknown[], mayPromise: boolean): Channel<unknown> {
  const answer = new Channel<unknown>();
  answer.label = `call of ${nameOf(fn)}`;
  const say = (value: unknown): void => answer.closeWith(value);
  const fail = (error: unknown): void => answer.failWith(error);
  try {
    const { [promisify.custom]: custom } = fn as Partial<Shaped<Callee>>;
    if (custom !== undefined) {
      Promise.resolve(custom.apply(self, [...args])).then(say, fail);
      return answer;
    }
    const result = fn.call(self, ...args, (error: unknown, ...values: unknown[]) => {
      // Falsy is no error, as everywhere in Node.
      if (error) fail(error);
      else say(shape(fn, values));
    });
    // An async function that takes a callback may fail before it calls back.
    if (result instanceof Promise) result.then(mayPromise ? say : undefined, fail);
  } catch (error) {
    fail(error);
  }
  return answer;
}

/** What the values of a callback come to. */
function shape(fn: Callee, values: readonly unknown[]): unknown {
  if (values.length < 2) return values[0];
  // Node names the values of a few of its functions (`dns.lookup`, `fs.read`) for its own promisify.
  const key = Object.getOwnPropertySymbols(fn).find(
    ({ description }) => description === 'customPromisifyArgs',
  );
  if (key === undefined) return values;
  const names = (fn as unknown as Record<symbol, readonly string[]>)[key] as readonly string[];
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

function nameOf({ name }: { readonly name: unknown }): string {
  if (typeof name !== 'string' || name === '' || name === 'bound ') return 'a function';
  return name.startsWith('bound ') ? name.slice('bound '.length) : name;
}
