import { Duplex, PassThrough } from 'node:stream';
import { spawn } from '../../lib/index.js';
import { ByteStream, tcp } from '../../lib/io/index.js';
import { streamConformance } from './streams.js';

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
  const accepted = spawn(() => listener.accept());
  const near = await tcp.connect(listener.address);
  return { near, far: await accepted.join(), end: () => listener.close() };
});
