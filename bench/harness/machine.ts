// Where the figures come from: without it they mean nothing.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** The machine, and the Node that the contenders run on. */
export interface Machine {
  readonly processor: string;
  readonly node: string;
  /** Whether V8 had its helper threads. */
  readonly threads: boolean;
  /** How many processes wanted to run just before; more than there are processors is a busy machine. */
  readonly load: number;
}

/** @throws what starting `node` raises. */
export function machine(node: string, threads: boolean): Machine {
  const [first, ...others] = cpus();
  return {
    processor: `${first?.model.trim() ?? 'unknown processor'} × ${others.length + 1}`,
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    threads,
    load: loadavg()[0] ?? 0,
  };
}

/** One line of text. */
export function inWords({ processor, node, threads, load }: Machine): string {
  return `${processor}, Node ${node}${threads ? ' with its helper threads' : ' on one thread'}, load ${load.toFixed(1)}`;
}
