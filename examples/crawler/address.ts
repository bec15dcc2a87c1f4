/**
 * Which addresses the crawler may connect to.
 *
 * A name on the public web may point anywhere: at this machine, at the router, at the address
 * where a cloud keeps its passwords. Always true: the address that was checked is the address
 * that is connected to, because the check happens in the very look-up that the socket uses; and
 * a name with one forbidden address is forbidden, or the second try would reach it.
 */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

import ipaddr from 'ipaddr.js';

/** How near an address may be. */
export type Reach = 'public' | 'loopback' | 'private';

/** Told to go where it may not. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  readonly code = 'ERR_ADDRESS_REFUSED';
}

/** Besides the public ones. Link-local is nowhere: nothing worth reading lives there. */
const ALSO: Readonly<Record<Reach, readonly string[]>> = {
  public: [],
  loopback: ['loopback'],
  private: ['loopback', 'private', 'uniqueLocal'],
};

/** All of IPv6 that is given out to the public; `::127.0.0.1` and its like are outside. */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * What kind of address this is if the crawler must keep away from it, else `undefined`.
 *
 * Only what is known to be public passes, so that a range nobody thought of is refused.
 */
export function refusedRange(address: string, reach: Reach): string | undefined {
  if (!ipaddr.isValid(address)) return 'unreadable';
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (ALSO[reach].includes(range)) return undefined;
  if (range !== 'unicast') return range;
  return parsed instanceof ipaddr.IPv6 && !parsed.match(PUBLIC_IPV6) ? 'reserved' : undefined;
}

/**
 * Checks a host that is written as an address, which no look-up will see.
 *
 * @param hostname as a URL has it, with brackets around IPv6.
 * @throws {AddressRefusedError}
 */
export function checkLiteral(hostname: string, reach: Reach): void {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0) check([{ address, family: isIP(address) }], hostname, reach);
}

/** A look-up for sockets that answers with addresses that were all checked. */
export function checkedLookup(reach: Reach, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback): void => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      try {
        const first = check(addresses, hostname, reach);
        if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      } catch (refusal) {
        callback(refusal as AddressRefusedError, []);
      }
    });
  };
}

function check(addresses: readonly LookupAddress[], host: string, reach: Reach): LookupAddress {
  for (const { address } of addresses) {
    const range = refusedRange(address, reach);
    if (range !== undefined) {
      const detail = address === host ? '' : ` (${address})`;
      throw new AddressRefusedError(`${host}${detail} is a ${range} address`);
    }
  }
  const [first] = addresses;
  if (first === undefined) throw new AddressRefusedError(`${host} has no address`);
  return first;
}
