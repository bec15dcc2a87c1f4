// `node scripts/bundle.mjs [folder]`: makes one module of everything behind the front door, in what the compiler has
// put into `dist`.
//
// To load a module costs half a millisecond, whatever is in it, and a command-line tool waits for that each time it
// starts. Everything else stays a module a file. Nothing is left out: what an application does not use, its own
// bundler drops.

import { readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { rollup } from 'rollup';

const dist = path.resolve(process.argv[2] ?? 'dist');

/** What the front door is made of. The doors of the rooms stay where they are. */
const core = /^(kernel|tasklet|time|sync|queue|pipeline)\/(?!index$)/;

/** `kernel/channel` for its file. */
function nameOf(file) {
  return path.relative(dist, file).replaceAll(path.sep, '/').replace(/\.js$/, '');
}

const files = readdirSync(dist, { recursive: true })
  .filter((file) => file.endsWith('.js'))
  .map((file) => path.join(dist, file));
const doors = files.filter((file) => !core.test(nameOf(file)));

const bundle = await rollup({
  input: Object.fromEntries(doors.map((file) => [nameOf(file), file])),
  external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id),
  treeshake: false,
  plugins: [
    {
      name: 'with the compiler’s maps',
      load: (file) => ({ code: readFileSync(file, 'utf8'), map: readFileSync(`${file}.map`, 'utf8') }),
    },
  ],
  onLog(level, log) {
    // The compiler's helper for `await using` asks whether there is one already.
    if (log.code === 'THIS_IS_UNDEFINED') return;
    throw new Error(`${level}: ${log.message}`);
  },
});
for (const file of files) for (const old of [file, `${file}.map`]) rmSync(old);
await bundle.write({
  dir: dist,
  chunkFileNames: '[name].js',
  manualChunks: (file) => (core.test(nameOf(file)) ? 'core' : nameOf(file)),
  hoistTransitiveImports: false,
  minifyInternalExports: false,
  sourcemap: true,
});
