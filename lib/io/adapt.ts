/**
 * Functions with callbacks, once and for all made functions that wait.
 *
 * Source: Evergreen's patcher. It changes a module under everybody's feet; this one makes another object, and
 * who wants it says so.
 */
import { show } from '../kernel/options.js';
import { answerTo, type Callee } from './call.js';
import type { Adapted } from './signature.js';

type Every = (...args: never[]) => unknown;

/** A member of a module, as {@link adapt} shows it; `never` if that would make no sense. */
type Member<K, F> = F extends Every
  ? K extends `${string}Sync`
    ? F
    : F extends (...args: never[]) => PromiseLike<unknown>
      ? [Adapted<F>] extends [never]
        ? F
        : Adapted<F>
      : Adapted<F>
  : F;

/** What {@link adapt} makes of a module or an object. */
export type AdaptedModule<M> = {
  readonly [K in keyof M as [Member<K, M[K]>] extends [never] ? never : K]: Member<K, M[K]>;
};

/**
 * Makes `target`, a function that takes a callback last, one that waits for it: `adapt(fn)(...args)` is
 * `call(fn, ...args)`, and `this` is handed on.
 *
 * Made of a module or another object it is an object whose functions are adapted like that, with the object as
 * their `this`. What takes no callback there stays as it is: members that are no functions, classes (and all
 * that begins with a capital letter), names that end in `Sync`, async and generator functions; a promise that
 * another function returns is waited for. Whether a plain function takes a callback nobody can see: ask
 * `fs.watch` of `fs` itself, here it would wait for ever, and its type is not there.
 *
 * Members are looked up when they are used, so what is replaced in `target` is replaced here.
 *
 * @throws {TypeError} `target` is neither a function nor an object.
 * @example
 * const { readFile, stat } = adapt(fs);
 * const text = await readFile('notes.txt', 'utf8');
 */
export function adapt<F extends Every>(target: F): Adapted<F>;
export function adapt<M extends object>(target: M): AdaptedModule<M>;
export function adapt(target: object): unknown {
  if (typeof target === 'function') return waiting(target as Callee);
  if (typeof (target as unknown) !== 'object' || (target as unknown) === null) {
    throw new TypeError(`adapt: takes a function or an object, not ${show(target)}`);
  }
  const adapted = {};
  const made = new Map<Callee, unknown>();
  for (const [key, { enumerable, own }] of membersOf(target)) {
    const get = (): unknown => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      const fn = value as Callee;
      if (isClass(key, fn)) return fn;
      if (!made.has(fn)) made.set(fn, waits(key, fn) ? waiting(fn, target) : own ? fn : fn.bind(target));
      return made.get(fn);
    };
    Object.defineProperty(adapted, key, { get, enumerable });
  }
  return adapted;
}

/** `fn` as one that waits, called on `self` or else on what it is called on. */
function waiting(fn: Callee, self?: object): Callee {
  const adapted = function (this: unknown, ...args: unknown[]): unknown {
    return self === undefined ? answerTo(fn, this, args) : answerTo(fn, self, args, true);
  };
  return Object.defineProperty(adapted, 'name', { value: fn.name, configurable: true });
}

interface Place {
  readonly enumerable: boolean;
  /** Not inherited: a function that stands there may be called on its own. */
  readonly own: boolean;
}

/** All that can be asked of `target`, what is inherited included. Nothing is read: getters may do things. */
function membersOf(target: object): Map<string | symbol, Place> {
  const members = new Map<string | symbol, Place>();
  for (let at: object | null = target; at !== null && at !== Object.prototype;) {
    for (const key of Reflect.ownKeys(at)) {
      if (members.has(key) || (key === 'constructor' && at !== target)) continue;
      const { enumerable = false } = Object.getOwnPropertyDescriptor(at, key) ?? {};
      members.set(key, { enumerable, own: at === target });
    }
    at = Object.getPrototypeOf(at) as object | null;
  }
  return members;
}

function isClass(key: string | symbol, fn: Callee): boolean {
  return (
    (typeof key === 'string' && /^\p{Lu}/u.test(key)) ||
    // That of a class stands fast, that of a plain function can be replaced, and a method has none.
    Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable === false
  );
}

/** Whether `fn` may take a callback: async functions and generators say by their kind that they do not. */
function waits(key: string | symbol, fn: Callee): boolean {
  const plain = Object.prototype.toString.call(fn) === '[object Function]';
  return plain && !(typeof key === 'string' && key.endsWith('Sync'));
}
