import { expect, test } from 'vitest';
import { inNetworks, parseNetwork } from './network.ts';

test.each([
  ['192.0.2.0/24', '192.0.2.0/24'],
  ['192.0.2.7', '192.0.2.7/32'],
  [' 10.0.0.0/8 ', '10.0.0.0/8'],
  ['2001:DB8::/32', '2001:db8::/32'],
  ['::1', '::1/128'],
  ['::ffff:192.0.2.7', '192.0.2.7/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
])('%s is the range %s', (text, network) => expect(parseNetwork(text)).toBe(network));

test.each([
  '',
  'acme.com',
  '192.0.2.0/33',
  '192.0.2/24',
  '::/129',
  '10.0.0.0/8/8',
  '10.0.0.0/',
  'fe80::1%eth0',
  '1.2.3.4/-1',
  '010.0.0.1',
])('"%s" is no range', (text) => expect(parseNetwork(text)).toBeUndefined());

test.each([
  ['192.0.2.255', true],
  ['192.0.3.0', false],
  ['::ffff:192.0.2.1', true],
  ['2001:db8:ffff::1', true],
  ['2001:db9::1', false],
  ['nonsense', false],
])('%s is inside 192.0.2.0/24 or 2001:db8::/32: %s', (address, inside) => {
  expect(inNetworks(['192.0.2.0/24', '2001:db8::/32'], address)).toBe(inside);
});
