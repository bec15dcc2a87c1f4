/**
 * Keeps programs running: each is a child process that is started again when it fails.
 *
 *   npm run build && node scripts/ts.cjs examples/supervisor.ts 'npm start' 'node worker.js'
 *
 * A command is a tasklet, and its process lives no longer than that one. So everything else is what tasklets do
 * anyway: `supervise` starts a command again that has failed, gives up when that happens too often, and kills the
 * others then; a signal kills them all, and each process has time to end by itself before it is killed.
 */
import { run, select, spawn, supervise, TaskGroup } from 'evergreen-tasklets';
import { signals, startProcess, type ByteStream } from 'evergreen-tasklets/io';

/** Runs `command` once, and tells what it says, each line with its number. */
async function attend(number: number, command: string): Promise<void> {
  await using child = await startProcess('sh', ['-c', command], { stdin: 'ignore', grace: 2000 });
  console.log(`[${number}] started`);
  const tell = async (stream: ByteStream): Promise<void> => {
    for await (const line of stream.lines()) console.log(`[${number}] ${line}`);
  };
  const { code, signal } = await TaskGroup.run(async (group) => {
    group.spawn(tell, child.stdout);
    group.spawn(tell, child.stderr);
    return child.wait();
  });
  console.log(`[${number}] ended ${signal === null ? `with status ${code}` : `by ${signal}`}`);
  if (code !== 0) throw new Error(`'${command}' failed too often`);
}

const commands = process.argv.slice(2);

run(async () => {
  using quit = signals('SIGINT', 'SIGTERM');
  const all = spawn(() =>
    supervise(
      commands.map((command, i) => () => attend(i + 1, command)),
      { intensity: 3, within: 10_000 },
    ),
  );
  const hit = await select({ done: all.joining(), quit: quit.receiving() });
  if (hit.case === 'done') return;
  console.log(`${hit.value}: ending ${commands.length} programs`);
  await all[Symbol.asyncDispose]();
}).catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
