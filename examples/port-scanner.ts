/**
 * Says at which ports of this machine somebody listens.
 *
 *   npm run build && node scripts/ts.cjs examples/port-scanner.ts [from [to]]
 *
 * So many are tried at a time; what is open is printed in order, as soon as that is known. Only this machine is asked:
 * to knock at the doors of others is not polite.
 */
import { run, TimeoutError } from 'evergreen-tasklets';
import { tcp } from 'evergreen-tasklets/io';
import { filter, map, pipeline } from 'evergreen-tasklets/pipeline';

function* ports(from: number, to: number): Generator<number> {
  for (let port = from; port <= to; port++) yield port;
}

async function isOpen(port: number): Promise<{ port: number; open: boolean }> {
  try {
    await using _ = await tcp.connect({ host: '127.0.0.1', port, timeout: 500 });
    return { port, open: true };
  } catch (error) {
    if (error instanceof TimeoutError || (error as NodeJS.ErrnoException).code === 'ECONNREFUSED') {
      return { port, open: false };
    }
    throw error;
  }
}

const [, , from = '1', to = from === '1' ? '65535' : from] = process.argv;

run(async () => {
  const count = await pipeline(
    ports(Number(from), Number(to)),
    map(isOpen, { concurrency: 100 }),
    filter(({ open }) => open),
    ({ port }) => console.log(`${port} is open`),
  );
  console.log(`${count} open`);
}).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
