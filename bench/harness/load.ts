// Clients in a process of their own, so that what a server costs can be told from what they cost.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Meter } from './question.js';

/** What the clients do: each sends bursts of bytes and waits until as many have come back. */
export interface Load {
  readonly connections: number;
  /** What a client sends at once. */
  readonly burst: { readonly text: string; readonly times: number };
  /** How many bursts all clients send together. */
  readonly bursts: number;
}

/** Runs in the other process, as it stands here: it says `ready`, waits for a line, and says what has come back. */
const clients = String.raw`
  const net = require('node:net');
  const [port, connections, text, times, bursts] = JSON.parse(process.argv[1]);
  const burst = Buffer.from(text.repeat(times));
  let waiting = connections, left = bursts, back = 0, wrong = 0, open = connections;
  const waits = [], shares = [];
  const clients = Array.from({ length: connections }, () => {
    const socket = net.connect(port, '127.0.0.1', () => { if (--waiting === 0) console.log('ready'); });
    socket.setNoDelay(true);
    let place = 0, share = 0, sent = 0;
    const send = () => { if (left-- > 0) { sent = performance.now(); socket.write(burst); } else socket.end(); };
    socket.on('data', (bytes) => {
      // What comes back must be what was sent, byte for byte.
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(bytes.length - at, burst.length - place);
        if (bytes.compare(burst, place, place + length, at, at + length) !== 0) wrong++;
        at += length;
        place += length;
        if (place === burst.length) {
          waits.push(performance.now() - sent);
          place = 0;
          share++;
          back++;
          send();
        }
      }
    });
    socket.on('close', () => {
      shares.push(share);
      if (--open > 0) return;
      waits.sort((one, other) => one - other);
      shares.sort((one, other) => one - other);
      const late = waits[Math.floor(waits.length * 0.99)] ?? 0;
      console.log(JSON.stringify({ back: wrong > 0 ? -wrong : back, late, least: shares[0], most: shares.at(-1) }));
      process.stdin.destroy();
    });
    return send;
  });
  process.stdin.once('data', () => { for (const send of clients) send(); });
`;

/** What the clients have seen. */
interface Seen {
  /** How many bursts came back whole. */
  readonly back: number;
  /** How long a burst took in milliseconds, at the 99th percentile. */
  readonly late: number;
  /** How many bursts the client had that was served least, and most. */
  readonly least: number;
  readonly most: number;
}

/** Lets clients load a server whose connections `handle` gets. @returns how many bursts came back whole. */
export async function under(load: Load, meter: Meter, handle: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, handle);
  server.listen(0, '127.0.0.1', load.connections);
  await once(server, 'listening');
  const back = await loading(load, meter, (server.address() as AddressInfo).port);
  server.close();
  await once(server, 'close');
  return back;
}

/** Lets clients load whoever listens at `port`. @returns how many bursts came back whole. */
export async function loading(load: Load, meter: Meter, port: number): Promise<number> {
  const { connections, burst, bursts } = load;
  const given = JSON.stringify([port, connections, burst.text, burst.times, bursts]);
  const child = spawn(process.execPath, ['-e', clients, given], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface(child.stdout)[Symbol.asyncIterator]();
  await said.next();
  meter.start();
  child.stdin.write('go\n');
  const answer = await said.next();
  meter.stop();
  const { back, late, least, most } = JSON.parse(String(answer.value)) as Seen;
  meter.late(late);
  // With so many rounds each has its turn, whoever serves them.
  const rounds = bursts / connections;
  if (rounds >= 100 && most > 2 * least) throw new Error(`served unlike: from ${least} to ${most} bursts`);
  return back;
}
