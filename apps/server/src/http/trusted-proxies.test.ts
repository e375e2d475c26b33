import { expect, test } from 'vitest';
import { trustedProxyList } from './trusted-proxies.ts';

test('addresses and ranges of both families are told apart from the rest', () => {
  const isTrusted = trustedProxyList(['192.0.2.7', '10.1.0.0/16', '2001:db8::/32', 'loopback']);
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '10.1.255.1', '2001:db8::1', '127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(isTrusted(address)).toBe(true);
  }
  for (const address of ['192.0.2.8', '10.2.0.1', '2001:db9::1', '', undefined, 'localhost', '::']) {
    expect(isTrusted(address)).toBe(false);
  }
});

test('without any, nobody is trusted', () => {
  expect(trustedProxyList([])('127.0.0.1')).toBe(false);
});

test.each(['proxy.acme.com', '10.0.0.0/33', '10.0.0.0/', '::1/129', '10.0.0.0/x', '/8', ''])('"%s" is refused', (entry) => {
  expect(() => trustedProxyList([entry])).toThrow(/neither an address nor a CIDR range/);
});
