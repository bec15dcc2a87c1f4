// The same questions in Go on one core, when somebody has built the program: `go build -C bench/go -o bench`, or
// `cd bench/go && go build -o bench` where Go is older.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Question } from './question.js';

const program = resolve('bench/go/bench');
const known = ['rendezvous', 'ping-pong', 'fan-in', 'select', 'yield', 'skynet', 'parked'];

/** The program, if it is there and has an answer. */
export function goProgram({ name }: Question): string | undefined {
  return known.includes(name) && existsSync(program) ? program : undefined;
}

/** What the program is told: it does the laps as `measure` does, and prints a reading. */
export function inGo({ name, tiny, warm, size, operations, answer }: Question): string {
  return JSON.stringify({
    Question: name,
    Tiny: tiny,
    Warm: warm ?? size / 5,
    Size: size,
    Operations: operations(size),
    Answer: answer(size),
  });
}
