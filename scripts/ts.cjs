// Runs one TypeScript program of this repository: node scripts/ts.cjs examples/crawler/main.ts [arguments]
//
// The tempting `node --require ts-node/register program.ts` cannot work here: in a package of
// type "module" Node gives the program it starts with to its ESM loader, which ts-node/register
// does not touch. Loaded from a CommonJS file, the program goes the way the specs go.
'use strict';

const path = require('node:path');

require('./register.cjs');

if (process.argv[2] === undefined)
  throw new TypeError('Say which program: node scripts/ts.cjs <file.ts> [arguments]');
const program = path.resolve(process.argv[2]);
process.argv.splice(1, 2, program);
require(program);
