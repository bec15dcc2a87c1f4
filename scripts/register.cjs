// Teaches `require` TypeScript, for mocha and for scripts/ts.cjs.
//
// It is `ts-node/register` without two of its habits: it looks for tsconfig.json beside this
// repository and not in the directory a program was started from, and it says nothing of the
// deprecated constructor that ts-node uses while it registers (DEP0180), a warning about which
// the reader can do nothing.
'use strict';

const path = require('node:path');

const { noDeprecation } = process;
process.noDeprecation = true;
require('ts-node').register({ cwd: path.join(__dirname, '..') });
process.noDeprecation = noDeprecation;
