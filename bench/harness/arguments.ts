// What both commands understand in the same way.

import { inspect } from 'node:util';

/** @throws {RangeError} `text` is not a whole number from 1. */
export function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`--${name} must be a whole number from 1, not ${text}`);
  }
  return value;
}

/** Says what was asked wrongly in one line, and everything about any other failure. */
export function complain(error: unknown): void {
  const misuse = error instanceof RangeError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`${misuse ? error.message : inspect(error)}\n`);
  process.exitCode = 1;
}
