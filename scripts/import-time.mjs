// `npm run import-time`: what it takes to import the built package, in fresh processes, beyond an empty module. It only
// tells: on a busy machine a clock is no test.

import { execFileSync } from 'node:child_process';

const times = 20;
const modules = {
  empty: 'data:text/javascript,',
  ours: new URL('../dist/index.js', import.meta.url).href,
};

/** Milliseconds by the clock on the wall, and of processor time, that a fresh process needs to import `module`. */
function once(module) {
  const program = `
    const usage = process.cpuUsage();
    const began = performance.now();
    await import('${module}');
    const wall = performance.now() - began;
    const { user, system } = process.cpuUsage(usage);
    console.log(JSON.stringify({ wall, processor: (user + system) / 1000 }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  return JSON.parse(output);
}

function median(values) {
  return values.toSorted((one, other) => one - other)[values.length >> 1];
}

// In turns: what slows the machine down slows both.
const pairs = Array.from({ length: times }, () => [once(modules.empty), once(modules.ours)]);
const of = (kind) => median(pairs.map(([empty, ours]) => ours[kind] - empty[kind])).toFixed(1);
console.log(
  `to import the package: ${of('wall')} ms, ${of('processor')} ms of processor time; ` +
    `Node ${process.version}, median of ${times}`,
);
