/**
 * A tasklet for each connection.
 *
 * - No more connections are taken than handlers may run.
 * - A connection is closed when its handler has come to its end, one way or the other.
 * - What a handler throws concerns its connection, and is told: it ends nobody else.
 */
import { line } from '../kernel/line.js';
import type { Channel } from '../kernel/channel.js';
import { TaskletExit } from '../kernel/errors.js';
import { callable, readOptions, show, whole } from '../kernel/options.js';
import { Semaphore } from '../sync/semaphore.js';
import { TaskGroup } from '../tasklet/group.js';
import { current } from '../tasklet/spawn.js';
import type { Tasklet } from '../tasklet/tasklet.js';
import type { ByteStream } from './stream.js';

/** What is done with a connection. It is closed afterwards. */
export type Handler<C> = (connection: C) => unknown;

export interface ServeOptions<C> {
  /** How many handlers run at a time, from 1; 10,000 by default. Further connections wait to be accepted. */
  concurrency?: number;
  /**
   * Told what a handler has thrown, when its connection is closed; by default the process emits a warning. What it
   * throws itself ends the serving.
   */
  onError?: (error: unknown, connection: C) => unknown;
}

/** Where connections come from. */
export interface Connections<C> {
  next(): Promise<IteratorResult<C, undefined>>;
}

export class Service<C extends ByteStream> {
  /** Is over when the serving is. */
  readonly over: Channel<void> = line('the end of the handlers');
  private readonly running: Map<Tasklet, C> = new Map();
  private readonly handler: Handler<C>;
  private readonly concurrency: number;
  private readonly onError: (error: unknown, connection: C) => unknown;
  private group: TaskGroup | undefined;

  constructor(handler: Handler<C>, options: ServeOptions<C> | undefined) {
    const names = ['concurrency', 'onError'] as const;
    const { concurrency = 10_000, onError = warn } = readOptions(options, names, 'serve');
    callable(handler, 'handler', 'serve');
    callable(onError, 'onError', 'serve');
    this.handler = handler;
    this.concurrency =
      concurrency === Infinity ? Number.MAX_SAFE_INTEGER : whole(concurrency, 1, 'concurrency', 'serve');
    this.onError = onError;
  }

  /** Whoever calls is one of its handlers. */
  get mine(): boolean {
    const me = current();
    return me !== undefined && this.running.has(me);
  }

  /** Handles all of `connections`; waits until there are no more and all handlers have ended. */
  async run(connections: Connections<C>): Promise<void> {
    try {
      await TaskGroup.run((group) => this.take(connections, group), { name: 'handlers' });
    } finally {
      this.over.closeWith(undefined);
    }
  }

  /** Kills all handlers and closes their connections; does not wait. */
  stop(): void {
    const connections = [...this.running.values()];
    this.group?.cancel();
    for (const connection of connections) connection.abort();
  }

  private async take(connections: Connections<C>, group: TaskGroup): Promise<void> {
    this.group = group;
    const slots = new Semaphore(this.concurrency);
    for (;;) {
      const slot = await slots.acquire();
      const { value: connection } = await connections.next();
      if (connection === undefined) return;
      const handle = async (): Promise<void> => {
        using _slot = slot;
        await this.handle(connection);
      };
      // What a tasklet is called.
      Object.defineProperty(handle, 'name', { value: connection.name });
      let tasklet: Tasklet;
      try {
        tasklet = group.spawn(handle);
      } catch {
        // All were killed after this one had been taken.
        connection.abort();
        return;
      }
      this.running.set(tasklet, connection);
      // Killed before its first turn, it closes nothing itself.
      tasklet.atEnd(() => {
        this.running.delete(tasklet);
        if (!connection.closed) connection.abort();
      });
    }
  }

  private async handle(connection: C): Promise<void> {
    try {
      try {
        await this.handler(connection);
      } catch (error) {
        await closeAfter(error, connection);
        throw error;
      }
      await connection.close();
    } catch (error) {
      if (error instanceof TaskletExit) throw error;
      await this.onError(error, connection);
    }
  }
}

/** Closes `connection`, whose handler has thrown `error`: what comes of that is not told, `error` is. */
async function closeAfter(error: unknown, connection: ByteStream): Promise<void> {
  try {
    await connection.close();
  } catch (other) {
    if (other instanceof TaskletExit && !(error instanceof TaskletExit)) throw other;
  }
}

function warn(error: unknown, connection: ByteStream): void {
  process.emitWarning(`the handler of ${connection.name} failed`, {
    type: 'HandlerWarning',
    code: 'ERR_HANDLER',
    detail: error instanceof Error ? (error.stack ?? error.message) : show(error),
  });
}
