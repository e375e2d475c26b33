import { BlockList, isIP } from 'node:net';

/** The names that Fastify's trustProxy knows, too. */
const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/** Says of the other end of a connection whether it is one of the trusted proxies (addresses, CIDR ranges). */
export const trustedProxyList = (entries: readonly string[]): ((remoteAddress: string | undefined) => boolean) => {
  const list = new BlockList();
  for (const entry of entries.flatMap((each) => named[each] ?? [each])) {
    const [address = '', bits] = entry.split('/');
    const most = familyOf(address) === 'ipv6' ? 128 : 32;
    const prefix = bits === undefined ? most : Number(bits);
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > most || bits === '') {
      throw new Error(`The trusted proxy "${entry}" is neither an address nor a CIDR range, as 10.0.0.7 or 10.0.0.0/8.`);
    }
    list.addSubnet(address, prefix, familyOf(address));
  }
  const isListed = (remoteAddress: string): boolean => {
    // A socket for both families writes IPv4 so.
    const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(address) !== 0 && list.check(address, familyOf(address));
  };
  // One proxy asks again and again.
  let last = '';
  let lastIsListed = false;
  return (remoteAddress = '') => {
    if (remoteAddress !== last) {
      lastIsListed = isListed(remoteAddress);
      last = remoteAddress;
    }
    return lastIsListed;
  };
};
