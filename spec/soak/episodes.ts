/**
 * What tasklets do with the world outside: sockets, files, workers, and each other. Each is short, begins anew, and
 * may be killed at any moment; so each clean-up is a step that does not wait.
 */
import { closeSync, open, read, rmSync, write } from 'node:fs';
import { createConnection, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { after, Channel, Queue, select, shield, sleep, spawn, TaskGroup, timeout } from 'evergreen-tasklets';
import { call, events, Inbox, tcp, type Connection, type Listener } from 'evergreen-tasklets/io';
import type { WorkerPool } from 'evergreen-tasklets/workers';

/** Numbers from 0 up to, and without, 1. */
export type Random = () => number;

function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** Bytes that cannot be mistaken for other ones. */
function letter(random: Random, length: number): Buffer {
  return Buffer.alloc(length, String(random()));
}

// Sockets -------------------------------------------------------------------------------------------------

/** What comes in through `socket`, which is paused while nobody takes it. */
function incoming(socket: Socket): Inbox<Buffer> {
  const inbox = new Inbox<Buffer>(socket);
  socket.on('data', (chunk: Buffer) => inbox.put(chunk));
  socket.on('error', (error) => inbox.end(error));
  socket.on('close', () => inbox.end());
  return inbox;
}

function send(socket: Socket, bytes: Buffer): Promise<unknown> {
  return call((back: (error?: Error | null) => void) => socket.write(bytes, back));
}

/** Gives back to `socket` what comes from it. */
export async function echo(socket: Socket): Promise<void> {
  try {
    for await (const chunk of incoming(socket)) await send(socket, chunk);
  } finally {
    socket.destroy();
  }
}

/** Serves whoever connects; `begun` is told of each tasklet that does. */
export async function serve(server: Server, begun: () => () => void): Promise<void> {
  using connections = events(server, 'connection');
  for await (const { args } of connections) {
    const socket = args[0] as Socket;
    spawn(async () => {
      const ended = begun();
      try {
        await echo(socket);
      } catch (error) {
        onlyBroken(error);
      } finally {
        ended();
      }
    });
  }
}

async function exactly(length: number, inbox: Inbox<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let left = length; left > 0;) {
    const part = await inbox.receive({ timeout: 30_000 });
    left -= part.length;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Sends letters and wants each of them back, byte for byte; with a bare socket. */
export async function bareCorrespondence(random: Random, port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  try {
    const inbox = incoming(socket);
    for (let letters = between(random, 1, 5); letters > 0; letters--) {
      const sent = letter(random, between(random, 1, 100_000));
      const [answer] = await Promise.all([exactly(sent.length, inbox), send(socket, sent)]);
      if (!answer.equals(sent)) throw new Error('another letter came back');
    }
  } finally {
    socket.destroy();
  }
}

/** Sends letters and wants each of them back, byte for byte. */
export async function correspondence(random: Random, port: number): Promise<void> {
  const connection = await tcp.connect({ host: '127.0.0.1', port, timeout: 30_000 });
  try {
    for (let letters = between(random, 1, 5); letters > 0; letters--) {
      const sent = letter(random, between(random, 1, 100_000));
      const [answer] = await Promise.all([
        connection.readExactly(sent.length, { timeout: 30_000 }),
        connection.write(sent),
      ]);
      if (!answer.equals(sent)) throw new Error('another letter came back');
    }
  } finally {
    connection.abort();
  }
}

/** Serves whoever connects, as {@link serve} does. */
export async function listen(listener: Listener, begun: () => () => void): Promise<void> {
  const handle = async (peer: Connection): Promise<void> => {
    const ended = begun();
    try {
      await peer.pipeTo(peer);
    } finally {
      ended();
    }
  };
  await listener.serve(handle, { onError: onlyBroken });
}

/** A connection may break: its other end is killed. Anything else is raised again. */
export function onlyBroken(error: unknown): void {
  const { code } = error as { code?: unknown };
  const codes = [
    'ECONNRESET',
    'EPIPE',
    'ERR_STREAM_DESTROYED',
    'ERR_CHANNEL_CLOSED',
    'ERR_INCOMPLETE_READ',
    'ERR_STREAM_CLOSED',
    'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  ];
  if (!codes.includes(String(code))) throw error;
}

// Files ---------------------------------------------------------------------------------------------------

/**
 * Writes a file and reads it again. What is begun with a descriptor is not to be stopped half-way: it would go on
 * behind our back, and after a close on whatever file has that number next. A kill comes between the steps.
 */
export async function diary(random: Random, folder: string, name: string): Promise<void> {
  const file = path.join(folder, name);
  const descriptor = await shield(() => call(open, file, 'wx+'));
  try {
    const written = letter(random, between(random, 1, 50_000));
    await shield(() => call(write, descriptor, written, 0, written.length, 0));
    const back = Buffer.alloc(written.length);
    for (let at = 0; at < back.length;) {
      const length = Math.min(8192, back.length - at);
      const { bytesRead } = await shield(() => call(read, descriptor, back, at, length, at));
      if (bytesRead === 0) throw new Error('the file is shorter than what was written');
      at += bytesRead;
    }
    if (!back.equals(written)) throw new Error('something else was read');
  } finally {
    closeSync(descriptor);
    rmSync(file);
  }
}

// Workers -------------------------------------------------------------------------------------------------

/** Has something calculated elsewhere. */
export async function errand(random: Random, pool: WorkerPool): Promise<void> {
  const count = between(random, 1, 1000);
  const bytes = new Uint8Array(count).fill(3);
  const future = pool.submit(
    async (given: Uint8Array, ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return given.reduce((total, each) => total + each, 0);
    },
    bytes,
    between(random, 0, 20),
  );
  try {
    const sum = await future.get({ timeout: 60_000 });
    if (sum !== 3 * count) throw new Error('the sum is wrong');
  } finally {
    future.cancel();
  }
}

// Each other ----------------------------------------------------------------------------------------------

/** A few tasklets that share work, and one that gives up on them at times. */
export async function party(random: Random): Promise<void> {
  const line = new Channel<number>();
  const results = new Queue<number>({ maxSize: 3 });
  const jobs = between(random, 1, 40);
  const patience = between(random, 0, 3) === 0 ? 3 : 60_000;
  await timeout(
    patience,
    () =>
      TaskGroup.run(async (group) => {
        for (let i = 0; i < 3; i++) {
          group.spawn(async () => {
            for await (const job of line) {
              if (random() < 0.1) await sleep(between(random, 0, 5));
              await results.put(2 * job);
            }
          });
        }
        group.spawn(async () => {
          for (let i = 0; i < jobs; i++) await line.send(i);
          line.close();
        });
        let sum = 0;
        for (let left = jobs; left > 0;) {
          const hit = await select({ result: results.getting(), late: after(1).receiving() });
          if (hit.case !== 'result') continue;
          sum += hit.value;
          left--;
        }
        if (sum !== jobs * (jobs - 1)) throw new Error('a result is lost');
      }),
    { fallback: undefined },
  );
}
