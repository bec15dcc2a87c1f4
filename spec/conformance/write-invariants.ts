/**
 * Writes the page that says which test holds what: `npm run invariants`. With `--check` it fails when the page is not
 * what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { complaints, holders, page, PAGE } from './held.js';

const held = holders();
const wrong = complaints(held);
if (!process.argv.includes('--check')) writeFileSync(PAGE, page(held));
else if (readFileSync(PAGE, 'utf8') !== page(held)) {
  wrong.push('docs/invariants.md is not what the specs say: npm run invariants writes it');
}
for (const complaint of wrong) console.error(complaint);
if (wrong.length > 0) process.exitCode = 1;
