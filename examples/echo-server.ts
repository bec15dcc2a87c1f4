/**
 * Sends every line back, to any number of clients at a time; Evergreen's own first example.
 *
 *   npm run build && node scripts/ts.cjs examples/echo-server.ts [port]
 *
 * Try it with `nc 127.0.0.1 <port>`. At Ctrl-C nobody comes in any more, and who is there has a second to finish.
 */
import { run, spawn } from 'evergreen-tasklets';
import { signals, tcp, type Connection } from 'evergreen-tasklets/io';

async function echo(client: Connection): Promise<void> {
  console.log(`${client.name} has come`);
  for await (const line of client.lines({ maxBytes: 1024 })) await client.write(`${line}\n`);
  console.log(`${client.name} is gone`);
}

void run(async () => {
  const [, , port = '0'] = process.argv;
  await using listener = await tcp.listen({ port: Number(port) });
  console.log(`listening at ${listener.name}`);
  spawn(() =>
    listener.serve(echo, {
      concurrency: 1000,
      onError: (error, { name }) => console.log(`${name}: ${String(error)}`),
    }),
  );
  using quit = signals('SIGINT', 'SIGTERM');
  await quit.receive();
  await listener.close({ graceful: true, timeout: 1000 });
  console.log('over');
});
