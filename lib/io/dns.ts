/**
 * Names and addresses.
 *
 * The system's own look-up cannot be called back: who gives it up does not wait for it any more, and that is all.
 * A question to a name server can, and is.
 */
import * as dns from 'node:dns';
import { refused } from '../kernel/caller.js';
import type { Channel } from '../kernel/channel.js';
import { line } from '../kernel/line.js';
import { readOptions, show, type WaitOptions } from '../kernel/options.js';
import { text } from './dial.js';

/** An address, and of which family. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

export interface LookupOptions extends WaitOptions {
  /** 4 or 6: only addresses of this family; 0, the default: both. */
  family?: 0 | 4 | 6;
}

/** What a name server has on a name, by the kind of record. */
export interface Records {
  A: string;
  AAAA: string;
  CNAME: string;
  MX: dns.MxRecord;
  NS: string;
  PTR: string;
  SRV: dns.SrvRecord;
  TXT: string[];
}

export interface ResolveOptions extends WaitOptions {
  /** Addresses of the name servers to ask, with a port if it is not 53; by default those of the system. */
  servers?: readonly string[];
}

/**
 * The addresses of `hostname`, as programs of this system see them: from its hosts file, from name servers. Waits
 * until they are found.
 *
 * @param options `family`, `timeout` in milliseconds, `signal`.
 * @returns at least one, in the order in which to try them.
 * @throws Node's error, with its `code` (`ENOTFOUND`). {TimeoutError}. {TypeError} `hostname` is empty, or no text.
 */
export function lookup(hostname: string, options?: LookupOptions): Promise<HostAddress[]> {
  return asking(`lookup of ${show(hostname)}`, () => {
    const { family = 0, ...wait } = readOptions(options, ['family', 'timeout', 'signal'], 'lookup');
    // Of what is empty, or no text at all, Node says that it has no address, which is no error there.
    const name = text(hostname, 'hostname', 'lookup');
    return {
      wait,
      ask: (answer) => dns.lookup(name, { all: true, family }, answer),
    };
  });
}

/**
 * What name servers have on `name`; waits until one has answered. Given up, the question is called back.
 *
 * @param type the kind of record, `'A'` by default.
 * @param options `servers`, `timeout` in milliseconds, `signal`.
 * @throws Node's error, with its `code` (`ENOTFOUND`, `ENODATA`). {TimeoutError}. {TypeError} a wrong server.
 */
export function resolve(name: string): Promise<string[]>;
export function resolve<T extends keyof Records>(
  name: string,
  type: T,
  options?: ResolveOptions,
): Promise<Records[T][]>;
export function resolve(
  name: string,
  type: keyof Records = 'A',
  options?: ResolveOptions,
): Promise<unknown[]> {
  return asking(`${type} of ${show(name)}`, () => {
    const { resolver, wait } = prepare(options, 'resolve');
    return {
      wait,
      ask: (answer) => resolver.resolve(name, type, answer as (error: Error | null, found: unknown) => void),
      cancel: () => resolver.cancel(),
    };
  });
}

/**
 * The names of an address, as name servers have them; waits until one has answered.
 *
 * @param options as {@link resolve}.
 * @throws as {@link resolve}.
 */
export function reverse(address: string, options?: ResolveOptions): Promise<string[]> {
  return asking(`names of ${show(address)}`, () => {
    const { resolver, wait } = prepare(options, 'reverse');
    return { wait, ask: (answer) => resolver.reverse(address, answer), cancel: () => resolver.cancel() };
  });
}

interface Question<T> {
  readonly wait: WaitOptions;
  ask(answer: (error: Error | null, found: T) => void): void;
  /** Nobody wants the answer any more. */
  cancel?(): void;
}

async function asking<T>(title: string, prepared: () => Question<T>): Promise<T> {
  const question = prepared();
  const { wait } = question;
  // Before anything is asked: what raises did not happen.
  const refusing = refused(wait, () => title);
  if (refusing !== null) return refusing;
  const answer: Channel<T> = line(title);
  question.ask((error, found) => {
    if (error === null) answer.closeWith(found);
    else answer.failWith(error);
  });
  try {
    return await answer.receive(wait);
  } catch (error) {
    question.cancel?.();
    throw error;
  }
}

function prepare(
  options: ResolveOptions | undefined,
  where: string,
): { resolver: dns.Resolver; wait: WaitOptions } {
  const { servers, ...wait } = readOptions(options, ['servers', 'timeout', 'signal'], where);
  const resolver = new dns.Resolver();
  if (servers !== undefined) resolver.setServers([...servers]);
  return { resolver, wait };
}
