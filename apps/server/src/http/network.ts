import { BlockList, isIP, isIPv4 } from 'node:net';

/** What an address or a CIDR range is made of; an IPv4 address inside IPv6 (`::ffff:...`) is the IPv4 address. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** A CIDR range (RFC 4632 §3.1, RFC 4291 §2.3), also a single address, as `address/length`; undefined if it is none. */
export const parseNetwork = (text: string): string | undefined => {
  const [address = '', length, more] = text.trim().split('/');
  const version = isIP(plain(address));
  if (version === 0 || more !== undefined || address.includes('%')) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  return prefix > bits ? undefined : `${plain(address).toLowerCase()}/${prefix}`;
};

/** Is the address inside one of the ranges, each as `parseNetwork` has written it? */
export const inNetworks = (networks: readonly string[], address: string): boolean => {
  const [wanted = ''] = plain(address).split('%'); // a zone (RFC 4007 §11) is of this machine only
  if (isIP(wanted) === 0) return false;
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', length] = network.split('/');
    list.addSubnet(base, Number(length), isIPv4(base) ? 'ipv4' : 'ipv6');
  }
  return list.check(wanted, isIPv4(wanted) ? 'ipv4' : 'ipv6');
};
