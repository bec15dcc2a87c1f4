// Does the library run where there is no Node?
//
// Bundles the entries that promise it for a browser, which fails on any import of Node's, and runs
// the bundle in a realm that has only what a browser gives: no process, no setImmediate, no require.
import path from 'node:path';
import vm from 'node:vm';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');

const program = `
  import { Channel, run, select, sleep, spawn } from 'evergreen-tasklets';
  import { main, run as runAll, tasklet } from 'evergreen-tasklets/stackless';
  globalThis.answer = (async () => {
    const line = new Channel();
    const done = new Channel();
    const sum = await run(async () => {
      spawn(() => line.sendAll([1, 2, 3]));
      spawn(async () => {
        await sleep(1);
        await done.send(10);
      });
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        sum += (await select({ line: line.receiving(), done: done.receiving() })).value;
      }
      return sum;
    });
    const order = [];
    await main(async () => {
      tasklet((name) => order.push(name))('hello');
      await runAll();
    });
    return sum + ' ' + order.join();
  })();
`;

const { outputFiles } = await build({
  stdin: { contents: program, resolveDir: root },
  absWorkingDir: root,
  bundle: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  write: false,
  logLevel: 'error',
});
const [bundle] = outputFiles;

const globals = {
  AbortController,
  AbortSignal,
  DOMException,
  MessageChannel,
  clearTimeout,
  performance,
  queueMicrotask,
  // A browser's timer is a number, which nobody can ref or unref.
  setTimeout: (task, wait) => Number(setTimeout(task, wait)),
};
const realm = vm.createContext(globals);
setTimeout(() => {
  throw new Error("in a browser's realm the program did not end");
}, 10_000);
vm.runInContext(bundle.text, realm, { filename: 'bundle.js' });
const answer = await realm.answer;
if (answer !== '16 hello') throw new Error(`in a browser's realm the program said ${String(answer)}`);
console.log(`no Node needed: ${(bundle.contents.length / 1024).toFixed(1)} kB bundled, and the program ran`);
// Node's message ports, unlike a browser's, would keep this process alive.
process.exit();
