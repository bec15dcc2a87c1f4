// A line echo server of ours as a program of its own: says its port, and at the end of its standard input how many
// were refused.
import { run, spawn } from '../../lib/index.js';
import { tcp } from '../../lib/io/index.js';

void run(async () => {
  await using listener = await tcp.listen();
  spawn(() =>
    listener.serve(async (peer) => {
      for await (const line of peer.lines()) await peer.write(`${line}\n`);
    }),
  );
  console.log(listener.address.port);
  for await (const _ of process.stdin);
  await listener.close();
  console.log('over');
});
