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
  const clients = Array.from({ length: connections }, () => {
    const socket = net.connect(port, '127.0.0.1', () => { if (--waiting === 0) console.log('ready'); });
    socket.setNoDelay(true);
    let place = 0;
    const send = () => { if (left-- > 0) socket.write(burst); else socket.end(); };
    socket.on('data', (bytes) => {
      // What comes back must be what was sent, byte for byte.
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(bytes.length - at, burst.length - place);
        if (bytes.compare(burst, place, place + length, at, at + length) !== 0) wrong++;
        at += length;
        place += length;
        if (place === burst.length) { place = 0; back++; send(); }
      }
    });
    socket.on('close', () => { if (--open === 0) { console.log(wrong > 0 ? -wrong : back); process.stdin.destroy(); } });
    return send;
  });
  process.stdin.once('data', () => { for (const send of clients) send(); });
`;

/** Lets clients load a server whose connections `handle` gets. @returns how many bursts came back whole. */
export async function under(
  { connections, burst, bursts }: Load,
  meter: Meter,
  handle: (socket: Socket) => void,
): Promise<number> {
  const server = createServer({ noDelay: true }, handle);
  server.listen(0, '127.0.0.1', connections);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const given = JSON.stringify([port, connections, burst.text, burst.times, bursts]);
  const child = spawn(process.execPath, ['-e', clients, given], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = createInterface(child.stdout)[Symbol.asyncIterator]();
  await said.next();
  meter.start();
  child.stdin.write('go\n');
  const answer = await said.next();
  meter.stop();
  server.close();
  await once(server, 'close');
  return Number(answer.value);
}
