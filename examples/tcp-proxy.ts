/**
 * Passes connections on to somewhere else, within limits.
 *
 *   npm run build && node scripts/ts.cjs examples/tcp-proxy.ts [--most 100] [--each 10] [--idle 60000] <port> [host:]<port>
 *
 * At most `most` connections are passed on at a time; the next ones wait, unread, until there is room. At most `each` of
 * one address: further ones are closed at once. A connection on which nothing moves for `idle` milliseconds is closed.
 * Whichever side is slow, the other one feels it; whichever ends first, the other one may go on.
 */
import { parseArgs } from 'node:util';
import { run, spawn, TaskGroup } from 'evergreen-tasklets';
import { signals, tcp, type Connection } from 'evergreen-tasklets/io';

interface Target {
  readonly host: string;
  readonly port: number;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      most: { type: 'string', default: '100' },
      each: { type: 'string', default: '10' },
      idle: { type: 'string', default: '60000' },
    },
  });
  const [port, to] = positionals;
  const [, host = '127.0.0.1', service] = /^(?:(.+):)?(\d+)$/.exec(to ?? '') ?? [];
  if (port === undefined || service === undefined) throw new TypeError('from which port, and where to?');
  const target: Target = { host, port: Number(service) };
  const idleTimeout = Number(values.idle);
  const perHost = new Map<string, number>();

  const pass = async (client: Connection): Promise<void> => {
    await using server = await tcp.connect({ ...target, idleTimeout, timeout: 5000 });
    await TaskGroup.run((group) => {
      group.spawn(() => client.pipeTo(server));
      group.spawn(() => server.pipeTo(client));
    });
  };

  const admit = async (client: Connection): Promise<void> => {
    const from = client.remote.host;
    const count = perHost.get(from) ?? 0;
    if (count >= Number(values.each)) {
      console.log(`${client.name}: too many of ${from}`);
      return;
    }
    perHost.set(from, count + 1);
    try {
      await pass(client);
    } finally {
      const left = (perHost.get(from) ?? 1) - 1;
      if (left > 0) perHost.set(from, left);
      else perHost.delete(from);
    }
  };

  await using listener = await tcp.listen({ port: Number(port), idleTimeout });
  console.log(`listening at ${listener.name}`);
  spawn(() =>
    listener.serve(admit, {
      concurrency: Number(values.most),
      onError: (error, { name }) => console.log(`${name}: ${String(error)}`),
    }),
  );
  using quit = signals('SIGINT', 'SIGTERM');
  await quit.receive();
  await listener.close({ graceful: true, timeout: 1000 });
}

run(main).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
