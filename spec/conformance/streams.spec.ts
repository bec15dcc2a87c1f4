import { Duplex, PassThrough } from 'node:stream';
import { spawn } from '../../lib/index.js';
import { ByteStream, pipe, tcp, tls } from '../../lib/io/index.js';
import { cert, key } from '../support/certificate.js';
import { Folder } from '../support/folder.js';
import { streamConformance, type Pair } from './streams.js';

/** Both ends of a connection to `listener`. */
async function through(
  listener: { accept(): Promise<ByteStream>; close(): Promise<void> },
  connect: () => Promise<ByteStream>,
): Promise<Pair> {
  const accepted = spawn(() => listener.accept());
  const near = await connect();
  return { near, far: await accepted.join(), end: () => listener.close() };
}

streamConformance('two streams in memory', async () => {
  const [there, back] = [new PassThrough(), new PassThrough()];
  return {
    near: new ByteStream(Duplex.from({ readable: back, writable: there })),
    far: new ByteStream(Duplex.from({ readable: there, writable: back })),
    end: async () => {},
  };
});

streamConformance('TCP', async () => {
  const listener = await tcp.listen();
  return through(listener, () => tcp.connect(listener.address));
});

streamConformance('a Unix socket', async () => {
  const folder = new Folder();
  const path = folder.at('socket');
  const pair = await through(await pipe.listen({ path }), () => pipe.connect({ path }));
  return {
    ...pair,
    end: async () => {
      await pair.end();
      folder.remove();
    },
  };
});

streamConformance('TLS', async () => {
  const listener = await tls.listen({ key, cert });
  return through(listener, () => tls.connect({ ...listener.address, ca: cert }));
});
