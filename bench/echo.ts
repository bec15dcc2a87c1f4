// What does it cost to answer line by line, and to pass bytes on? The clients are another process.
//
// The floors are servers somebody would write by hand over `net`. They know no back-pressure, no limits, no
// deadlines, and one of them gathers its answers.

import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { loading, under, type Load } from './harness/load.js';
import type { Library, Metric, Program, Question } from './harness/question.js';

const line = `${'x'.repeat(63)}\n`;
const megabyte = { text: 'x'.repeat(1024), times: 1024 };

/** Every line back as soon as it is there. */
function byHand(socket: Socket): void {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    rest += text;
    let from = 0;
    for (let to = rest.indexOf('\n'); to >= 0; to = rest.indexOf('\n', from)) {
      socket.write(`${rest.slice(from, to)}\n`, 'latin1');
      from = to + 1;
    }
    rest = rest.slice(from);
  });
  socket.on('end', () => socket.end());
}

/** All the lines of what has come back at once. */
function gathering(socket: Socket): void {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    rest += text;
    let answer = '';
    let from = 0;
    for (let to = rest.indexOf('\n'); to >= 0; to = rest.indexOf('\n', from)) {
      answer += `${rest.slice(from, to)}\n`;
      from = to + 1;
    }
    rest = rest.slice(from);
    socket.write(answer, 'latin1');
  });
  socket.on('end', () => socket.end());
}

/** With the language's own loop. */
async function iterating(socket: Socket): Promise<void> {
  let rest = '';
  socket.setEncoding('latin1');
  for await (const text of socket as AsyncIterable<string>) {
    rest += text;
    let from = 0;
    for (let to = rest.indexOf('\n'); to >= 0; to = rest.indexOf('\n', from)) {
      socket.write(`${rest.slice(from, to)}\n`, 'latin1');
      from = to + 1;
    }
    rest = rest.slice(from);
  }
}

type Handler = (stream: InstanceType<Awaited<ReturnType<Library['io']>>['ByteStream']>) => Promise<unknown>;

const loops: Record<string, Handler> = {
  async lines(stream) {
    for await (const text of stream.lines()) await stream.write(`${text}\n`);
    await stream.close();
  },
  async readUntil(stream) {
    try {
      for (;;) await stream.write(await stream.readUntil('\n'));
    } catch {
      await stream.close();
    }
  },
  async pipeTo(stream) {
    await stream.pipeTo(stream);
    await stream.close();
  },
};

/** A whole server of ours, with all that it gives: accepting, limits, a tasklet for each, an orderly end. */
function served(load: (size: number) => Load, times: number): (library: Library) => Program {
  return ({ io, run, spawn }) =>
    async (size, meter) => {
      const { tcp } = await io();
      return run(async () => {
        await using listener = await tcp.listen({ backlog: 1000 });
        spawn(() => listener.serve(loops['lines'] as Handler));
        return times * (await loading(load(size), meter, listener.address.port));
      });
    };
}

type Serving = (handle: (socket: Socket) => void) => Program;

/** What `connections` clients do, with `flight` lines on the way for each. */
function loadOf(connections: number, flight: number): (size: number) => Load {
  return (size) => ({ connections, burst: { text: line, times: flight }, bursts: size / flight });
}

function lines(load: (size: number) => Load, flight: number): Serving {
  return (handle) => (size, meter) => under(load(size), meter, handle).then((bursts) => bursts * flight);
}

const bulk: Serving = (handle) => (size, meter) =>
  under({ connections: 1, burst: megabyte, bursts: size }, meter, handle);

function ours(serving: Serving, name: string): (library: Library) => Program {
  const loop = loops[name] as Handler;
  return ({ io, run, spawn }) =>
    async (size, meter) => {
      const { ByteStream } = await io();
      const program = serving((socket) => void spawn(() => loop(new ByteStream(socket))));
      return run(() => program(size, meter));
    };
}

function asking(
  name: string,
  asks: string,
  connections: number,
  flight: number,
  metric: Metric = 'time',
): Question {
  const load = loadOf(connections, flight);
  const serving = lines(load, flight);
  const one = flight === 1;
  return {
    name,
    asks,
    unit: 'line',
    metric,
    size: one ? 80_000 : 640_000,
    tiny: connections * flight,
    warm: one ? 20_000 : 160_000,
    operations: (size) => size,
    answer: (size) => size,
    floors: one
      ? { 'net by hand': serving(byHand), 'for await': serving((socket) => void iterating(socket)) }
      : { 'gathered by hand': serving(gathering), 'a write a line': serving(byHand) },
    evergreen: (library) => ({
      lines: ours(serving, 'lines')(library),
      readUntil: ours(serving, 'readUntil')(library),
      'tcp.serve': served(load, flight)(library),
    }),
    onRequest: connections > 50,
  };
}

export const questions: readonly Question[] = [
  asking('echo', 'lines of 64 bytes sent back, 50 connections, one line on the way for each', 50, 1),
  asking('echo-16', 'the same with 16 lines on the way for each', 50, 16),
  asking('echo-late', 'how late a line comes back at the 99th percentile, 50 connections', 50, 1, 'lateness'),
  asking('echo-1000', 'lines of 64 bytes sent back, 1,000 connections', 1000, 1),
  {
    name: 'bulk',
    asks: 'megabytes sent back as they come, on one connection',
    unit: 'MB',
    metric: 'time',
    size: 400,
    tiny: 2,
    operations: (size) => size,
    answer: (size) => size,
    floors: {
      'stream.pipeline': bulk((socket) => void pipeline(socket, socket, () => {})),
    },
    evergreen: (library) => ({ pipeTo: ours(bulk, 'pipeTo')(library) }),
  },
];
