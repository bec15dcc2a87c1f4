/**
 * What is asked of a worker: an export of a module, or a function that stands for itself, as text.
 */
import { show } from '../kernel/options.js';

/** Which function. */
export interface Target {
  /** The URL of its module; without one, `name` is its source. */
  readonly module: string | undefined;
  readonly name: string;
}

/** The functions among the exports of a module, as they can be submitted. */
export type Jobs<M> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: M[K];
};

const targets = new WeakMap<object, Target>();

/**
 * The exported functions of a module, to be submitted to workers, which import the module themselves.
 *
 * Nothing is loaded here, and what this gives cannot be called here.
 *
 * @param module where it is: an absolute URL, mostly `new URL('./jobs.js', import.meta.url)`.
 * @example
 * const jobs = jobsOf<typeof import('./jobs.js')>(new URL('./jobs.js', import.meta.url));
 * await pool.submit(jobs.hash, text).get();
 */
export function jobsOf<M extends object>(module: URL | string): Jobs<M> {
  const { href } = new URL(module);
  return new Proxy({} as Jobs<M>, {
    get(_, name) {
      // So that it can be returned from an async function.
      if (typeof name !== 'string' || name === 'then') return undefined;
      const job = (): never => {
        throw new TypeError(`'${name}' of ${href} is there for workers: submit it`);
      };
      Object.defineProperty(job, 'name', { value: name });
      targets.set(job, { module: href, name });
      return job;
    },
  });
}

/** What a worker is told of `fn`. */
export function targetOf(fn: unknown): Target {
  if (typeof fn !== 'function') throw new TypeError(`submit: fn must be a function, not ${show(fn)}`);
  const target = targets.get(fn);
  if (target !== undefined) return target;
  const name = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}$/.test(name)) {
    throw new TypeError(`submit: '${fn.name}' has no source that could be sent; put it into a module`);
  }
  return { module: undefined, name };
}
