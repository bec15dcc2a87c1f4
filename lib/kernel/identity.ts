/**
 * Who is calling? The only file that knows how a tasklet is told from the code around it.
 *
 * The answer must be right after any `await`, also after a foreign one, when somebody else has the turn.
 * - Node from 24, Bun, Deno: native async context, where `AsyncLocalStorage` costs an `await` nothing.
 * - Node 20 and 22: there it would make every `await` of the program 2.4 times as dear. Promise hooks give
 *   the same answers for 1.6 times, and only while a tasklet is alive.
 * - Elsewhere (a browser): whoever has the turn. That is wrong only after a foreign await.
 */
import type { Waiter } from './waiter.js';

interface Storage {
  getStore(): Waiter | undefined;
  enterWith(store: Waiter): void;
}
interface Hooks {
  createHook(hooks: {
    init(promise: Owned, parent: object | undefined): void;
    before(promise: Owned): void;
    after(): void;
  }): () => void;
}
interface Load {
  (this: void, name: 'node:async_hooks'): { AsyncLocalStorage: new () => Storage };
  (this: void, name: 'node:v8'): { promiseHooks: Hooks };
}
interface Process {
  versions?: { node?: string; bun?: string; deno?: string };
  getBuiltinModule?: Load;
}

const OWNER: unique symbol = Symbol('tasklet');
interface Owned {
  [OWNER]?: Waiter | undefined;
}

export interface Identity {
  /** The waiter of the tasklet whose code is running; `undefined` outside tasklets. */
  current(): Waiter | undefined;
  /** Runs `task`, and all that it will await, as `waiter`. Called in a microtask of its own. */
  run(waiter: Waiter, task: (waiter: Waiter) => void): void;
  /** A tasklet has come to life. */
  on(): void;
  /** A tasklet has ended. */
  off(): void;
}

function nothing(): void {
  // Native context costs nothing while nobody uses it.
}

/** Native async context. */
export function byContext(storage: Storage): Identity {
  return {
    current: () => storage.getStore(),
    run: (waiter, task) => {
      // Half the price of `run`, which would also restore what was before: the end of the microtask does.
      storage.enterWith(waiter);
      task(waiter);
    },
    on: nothing,
    off: nothing,
  };
}

/** Promise hooks: a promise remembers in whose code it was made, and so does what waits for it. */
export function byHooks(hooks: Hooks): Identity {
  let running: Waiter | undefined;
  let stop: (() => void) | undefined;
  let users = 0;
  const hook = {
    init(promise: Owned, parent: object | undefined): void {
      // Without a parent nothing ever runs in its name: it is no `await` and no reaction.
      if (parent !== undefined && running !== undefined) promise[OWNER] = running;
    },
    before(promise: Owned): void {
      running = promise[OWNER];
    },
    after(): void {
      running = undefined;
    },
  };
  return {
    current: () => running,
    run(waiter, task) {
      const outer = running;
      running = waiter;
      try {
        task(waiter);
      } finally {
        running = outer;
      }
    },
    on() {
      if (users++ === 0) stop = hooks.createHook(hook);
    },
    off() {
      if (--users > 0) return;
      stop?.();
      // The hook that would have cleared it is gone.
      running = undefined;
    },
  };
}

/** No help from the platform: whoever has the turn. */
export function byTurn(): Identity {
  let starting: Waiter | undefined;
  return {
    current: () => starting ?? holder(),
    run(waiter, task) {
      starting = waiter;
      try {
        task(waiter);
      } finally {
        starting = undefined;
      }
    },
    on: nothing,
    off: nothing,
  };
}

let holder: () => Waiter | undefined = () => undefined;

/** Where the platform does not tell who is calling, `ask` says who has the turn. */
export function trust(ask: () => Waiter | undefined): void {
  holder = ask;
}

function pick(): Identity {
  const { process } = globalThis as { process?: Process };
  const load = process?.getBuiltinModule;
  if (process === undefined || load === undefined) return byTurn();
  const { node = '0', bun, deno } = process.versions ?? {};
  if (Number.parseInt(node) >= 24 || bun !== undefined || deno !== undefined) {
    return byContext(new (load('node:async_hooks').AsyncLocalStorage)());
  }
  return byHooks(load('node:v8').promiseHooks);
}

export const identity: Identity = pick();
