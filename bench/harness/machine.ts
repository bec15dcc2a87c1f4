// Where the figures come from: without it they mean nothing.

import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** The machine, and the Node that the contenders run on. */
export interface Machine {
  readonly processor: string;
  readonly node: string;
  /** How many processes wanted to run just before; more than there are processors is a busy machine. */
  readonly load: number;
}

/** @throws what starting `node` raises. */
export function machine(node: string): Machine {
  const [first, ...others] = cpus();
  return {
    processor: `${first?.model.trim() ?? 'unknown processor'} × ${others.length + 1}`,
    node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
    load: loadavg()[0] ?? 0,
  };
}

/** One line of text. */
export function inWords({ processor, node, load }: Machine): string {
  return `${processor}, Node ${node}, load ${load.toFixed(1)}`;
}
