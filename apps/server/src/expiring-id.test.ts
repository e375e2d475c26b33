import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { expiringIds } from './expiring-id.ts';
import { masterKey } from './keys/master-key.ts';

const clock = { at: 1_000_000 };
const { mac } = masterKey(randomBytes(32));
const ids = (purpose = 'nonce') => expiringIds({ purpose, seconds: 60, mac, now: () => clock.at });

test('an id is ours until its end, and says when that is', () => {
  const id = ids().create('org_1', 'dev_1');
  expect(ids().read(id, 'org_1', 'dev_1')).toBe(1_060_000);
  clock.at = 1_059_999;
  expect(ids().read(id, 'org_1', 'dev_1')).toBe(1_060_000);
  clock.at = 1_060_000;
  expect(ids().read(id, 'org_1', 'dev_1')).toBeUndefined();
  clock.at = 1_000_000;
});

test('an id is worth nothing to another holder, organization or purpose', () => {
  const id = ids().create('org_1', 'dev_1');
  expect(ids().read(id, 'org_1', 'dev_2')).toBeUndefined();
  expect(ids().read(id, 'org_2', 'dev_1')).toBeUndefined();
  expect(ids('saml-request').read(id, 'org_1', 'dev_1')).toBeUndefined();
});

test('an id that was changed in any character, cut or made longer is not ours', () => {
  const id = ids().create('org_1', 'dev_1');
  for (let at = 0; at < id.length; at++) {
    const other = id[at] === 'A' ? 'B' : 'A';
    expect(ids().read(id.slice(0, at) + other + id.slice(at + 1), 'org_1', 'dev_1')).toBeUndefined();
    expect(ids().read(id.slice(0, at), 'org_1', 'dev_1')).toBeUndefined();
  }
  expect(ids().read(`${id}A`, 'org_1', 'dev_1')).toBeUndefined();
});

test('no two ids are the same', () => {
  expect(new Set(Array.from({ length: 1000 }, () => ids().create('org_1', 'dev_1'))).size).toBe(1000);
});
