/**
 * What runs in a worker: it does one job at a time.
 */
import { deserialize } from 'node:v8';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { Target } from './call.js';
import { packed, type Failure } from './failure.js';
import { library, type Method } from './library.js';
import { setJobSignal } from './signal.js';
import { moved } from './transfer.js';

/** The arguments of a job: in a port, from which they are taken without another copy, or as bytes. */
export type Parcel = { readonly port: MessagePort } | { readonly bytes: Uint8Array };

/** What comes of a job. */
export type Outcome = { readonly value: unknown } | { readonly failure: Failure };

type Job = (this: { signal: AbortSignal }, ...args: unknown[]) => unknown;

/** How the job that runs is told to stop, and when it has. */
let stop: (() => PromiseLike<void>) | undefined;
let listening = false;

async function work(this: Method, target: Target, parcel: Parcel): Promise<object> {
  const controller = new AbortController();
  listen(this);
  setJobSignal(controller.signal);
  const ended = run(target, argumentsIn(parcel), controller.signal);
  stop = async () => {
    controller.abort();
    await ended;
  };
  const outcome = await ended;
  stop = undefined;
  const transfer = 'value' in outcome ? moved([outcome.value]) : [];
  return transfer.length > 0 ? new library.Transfer(outcome, transfer) : outcome;
}

async function run(target: Target, args: unknown[], signal: AbortSignal): Promise<Outcome> {
  try {
    const job = await find(target);
    setJobSignal(signal);
    return { value: await job.apply({ signal }, args) };
  } catch (error) {
    return { failure: packed(error) };
  }
}

async function find({ module, name }: Target): Promise<Job> {
  if (module === undefined) {
    // Its own text, sent by the program that started this worker. Parentheses make an expression of it.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- this is what a self-contained function is
    const make = new Function(`return (${name});`) as () => Job;
    return make();
  }
  const exports = (await import(module)) as Record<string, unknown>;
  const job = exports[name];
  if (typeof job !== 'function') throw new TypeError(`${module} exports no function '${name}'`);
  return job as Job;
}

function argumentsIn(parcel: Parcel): unknown[] {
  if ('bytes' in parcel) return deserialize(parcel.bytes) as unknown[];
  const { message } = receiveMessageOnPort(parcel.port) as { message: unknown[] };
  parcel.port.close();
  return message;
}

/** The library forgets its listeners when it has told them. */
function listen({ worker }: Method): void {
  if (listening) return;
  listening = true;
  worker.addAbortListener(async () => {
    listening = false;
    await stop?.();
  });
}

library.worker({ work });
