import type { LookupAddress } from 'node:dns';

import { expect } from 'chai';

import {
  AddressRefusedError,
  checkLiteral,
  checkedLookup,
  refusedRange,
} from '../../../examples/crawler/address.js';

const PUBLIC = ['93.184.215.14', '1.1.1.1', '2606:4700::1111', '2a00:1450:4001::1'];

const REFUSED: [address: string, what: string][] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.169.254', 'link-local, where clouds keep their passwords'],
  ['100.64.0.1', 'shared by providers'],
  ['192.0.0.1', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['198.18.0.1', 'benchmarks'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::127.0.0.1', 'IPv4 in an old disguise'],
  ['::ffff:127.0.0.1', 'IPv4 in IPv6'],
  ['::ffff:7f00:1', 'IPv4 in IPv6, in hexadecimal'],
  ['::ffff:93.184.215.14', 'IPv4 in IPv6, even a public one'],
  ['64:ff9b::7f00:1', 'NAT64'],
  ['64:ff9b::5db8:d70e', 'NAT64'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['2002:7f00:1::', '6to4'],
  ['2001::1', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['fc00::1', 'unique local'],
  ['fd12:3456::1', 'unique local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['100::1', 'discarded'],
  ['not an address', 'none at all'],
];

describe('crawler · refusedRange', () => {
  for (const address of PUBLIC) {
    it(`lets ${address} pass`, () => {
      expect(refusedRange(address, 'public')).to.equal(undefined);
    });
  }

  for (const [address, what] of REFUSED) {
    it(`refuses ${address}: ${what}`, () => {
      expect(refusedRange(address, 'public')).to.be.a('string');
    });
  }

  it('lets loopback pass when asked to, and nothing else', () => {
    const passing = REFUSED.filter(([address]) => refusedRange(address, 'loopback') === undefined);
    expect(passing.map(([address]) => address)).to.deep.equal(['127.0.0.1', '127.255.255.254', '::1']);
  });

  it('lets private networks pass when asked to, and never link-local', () => {
    const passing = REFUSED.filter(([address]) => refusedRange(address, 'private') === undefined);
    expect(passing.map(([address]) => address)).to.deep.equal([
      ...['127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
      ...['::1', 'fc00::1', 'fd12:3456::1'],
    ]);
  });
});

describe('crawler · checkLiteral', () => {
  it('refuses a host that is a forbidden address, which no look-up would see', () => {
    for (const url of ['http://127.1/', 'http://0x7f000001/', 'http://2130706433/', 'http://[::1]/']) {
      expect(() => checkLiteral(new URL(url).hostname, 'public')).to.throw(AddressRefusedError, 'loopback');
    }
  });

  it('leaves names to the look-up', () => {
    expect(() => checkLiteral('localhost', 'public')).not.to.throw();
  });
});

describe('crawler · checkedLookup', () => {
  /** Looks a name up in a world where it has these addresses. */
  function lookup(addresses: string[], all: boolean): Promise<unknown> {
    const world = (_: string, __: object, callback: (e: null, a: LookupAddress[]) => void): void => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    return new Promise((resolve, reject) => {
      checkedLookup('public', world as never)('a.test', { all }, (error, address, family) => {
        if (error) reject(error);
        else resolve(all ? address : [address, family]);
      });
    });
  }

  async function refusal(addresses: string[]): Promise<unknown> {
    return await lookup(addresses, true).then(
      () => 'not refused',
      (error: unknown) => error,
    );
  }

  it('answers with the addresses that were checked', async () => {
    expect(await lookup(['1.1.1.1', '2606:4700::1111'], true)).to.deep.equal([
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    expect(await lookup(['1.1.1.1', '2606:4700::1111'], false)).to.deep.equal(['1.1.1.1', 4]);
  });

  it('refuses a name if one of its addresses is forbidden, wherever it stands', async () => {
    for (const addresses of [['127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['10.0.0.1', '1.1.1.1']]) {
      expect(await refusal(addresses)).to.be.instanceOf(AddressRefusedError);
    }
  });

  it('names the host, the address and the kind', async () => {
    expect(await refusal(['1.1.1.1', '169.254.169.254'])).to.have.property(
      'message',
      'a.test (169.254.169.254) is a linkLocal address',
    );
  });

  it('refuses a name without addresses', async () => {
    expect(await refusal([])).to.be.instanceOf(AddressRefusedError);
  });

  it('hands on that there is no such name', async () => {
    const failing = (_: string, __: object, callback: (error: Error) => void): void => {
      callback(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    };
    const error = await new Promise((resolve) => {
      checkedLookup('public', failing as never)('a.test', { all: true }, resolve);
    });
    expect(error).to.have.property('code', 'ENOTFOUND');
  });
});
