import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { call } from '../../lib/io/index.js';

/** Calls `task` with the two ends of a TCP connection on loopback; afterwards nothing of it is left. */
export async function connected<R>(task: (ours: Socket, theirs: Socket) => Promise<R>): Promise<R> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  const sockets: Socket[] = [];
  try {
    await call((done) => server.listen(0, '127.0.0.1', () => done()));
    const { port } = server.address() as AddressInfo;
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const ours = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    sockets.push(ours);
    await call((done) => ours.once('connect', () => done()));
    const theirs = await accepted;
    sockets.push(theirs);
    return await task(ours, theirs);
  } finally {
    for (const socket of sockets) socket.destroy();
    await call((done) => server.close(() => done()));
  }
}
