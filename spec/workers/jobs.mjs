// What the workers of the specs are asked to do: a module of its own, since that is what a worker loads.
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import { jobSignal, transfer } from 'evergreen-tasklets/workers';

export function add(a, b) {
  return a + b;
}

export function whereAmI() {
  return { main: isMainThread, pid: process.pid };
}

/** Really blocks. */
export function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  return 'blocked';
}

export function spin() {
  for (;;);
}

let jobs = 0;

/** How many jobs this worker has when this one ends: whatever is on its way has arrived by then. */
export async function count() {
  jobs++;
  for (let i = 0; i < 5; i++) await turn();
  return jobs--;
}

export async function nap(ms) {
  await sleep(ms);
  return ms;
}

export function fail() {
  const error = new RangeError('job', { cause: 'why' });
  error.code = 'E_JOB';
  throw error;
}

class OddError extends Error {
  name = 'OddError';
}

export async function failOddly() {
  throw new OddError('odd');
}

export function throwText() {
  throw 'text';
}

export function exit(code) {
  process.exit(code);
}

export async function throwUncaught() {
  setTimeout(() => {
    throw new RangeError('uncaught');
  });
  await sleep(60_000);
}

export function killItself() {
  process.kill(process.pid, 'SIGKILL');
  return sleep(60_000);
}

export function giveFunction() {
  return () => 1;
}

export function sum(bytes) {
  return bytes.reduce((total, byte) => total + byte, 0);
}

export function bytes(count) {
  const made = new Uint8Array(count).fill(1);
  return transfer(made, [made.buffer]);
}

/** Ends when it is told to. */
export async function obedient() {
  const signal = jobSignal();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}

/** Needs ever more memory. */
export function hoard() {
  const all = [];
  for (;;) all.push(new Array(10_000).fill(all.length));
}

export function failWithFunction() {
  throw new RangeError('with a function', { cause: () => 1 });
}

export const notAFunction = 5;
